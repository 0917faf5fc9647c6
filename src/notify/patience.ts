import { Refusal } from '../model/index.ts'
import { pauseUnless } from '../platform/index.ts'

/** What shortens the last wait. */
export interface Hurry {
  /** When this aborts, no more than `hurriedMs` milliseconds are left. */
  readonly ending: AbortSignal
  readonly hurriedMs: number
}

/** Waits until `work` has settled, or so many milliseconds. It must not reject. */
export async function settledWithin(
  ms: number,
  { ending, hurriedMs }: Hurry,
  work: Promise<void>,
): Promise<void> {
  const waiting = new AbortController()
  const pause = (length: number): Promise<void> =>
    pauseUnless(waiting.signal, length).catch((error: unknown) => {
      if (!waiting.signal.aborted) throw error
    })
  const hurried = Promise.withResolvers<void>()
  const hurry = (): void => void pause(hurriedMs).then(hurried.resolve, hurried.reject)
  ending.addEventListener('abort', hurry, { once: true })
  if (ending.aborted) hurry()
  await Promise.race([work, pause(ms), hurried.promise])
  ending.removeEventListener('abort', hurry)
  waiting.abort()
}

/** Why something was given up that might have succeeded. */
export function notInTime(): Refusal {
  return new Refusal('There was no answer before the end of the run.', {
    advice: 'Look whether that server can be reached from here.',
    mayPass: true,
  })
}

/** It was not even begun. */
export class NoTurn extends Refusal {}

/** @param answerMs how long the last one took; zero: none was sent */
export function noTurn(answerMs: number): NoTurn {
  return new NoTurn('The run ended before their turn came.', {
    reason: answerMs === 0 ? '' : `One takes ${(answerMs / 1000).toFixed(1)} s there.`,
    advice: 'NOTIFY_SUMMARY=true makes one notice of each run.',
    mayPass: true,
  })
}
