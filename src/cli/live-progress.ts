import { type ConfiguredDatabase, isCopyTo, type RunEvent, workName } from '../model/index.ts'
import { type Progress, progressLine } from './progress-line.ts'
import type { Screen } from './screen.ts'

const endings: ReadonlySet<RunEvent['kind']> = new Set([
  'backup-succeeded',
  'backup-failed',
  'mirrored',
  'verification-ended',
  'restore-succeeded',
  'restore-failed',
])

/** Ten frames a second at most; one a second where nothing happens, so that time is seen to pass. */
const shortestFrameMs = 100
const longestFrameMs = 1_000
/** The rate is that of the last so many milliseconds. */
const windowMs = 5_000

interface Sample {
  readonly atMs: number
  readonly bytes: number
}

interface Running {
  readonly startedMs: number
  expectedBytes: number | null
  /** Oldest first; the first is older than the window, or the beginning. */
  samples: readonly [Sample, ...Sample[]]
}

/** A live line on a terminal for each dump and load that runs: bar, bytes, rate, and what is left. */
export class LiveProgress {
  readonly #screen: Screen
  /** By what a line begins with. */
  readonly #running = new Map<string, Running>()
  /** By the store. */
  readonly #counting = new Map<string, string>()
  #frame: NodeJS.Timeout | null = null
  #drawnMs = Number.NEGATIVE_INFINITY

  constructor(screen: Screen) {
    this.#screen = screen
  }

  follow(event: RunEvent): void {
    if (!this.#screen.showsLive) return
    if (event.kind === 'mirror-failed') this.#forgetCopies(event.store)
    if (event.kind === 'records-grew') this.#count(event)
    if ('database' in event && event.database !== null) this.#followWork(event, event.database)
  }

  #followWork(event: RunEvent, database: ConfiguredDatabase): void {
    const label = workName(database, event)
    const atMs = performance.now()
    if (event.kind.endsWith('-started')) {
      this.#running.set(label, runningSince(atMs))
    } else if ('expectedBytes' in event) {
      const { bytes, expectedBytes } = event
      const running = this.#running.get(label) ?? runningSince(atMs)
      running.expectedBytes = expectedBytes
      running.samples = withSample(running.samples, { atMs, bytes })
      this.#running.set(label, running)
    } else if (endings.has(event.kind)) {
      // What is said next must not stand above a line of what is over.
      if (this.#running.delete(label)) this.#draw()
      return
    } else {
      return
    }
    this.#drawSoon()
  }

  /** Copies go to a store one at a time, so it is clear which of them failed. */
  #forgetCopies(store: string): void {
    for (const label of this.#running.keys()) {
      if (isCopyTo(label, store)) this.#running.delete(label)
    }
    this.#draw()
  }

  #count({ store, done, total }: Extract<RunEvent, { readonly kind: 'records-grew' }>): void {
    if (done < total) {
      this.#counting.set(store, `Reading manifests in ${store}: ${done} of ${total}`)
      this.#drawSoon()
    } else if (this.#counting.delete(store)) {
      this.#draw()
    }
  }

  #drawSoon(): void {
    const wait = this.#drawnMs + shortestFrameMs - performance.now()
    if (wait <= 0) this.#draw()
    else this.#drawAfter(wait)
  }

  #draw(): void {
    this.#drawnMs = performance.now()
    const width = this.#screen.liveWidth
    const all = [...this.#running].map(([label, running]) =>
      progressLine(progressOf(label, running, this.#drawnMs), width),
    )
    this.#screen.live([...all, ...this.#counting.values()])
    if (all.length + this.#counting.size > 0) this.#drawAfter(longestFrameMs)
    else if (this.#frame !== null) clearTimeout(this.#frame)
  }

  #drawAfter(ms: number): void {
    if (this.#frame !== null) clearTimeout(this.#frame)
    this.#frame = setTimeout(() => this.#draw(), ms).unref()
  }
}

function runningSince(atMs: number): Running {
  return { startedMs: atMs, expectedBytes: null, samples: [{ atMs, bytes: 0 }] }
}

/** Without those that the window does not need any more; getting ready was no slow beginning. */
function withSample(samples: Running['samples'], sample: Sample): Running['samples'] {
  const [first, ...others] = samples
  if (samples.every(({ bytes }) => bytes === 0)) return [sample]
  const [second] = others
  if (second !== undefined && second.atMs <= sample.atMs - windowMs) {
    return withSample([second, ...others.slice(1)], sample)
  }
  return [first, ...others, sample]
}

function progressOf(
  spec: string,
  { startedMs, expectedBytes, samples }: Running,
  nowMs: number,
): Progress {
  const [first] = samples
  const last = samples.at(-1) ?? first
  const news = samples.find(({ bytes }) => bytes === last.bytes) ?? last
  return {
    spec,
    bytes: last.bytes,
    expectedBytes,
    rate: nowMs > first.atMs ? ((last.bytes - first.bytes) / (nowMs - first.atMs)) * 1000 : 0,
    age: (nowMs - startedMs) / 1000,
    silence: (nowMs - news.atMs) / 1000,
  }
}
