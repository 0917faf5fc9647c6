import { exitStatus, Refusal } from '../model/index.ts'

/** How this process is told to end, or to read its configuration anew. */
export interface Signals {
  /** Aborts with a Refusal that has the exit status of the signal. */
  readonly end: AbortSignal
  /** Who handles SIGHUP from now on; until somebody does, it ends the process, too. */
  onHangUp(listener: () => void): void
}

/** The platform kills what has not ended 10 s after the signal (Docker), or 30 s (Kubernetes). */
const longestEndMs = 9_500

const endings = {
  SIGTERM: exitStatus.terminated,
  SIGINT: exitStatus.interrupted,
} as const

/** Senders that repeat themselves (timeout, npm, a terminal) do so within this time. */
const sameWordMs = 1_000

/**
 * Listens to the signals of this process. The first one that ends it lets it do so in order; a
 * second one, by somebody who has lost patience, at once. So does the end of 9.5 s, since an exit
 * is better than a kill.
 */
export function listenToSignals(onLate: (text: string) => void): Signals {
  const ended = new AbortController()
  let toldAt: number | null = null
  let hangUp: (() => void) | null = null
  const end = (name: string, status: 130 | 143): void => {
    if (toldAt !== null) {
      if (performance.now() - toldAt > sameWordMs) process.exit(status)
      return
    }
    toldAt = performance.now()
    const advice = 'Nothing half-done stays. Run it again when you are ready.'
    ended.abort(new Refusal(`Ended by ${name}.`, { advice, exitStatus: status }))
    setTimeout(() => {
      onLate(`Not all work could be ended within ${longestEndMs / 1000} s of ${name}.`)
      process.exit(status)
    }, longestEndMs).unref()
  }
  for (const [name, status] of Object.entries(endings)) process.on(name, () => end(name, status))
  const onSighup = (): void => {
    if (hangUp !== null) return hangUp()
    end('SIGHUP', exitStatus.terminated)
  }
  process.on('SIGHUP', onSighup)
  return {
    end: ended.signal,
    onHangUp(listener) {
      hangUp = listener
    },
  }
}
