import { setTimeout as pause } from 'node:timers/promises'

/** Asks again and again until the answer is neither false, null nor undefined, and returns it. */
export async function waitUntil<Answer>(
  what: string,
  ask: () => Answer | Promise<Answer>,
  timeoutMs = 30_000,
): Promise<NonNullable<Exclude<Answer, false>>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as NonNullable<Exclude<Answer, false>>
    }
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`)
    await pause(10)
  }
}
