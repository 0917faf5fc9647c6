import { exitStatus, Refusal } from '../model/index.ts'

/** A mistake in something that was configured or typed; nothing has been touched yet. */
export function mistake(message: string, advice: string): Refusal {
  return new Refusal(message, { advice, exitStatus: exitStatus.usage })
}

/** A mistake on the command line. */
export function mistyped(message: string, advice: string): Refusal {
  return new Refusal(message, { advice, exitStatus: exitStatus.usage, isTyped: true })
}

/** Gathers every mistake, so that nobody mends a configuration one restart at a time. */
export class Problems {
  readonly #found = new Set<string>()

  /** `where` is a variable, or `file:line`. */
  add(where: string, problem: string): void {
    this.#found.add(`${where}: ${problem}`)
  }

  /** What `read` returns, or null when it refuses; the refusal is gathered. */
  collect<Value>(where: string, read: () => Value): Value | null {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.add(where, `${error.message} ${error.advice}`)
      return null
    }
  }

  get hasAny(): boolean {
    return this.#found.size > 0
  }

  /** @throws Refusal with all of them, one a line in its reason; exit status 2. */
  refuseIfAny(): void {
    const found = [...this.#found]
    if (found.length === 0) return
    const count = found.length === 1 ? 'a mistake' : `${found.length} mistakes`
    throw new Refusal(`The configuration has ${count}.`, {
      reason: found.join('\n'),
      advice: 'Nothing was touched. Correct the above, and look at the result with "backup.sh -c".',
      exitStatus: exitStatus.usage,
    })
  }
}
