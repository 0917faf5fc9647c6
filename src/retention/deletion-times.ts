import type { Backup } from '../model/index.ts'
import { planRetention } from './plan.ts'
import { imagined, type Simulation } from './simulate.ts'

/** So many judgements take a fifth of a second, in which nobody else has a turn. */
const mostJudged = 40_000

/**
 * When each of these backups of one database, newest first, will be pruned, by its path, if every
 * later one is taken at its time, good, and followed by pruning. Those without an entry outlive all
 * `times`, or are among so many that looking further ahead would take too long.
 */
export function deletionTimes(
  backups: readonly Backup[],
  { times, policy, tierOf }: Simulation,
): ReadonlyMap<string, Date> {
  const waiting = new Set(backups.map(({ path }) => path))
  const deleted = new Map<string, Date>()
  let kept: readonly Backup[] = backups
  // Later ones are as large as the last: nothing falls, and so nothing is protected for that.
  const bytes = backups[0]?.bytes ?? 0
  let judged = 0
  for (const now of times) {
    judged += kept.length
    if (waiting.size === 0 || judged > mostJudged) break
    const next = [...kept, { ...imagined(now, tierOf(now)), bytes }]
    const { decisions } = planRetention({ backups: next, policy, now })
    for (const { backup, keep } of decisions) {
      if (!keep && waiting.delete(backup.path)) deleted.set(backup.path, now)
    }
    kept = decisions.filter(({ keep }) => keep).map(({ backup }) => backup)
  }
  return deleted
}
