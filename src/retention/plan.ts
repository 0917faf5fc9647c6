import { type Backup, isInFuture } from '../model/index.ts'
import { type Known, protectionsOf } from './protections.ts'
import { type RetentionPolicy, type Scope, scopeOf } from './scope.ts'

export type { RetentionPolicy } from './scope.ts'

export interface RetentionQuestion {
  /** All backups of one database, in any order; those of others must not be among them (D-05). */
  readonly backups: readonly Backup[]
  readonly policy: RetentionPolicy
  readonly now: Date
  /** Paths that a restore or a verification reads right now. Default: none. */
  readonly protect?: ReadonlySet<string>
  /** Where none is known to be good: the path of the newest that can be read. Default: unknown. */
  readonly readable?: string | null
}

export interface Decision {
  readonly backup: Backup
  readonly keep: boolean
  /** At least one, in words for people: all that keeps it, or why it goes. */
  readonly reasons: readonly string[]
}

/**
 * A decision for every backup, newest first by the time it was taken, then by path; never by mtime
 * (D-14). Counts and scopes are those of contract 4.5. Beyond them the newest good and the newest
 * verified backup always stay, so a count of 0 never deletes what was just made (D-07).
 * A bad backup takes no slot; it goes once as many newer ones exist as the policy keeps. One that
 * is dated in the future (a clock was wrong) stays and takes no slot either, or it would displace
 * every new one until its day.
 */
export function planRetention({
  backups,
  policy,
  now,
  protect = new Set(),
  readable = null,
}: RetentionQuestion): readonly Decision[] {
  const sorted = backups.toSorted(newestFirst)
  const future = sorted.filter(({ takenAt }) => isInFuture(takenAt, now))
  const past = sorted.slice(future.length)
  return [...future.map(waiting), ...decide(past, policy, { inUse: protect, readable })]
}

function decide(
  sorted: readonly Backup[],
  policy: RetentionPolicy,
  known: Known,
): readonly Decision[] {
  const protections = protectionsOf(sorted, known)
  const newer = new Newer()
  return sorted.map((backup) => {
    const scope = scopeOf(backup, policy)
    const judgement = judge(backup, scope, newer)
    newer.add(backup, scope)
    const protectedBy = protections.get(backup) ?? []
    const keep = judgement.keep || protectedBy.length > 0
    const kept = judgement.keep ? [judgement.reason, ...protectedBy] : protectedBy
    return { backup, keep, reasons: keep ? kept : [judgement.reason] }
  })
}

function waiting(backup: Backup): Decision {
  return { backup, keep: true, reasons: ['dated in the future, not counted'] }
}

function newestFirst(left: Backup, right: Backup): number {
  const later = right.takenAt.getTime() - left.takenAt.getTime()
  if (later !== 0) return later
  return left.path < right.path ? 1 : -1
}

/** How many backups that are not bad have been passed on the way from new to old. */
class Newer {
  total = 0
  readonly #perScope = new Map<string, number>()

  within(scope: Scope): number {
    return this.#perScope.get(scope.name) ?? 0
  }

  add({ quality }: Backup, scope: Scope): void {
    if (quality === 'bad') return
    this.total += 1
    this.#perScope.set(scope.name, this.within(scope) + 1)
  }
}

interface Judgement {
  readonly keep: boolean
  readonly reason: string
}

function judge(backup: Backup, scope: Scope, newer: Newer): Judgement {
  if (scope.count === null) return { keep: true, reason: scope.name }
  const counted = { ...scope, count: scope.count }
  const judgement =
    backup.quality === 'bad' ? judgeBad(counted, newer) : judgeByCount(counted, newer)
  return { ...judgement, reason: `${scope.name}${judgement.reason}` }
}

interface CountedScope extends Scope {
  readonly count: number
}

function judgeByCount(scope: CountedScope, newer: Newer): Judgement {
  const { count } = scope
  const keep = newer.within(scope) < count
  if (count === 0) return { keep, reason: 'none is to be kept' }
  if (count === 1) return { keep, reason: keep ? 'the newest' : 'not the newest' }
  return { keep, reason: `${keep ? 'one of' : 'more than'} the newest ${count}` }
}

/** Even where none is to be kept, a bad one waits until there is anything better. */
function judgeBad(scope: CountedScope, newer: Newer): Judgement {
  const keep = newer.within(scope) < scope.count || newer.total === 0
  const enough = scope.count > 1 ? `${scope.count} newer ones exist` : 'a newer one exists'
  return { keep, reason: keep ? `bad, goes when ${enough}` : `bad, and ${enough}` }
}
