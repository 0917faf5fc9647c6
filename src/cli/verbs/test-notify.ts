import { exitStatus, noticeLevels, sentencesOf } from '../../model/index.ts'
import { type TestedNotice, testNotify } from '../../operations/index.ts'
import type { Screen } from '../screen.ts'
import type { Session } from '../session.ts'

/** Sends a notice of each level everywhere, and shows what each place answered. */
export async function notifyTest({ request, appliance, screen }: Session): Promise<number> {
  const results = await testNotify(appliance)
  if (request.json) {
    screen.document({
      results: results.map((result) => ({ ...result, ok: result.problem === null })),
    })
  } else {
    showResults(screen, results)
  }
  const isGood = results.every(({ problem }) => problem === null)
  return isGood ? exitStatus.good : exitStatus.failed
}

/** What goes wrong with all three levels of a channel for one reason is said once. */
function showResults(screen: Screen, results: readonly TestedNotice[]): void {
  const failures = Map.groupBy(
    results.filter(({ problem }) => problem !== null),
    ({ channel, problem }) => JSON.stringify([channel, problem]),
  )
  for (const result of results) if (result.problem === null) showDelivered(screen, result)
  for (const [first, ...others] of failures.values()) {
    if (first?.problem === null || first === undefined) continue
    const levels = [first, ...others].flatMap(({ level }) => level ?? []).join(', ')
    const { message, reason, advice } = first.problem
    const what = `${first.channel} ${levels}`.trim()
    screen.tell(`[!!ERROR!!] - ${what}: ${sentencesOf(message, reason, advice)}`, 'red')
  }
  if (results.some(({ level, problem }) => level !== null && problem === null)) {
    screen.say('Delivered means that the server has taken it: look whether it is shown there, too.')
  }
}

function showDelivered(screen: Screen, { channel, level, toldFrom }: TestedNotice): void {
  if (level === null || toldFrom === null) return screen.say(`${channel}: delivered.`, 'green')
  const isLess = noticeLevels.indexOf(level) < noticeLevels.indexOf(toldFrom)
  const note = isLess ? ` (a test only: it is told from ${toldFrom} on)` : ''
  screen.say(`${channel} ${level}: delivered${note}.`, 'green')
}
