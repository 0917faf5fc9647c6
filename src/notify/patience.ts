import { Refusal } from '../model/index.ts'
import { pauseUnless } from '../platform/index.ts'

/** Waits until all have settled, or so many milliseconds. None of them may reject. */
export async function settledWithin(ms: number, all: Iterable<Promise<void>>): Promise<void> {
  const waiting = new AbortController()
  const tooLong = pauseUnless(waiting.signal, ms).catch((error: unknown) => {
    if (!waiting.signal.aborted) throw error
  })
  await Promise.race([Promise.all(all), tooLong])
  waiting.abort()
  await tooLong
}

/** Why something was given up that might have succeeded. */
export function notInTime(): Refusal {
  return new Refusal('There was no answer before the end of the run.', {
    advice: 'Look whether that server can be reached from here.',
    mayPass: true,
  })
}
