import { type Acceptance, type Backup, isInFuture, type RetentionPolicy } from '../model/index.ts'
import { type Anomaly, findAnomalies } from './anomaly.ts'
import { protectionsOf } from './protections.ts'
import { type Judge, judgeOf, type Verdict } from './rules/index.ts'

export interface RetentionQuestion {
  /** All backups of one database in one store, in any order; no others (D-05). */
  readonly backups: readonly Backup[]
  /** Of that database in that store. */
  readonly policy: RetentionPolicy
  readonly now: Date
  /** Paths that a restore or a verification reads right now. Default: none. */
  readonly protect?: ReadonlySet<string>
  /** Mirrors that still lack a backup and should have it, by its path. Default: none. */
  readonly owed?: ReadonlyMap<string, readonly string[]>
  /** Where none is known to be good: the path of the newest that can be read. Default: unknown. */
  readonly readable?: string | null
  /** The fall of size or rows that a person has accepted. Default: none. */
  readonly accepted?: Acceptance | null
}

export interface Decision {
  readonly backup: Backup
  readonly keep: boolean
  /** At least one, in words for people: all that keeps it, or why it goes. */
  readonly reasons: readonly string[]
}

export interface RetentionPlan {
  /** One for every backup, newest first. */
  readonly decisions: readonly Decision[]
  /** What is remarkable about the newest backup, as long as nobody has accepted it. */
  readonly anomaly: Anomaly | null
}

/**
 * The plan for all backups of one database in one store, newest first by the time they were taken,
 * then by path; never by mtime (D-14). Rules are independent of each other: a backup stays if any
 * of them keeps it, and whatever they say if something protects it, so that a count of 0 never
 * deletes what was just made (D-07).
 *
 * A bad backup takes no slot of any rule; it goes when it would go if it were good. One that is
 * dated in the future (a clock was wrong) stays and takes no slot either, or it would displace
 * every new one until its day.
 */
export function planRetention(question: RetentionQuestion): RetentionPlan {
  const { policy, now, accepted = null } = question
  const sorted = question.backups.toSorted(newestFirst)
  const future = sorted.filter(({ takenAt }) => isInFuture(takenAt, now))
  const past = sorted.slice(future.length)
  const anomalies = findAnomalies(past, { threshold: policy.anomalyThreshold, accepted })
  const protections = protectionsOf(past, {
    policy,
    now,
    inUse: question.protect ?? new Set(),
    owed: question.owed ?? new Map(),
    readable: question.readable ?? null,
    anomalies,
  })
  const judges = policy.rules.map((rule) => judgeOf(rule, { past, now }))
  const decisions = past.map((backup) => decide(backup, judges, protections.get(backup) ?? []))
  return { decisions: [...future.map(waiting), ...decisions], anomaly: anomalies.at(-1) ?? null }
}

/** Files of no configured database: users keep other things beside backups. */
export function leaveAlone(foreign: readonly Backup[]): readonly Decision[] {
  const reasons = ['of no configured database, never touched']
  return foreign.map((backup) => ({ backup, keep: true, reasons }))
}

function decide(
  backup: Backup,
  judges: readonly Judge[],
  protectedBy: readonly string[],
): Decision {
  const verdicts = judges.map((judge) => judge(backup))
  const keeping = verdicts.filter(({ keep }) => keep)
  const isBad = backup.quality === 'bad'
  if (keeping.length === 0 && protectedBy.length === 0) {
    const reasons = reasonsOf(verdicts, isBad ? 'bad, and ' : '')
    return { backup, keep: false, reasons: reasons.length > 0 ? reasons : ['no rule keeps it'] }
  }
  const reasons = reasonsOf(keeping, isBad ? 'bad, would be ' : '')
  return { backup, keep: true, reasons: [...reasons, ...protectedBy] }
}

/** Two rules may have the same one. */
function reasonsOf(verdicts: readonly Verdict[], beginning: string): readonly string[] {
  return [...new Set(verdicts.map(({ reason }) => beginning + reason))]
}

function waiting(backup: Backup): Decision {
  return { backup, keep: true, reasons: ['dated in the future, not counted'] }
}

function newestFirst(left: Backup, right: Backup): number {
  const later = right.takenAt.getTime() - left.takenAt.getTime()
  if (later !== 0) return later
  return left.path < right.path ? 1 : -1
}
