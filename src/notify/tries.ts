import { Refusal } from '../model/index.ts'
import { pauseUnless } from '../platform/index.ts'
import { DeliveryProblem } from './delivery-problem.ts'

const mostTries = 3
const growth = 4
/** Whatever a server asks for: the next run, or the service, tries again anyway. */
const longestPauseMs = 30_000

interface Patience {
  readonly signal: AbortSignal
  readonly firstPauseMs: number
  readonly mayWait?: (pauseMs: number) => boolean
}

/**
 * Tries up to three times, with growing pauses, while another try makes sense.
 * @param firstPauseMs before the second try; the next pause is four times as long
 * @param mayWait whether there is time for such a pause and another try. Default: always
 * @throws the last problem, also where `signal` ended the waiting: that is why it did not succeed.
 */
export async function tryOften(
  send: () => Promise<void>,
  { signal, firstPauseMs, mayWait = () => true }: Patience,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      signal.throwIfAborted()
      return await send()
    } catch (error) {
      const pauseMs = pauseAfter(error, firstPauseMs * growth ** (tries - 1))
      if (pauseMs === null || tries >= mostTries || signal.aborted) throw error
      if (!mayWait(pauseMs)) throw error
      if (await isOverWithin(pauseMs, signal)) throw error
    }
  }
}

/** null: another try makes no sense. */
function pauseAfter(error: unknown, ownMs: number): number | null {
  if (!(error instanceof Refusal) || !error.mayPass) return null
  const asked = error instanceof DeliveryProblem ? error.retryAfterMs : null
  return Math.min(Math.max(ownMs, asked ?? 0), longestPauseMs)
}

async function isOverWithin(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pauseUnless(signal, ms)
    return false
  } catch (error) {
    if (signal.aborted) return true
    throw error
  }
}
