import { setImmediate as others } from 'node:timers/promises'

const longestTurnMs = 10

/**
 * For long work made of short synchronous steps, which beats asynchronous ones by far when there
 * are thousands. Await the result between steps: every 10 ms it lets signals, timers and
 * everything else have their turn.
 */
export function takingTurns(): () => Promise<void> {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < longestTurnMs) return
    await others()
    began = performance.now()
  }
}
