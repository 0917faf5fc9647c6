import type { Deletion, PrunePlan } from '../operations/index.ts'
import { minuteText, prettySize } from './format.ts'
import type { Screen } from './screen.ts'

type Decisions = PrunePlan['decisions']

/** Every backup with keep or delete and the reasons, and what would be freed. */
export function showPlans(screen: Screen, plans: readonly PrunePlan[]): void {
  for (const { database, decisions } of plans) {
    screen.say(`${database.spec.written}:`)
    if (decisions.length === 0) screen.say('  no backups')
    showDecisions(screen, decisions)
  }
  showFreed(
    screen,
    plans.flatMap(({ decisions }) => decisions),
  )
}

/** The same for what a filter finds. */
export function showMatches(screen: Screen, decisions: Decisions): void {
  if (decisions.length === 0) return showNoMatch(screen)
  showDecisions(screen, decisions)
  showFreed(screen, decisions)
}

export function showNoMatch(screen: Screen): void {
  screen.say('No backup matches the filter. backup.sh -l lists what there is.', 'yellow')
}

function showDecisions(screen: Screen, decisions: Decisions): void {
  for (const { backup, keep, reasons } of decisions) {
    const size = prettySize(backup.bytes).padStart(9)
    const at = minuteText(backup.takenAt)
    const row = `  ${keep ? 'keep  ' : 'delete'}  ${at}  ${size}  ${backup.path}`
    screen.say(`${row}  (${reasons.join('; ')})`, keep ? undefined : 'yellow')
  }
}

function showFreed(screen: Screen, decisions: Decisions): void {
  const doomed = decisions.filter(({ keep }) => !keep)
  const freed = doomed.reduce((sum, { backup }) => sum + backup.bytes, 0)
  screen.say(
    `Pruning would delete ${doomed.length} ${plural(doomed.length)} and free ${prettySize(freed)}. Nothing was deleted.`,
  )
}

/** How `-p` ends; the removals themselves were told as they happened. */
export function showPruned(screen: Screen, plans: readonly PrunePlan[]): void {
  const decisions = plans.flatMap((plan) => plan.decisions)
  const removed = decisions.filter(({ keep }) => !keep).length
  screen.say(`Pruning complete: ${removed} deleted, ${decisions.length - removed} kept.`, 'green')
}

export function showDeletion(screen: Screen, deletion: Deletion, path: string): void {
  const { outcome, reasons } = deletion
  if (outcome === 'deleted') screen.say(`removed '${path}'`)
  if (outcome === 'declined') screen.say(`left '${path}'`)
  if (outcome === 'protected') {
    screen.tell(`[WARN] - Not deleted: '${path}' is the ${reasons.join(' and the ')}.`, 'yellow')
  }
}

/** The shape of `-p --json` (design section 3). */
export function plansDocument(plans: readonly PrunePlan[]): unknown {
  return decisionsDocument(plans.flatMap(({ decisions }) => decisions))
}

export function decisionsDocument(decisions: Decisions): unknown {
  return {
    decisions: decisions.map(({ backup, keep, reasons }) => ({ path: backup.path, keep, reasons })),
  }
}

export function deletionsDocument(deletions: readonly Deletion[]): unknown {
  return {
    decisions: deletions.map(({ path, outcome, reasons }) => ({
      path,
      keep: outcome !== 'deleted',
      reasons,
    })),
  }
}

function plural(count: number): string {
  return count === 1 ? 'backup' : 'backups'
}
