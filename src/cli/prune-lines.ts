import type { Deletion, PrunePlan } from '../operations/index.ts'
import { minuteText, prettySize } from './format.ts'
import type { Screen } from './screen.ts'

type Decisions = PrunePlan['decisions']

/** Every backup with keep or delete and the reasons, and what would be freed. */
export function showPlans(screen: Screen, plans: readonly PrunePlan[]): void {
  for (const { database, decisions } of plans) {
    screen.say(database === null ? 'of no configured database:' : `${database.spec.written}:`)
    if (decisions.length === 0) screen.say('  no backups')
    else showDecisions(screen, decisions)
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

interface Row {
  readonly cells: readonly [verdict: string, taken: string, tier: string, size: string]
  readonly path: string
  readonly reasons: string
}

const head: Row = {
  cells: ['', 'taken', 'tier', 'size'],
  path: 'path',
  reasons: 'reasons',
}

function showDecisions(screen: Screen, decisions: Decisions): void {
  const longest = Math.max(...decisions.map(({ backup }) => backup.path.length))
  screen.say(lineOf(head, longest), 'dim')
  for (const { backup, keep, reasons } of decisions) {
    const { path, name, takenAt, bytes } = backup
    const row: Row = {
      cells: [keep ? 'keep' : 'delete', minuteText(takenAt), name.tier ?? '-', prettySize(bytes)],
      path,
      reasons: reasons.join('; '),
    }
    screen.say(lineOf(row, longest), keep ? undefined : 'yellow')
  }
}

function lineOf(
  { cells: [verdict, taken, tier, size], path, reasons }: Row,
  longest: number,
): string {
  const cells = [verdict.padEnd(6), taken.padEnd(16), tier.padEnd(7), size.padStart(7)]
  return `  ${[...cells, path.padEnd(longest), reasons].join('  ')}`
}

function showFreed(screen: Screen, decisions: Decisions): void {
  const doomed = decisions.filter(({ keep }) => !keep)
  screen.say(
    `Pruning would delete ${doomed.length} ${plural(doomed.length)} and free ${prettySize(freedBy(decisions))}. Nothing was deleted.`,
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
    screen.tell(
      `[WARN] - Not deleted: '${path}' is ${reasons.map(withArticle).join(' and ')}.`,
      'yellow',
    )
  }
}

/** The shape of `-p --json` (design section 3). */
export function plansDocument(plans: readonly PrunePlan[]): unknown {
  const all = plans.flatMap(({ database, decisions }) =>
    decisions.map((decision) => ({ spec: database?.spec.written ?? null, ...entryOf(decision) })),
  )
  return { decisions: all, freedBytes: freedBy(plans.flatMap(({ decisions }) => decisions)) }
}

export function decisionsDocument(decisions: Decisions): unknown {
  return { decisions: decisions.map(entryOf), freedBytes: freedBy(decisions) }
}

function entryOf({ backup, keep, reasons }: Decisions[number]): object {
  const { path, takenAt, name, bytes } = backup
  return { path, takenAt: takenAt.toISOString(), tier: name.tier, bytes, keep, reasons }
}

function freedBy(decisions: Decisions): number {
  const doomed = decisions.filter(({ keep }) => !keep)
  return doomed.reduce((sum, { backup }) => sum + backup.bytes, 0)
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

function withArticle(reason: string): string {
  return /^(?:newest|last) /u.test(reason) ? `the ${reason}` : reason
}

function plural(count: number): string {
  return count === 1 ? 'backup' : 'backups'
}
