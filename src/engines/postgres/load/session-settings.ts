import type { Lane } from './lane.ts'
import { linesIn } from './lanes.ts'

/** What a dump has set for its session so far: every connection that loads needs it. */
export class SessionSettings {
  readonly #all = new Map<string, string>()
  /** Those that only the first lane has: the others get them when there is work for them. */
  readonly #new = new Map<string, string>()

  learn(statement: Buffer): void {
    const words = statement.toString('utf8')
    const name = words.split('=')[0] ?? words
    this.#all.set(name, words)
    this.#new.set(name, words)
  }

  /** SQL for a session that has none of them. */
  get sql(): string {
    return textOf(this.#all)
  }

  /** To be called when the first lane has run what came before: a setting may need it. */
  bring(lanes: readonly Lane[]): void {
    if (this.#new.size === 0) return
    const settings = Buffer.from(textOf(this.#new))
    this.#new.clear()
    for (const lane of lanes) {
      lane.mark(null)
      lane.write(settings, linesIn(settings))
    }
  }
}

function textOf(settings: ReadonlyMap<string, string>): string {
  return [...settings.values(), ''].join('\n')
}
