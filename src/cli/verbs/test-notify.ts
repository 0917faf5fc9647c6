import { exitStatus, sentencesOf } from '../../model/index.ts'
import { testNotify } from '../../operations/index.ts'
import type { Session } from '../session.ts'

/** Sends a notice of each level everywhere, and shows what each place answered. */
export async function notifyTest({ request, appliance, screen }: Session): Promise<number> {
  const results = await testNotify(appliance)
  if (request.json) {
    screen.document({
      results: results.map((result) => ({ ...result, ok: result.problem === null })),
    })
  } else {
    for (const { channel, level, problem } of results) {
      const what = level === null ? channel : `${channel} ${level}`
      if (problem === null) screen.say(`${what}: delivered.`, 'green')
      else {
        const { message, reason, advice } = problem
        screen.tell(`[!!ERROR!!] - ${what}: ${sentencesOf(message, reason, advice)}`, 'red')
      }
    }
  }
  const isGood = results.every(({ problem }) => problem === null)
  return isGood ? exitStatus.good : exitStatus.failed
}
