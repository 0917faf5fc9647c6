import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../model/index.ts'

/** A clock that can also be waited for. Passed in, so that tests need not wait for a year. */
export interface Alarm extends Clock {
  /**
   * Settles when the clock shows `instant` or later, or has been set back meanwhile: then it is for
   * the caller to say anew what to wait for. Rejects with the reason of `signal`.
   */
  waitUntil(instant: Date, signal: AbortSignal): Promise<void>
}

/** Timers do not know that the clock was set, or that the machine slept; so they look again. */
const longestPauseMs = 10_000
/** A clock that is kept right goes back by less than this. */
const adjustmentMs = 1_000

export const systemAlarm: Alarm = {
  now: () => new Date(),
  async waitUntil(instant, signal) {
    for (let before = Date.now(); ; ) {
      signal.throwIfAborted()
      const now = Date.now()
      const left = instant.getTime() - now
      if (left <= 0 || now < before - adjustmentMs) return
      before = now
      await pauseUnless(signal, Math.min(left, longestPauseMs))
    }
  },
}

/** Waits so many milliseconds. Rejects with the reason of `signal`, not with one of the timer. */
export async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await pause(ms, undefined, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
