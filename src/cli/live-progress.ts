import type { ConfiguredDatabase, RunEvent } from '../model/index.ts'
import { ageText, prettySize } from './format.ts'
import type { Screen } from './screen.ts'

interface Progress {
  readonly startedMs: number
  readonly bytes: number
  readonly expectedBytes: number | null
}

const endings: ReadonlySet<RunEvent['kind']> = new Set([
  'backup-succeeded',
  'backup-failed',
  'verification-ended',
  'restore-succeeded',
  'restore-failed',
])

/** One live line on a terminal for all dumps and loads that run: bytes, rate, and what is left. */
export class LiveProgress {
  readonly #screen: Screen
  readonly #running = new Map<ConfiguredDatabase, Progress>()

  constructor(screen: Screen) {
    this.#screen = screen
  }

  follow(event: RunEvent): void {
    if (!this.#screen.showsLive) return
    if (!('database' in event) || event.database === null) return
    const { database } = event
    if (event.kind.endsWith('-started')) {
      const startedMs = performance.now()
      this.#running.set(database, { startedMs, bytes: 0, expectedBytes: null })
    } else if ('expectedBytes' in event) {
      const { startedMs = performance.now() } = this.#running.get(database) ?? {}
      const { bytes, expectedBytes } = event
      this.#running.set(database, { startedMs, bytes, expectedBytes })
    } else if (endings.has(event.kind)) {
      this.#running.delete(database)
    }
    this.#screen.live([...this.#running].map(progressText).join(' | '))
  }
}

/** Of less than this part of it nothing can be told of the time that the whole takes. */
const leastPart = 0.01

function progressText([{ spec }, progress]: [ConfiguredDatabase, Progress]): string {
  const { startedMs, bytes, expectedBytes } = progress
  if (bytes === 0) return `${spec.written}: getting ready ...`
  const seconds = (performance.now() - startedMs) / 1000
  const rate = seconds > 0 ? bytes / seconds : 0
  const left =
    expectedBytes === null || bytes < expectedBytes * leastPart
      ? null
      : (expectedBytes - bytes) / rate
  return [
    `${spec.written}: ${prettySize(bytes)}`,
    expectedBytes === null ? '' : ` of about ${prettySize(expectedBytes)}`,
    `, ${prettySize(rate)}/s`,
    left === null || left <= 0 ? '' : `, about ${ageText(left)} left`,
  ].join('')
}
