import { minuteText, prettySize } from '../model/index.ts'
import type { PrunePlan } from '../operations/index.ts'
import { type Line, line } from './line.ts'
import type { PrunePreview } from './state.ts'

/** What pruning would delete first, then what stays, each with its reasons. */
export function pruneText({ plans }: PrunePreview): readonly Line[] {
  if (plans === null) return [line('Reading the backups ...', 'dim')]
  const decisions = plans.flatMap((plan) => plan.decisions)
  const doomed = decisions.filter(({ keep }) => !keep)
  const freed = doomed.reduce((sum, { backup }) => sum + backup.bytes, 0)
  const summary = `Pruning would delete ${doomed.length} of ${decisions.length} backups and free ${prettySize(freed)}.`
  return [
    line(summary, doomed.length === 0 ? 'good' : 'warn'),
    line(doomed.length === 0 ? '' : 'Enter asks, and then deletes them.'),
    ...plans.flatMap(planLines),
  ]
}

function planLines({ database, decisions }: PrunePlan): readonly Line[] {
  const sorted = decisions.toSorted((one, other) => Number(one.keep) - Number(other.keep))
  return [
    line(database === null ? 'Of no configured database' : database.spec.written, 'strong'),
    ...(decisions.length === 0 ? [line('  no backups', 'dim')] : []),
    ...sorted.map(({ backup, keep, reasons }) => {
      const size = prettySize(backup.bytes).padStart(7)
      const text = `  ${keep ? 'keep  ' : 'delete'}  ${minuteText(backup.takenAt)}  ${size}  ${reasons.join('; ')}`
      return line(text, keep ? 'plain' : 'warn')
    }),
    line(),
  ]
}
