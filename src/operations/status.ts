import {
  type Backup,
  type ConfiguredDatabase,
  type DatabaseOutcome,
  identityOf,
  isInFuture,
  lastVerification,
  type RunDocument,
  type Verdict,
} from '../model/index.ts'
import { type LockHolder, readLock } from '../platform/index.ts'
import { backupSchedule, type Schedule } from '../schedule/index.ts'
import type { Appliance } from './appliance.ts'
import { newestGood, takeInventory } from './inventory.ts'

/** `late` includes a good backup that is too old; the others say what became of the last try. */
export type State = 'good' | 'late' | 'running' | 'unfinished' | 'failed' | 'never'

export interface DatabaseStatus {
  readonly database: ConfiguredDatabase
  readonly state: State
  /** Whether nobody needs to look. */
  readonly ok: boolean
  readonly lastGood: Backup | null
  readonly ageSeconds: number | null
  readonly verdict: Verdict | null
  /** ISO 8601, UTC. */
  readonly verifiedAt: string | null
  readonly nextRun: Date | null
  /** What the last try said when it failed, or what was found against the newest backup. */
  readonly problem: string | null
}

/** A backup may begin and end so much later than it is due. */
const graceMs = 2 * 3_600_000
/** How far back the last try of a database is looked for, in runs. */
const mostRuns = 200

/** The state of every database, judged by its backups, its last run and the schedule. */
export async function readStatus(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
): Promise<readonly DatabaseStatus[]> {
  const { settings, schedule: lines } = appliance.configuration
  const now = appliance.clock.now()
  const schedule = backupSchedule(lines, settings.backupPeriod.seconds)
  const inventory = await takeInventory(appliance)
  // A run may begin or end between two looks; one that goes on holds the lock in one of them.
  const before = await readLock(appliance.catalog.folder)
  const recent = await appliance.catalog.recentRuns({ limit: mostRuns })
  const runs = recent.filter(({ startedAt }) => !isInFuture(new Date(startedAt), now))
  const holders = [before, await readLock(appliance.catalog.folder)]
  return databases.map((database) => {
    const lastTry = lastTryOf(database, runs)
    const backups = inventory.of.get(database) ?? []
    const lastGood = newestGood(backups, now)
    const refuted = refutationOf(backups)
    const state = stateOf({ lastTry, lastGood, holders }, schedule, now)
    return {
      database,
      state,
      ok: (state === 'good' || state === 'running') && refuted === null,
      lastGood,
      ageSeconds: lastGood === null ? null : secondsBetween(lastGood.takenAt, now),
      ...verdictOf(lastGood),
      nextRun: nextRun(schedule, lastGood, now),
      problem: refuted ?? (state === 'failed' ? (lastTry?.outcome.error?.message ?? null) : null),
    }
  })
}

interface Try {
  readonly run: RunDocument
  readonly outcome: DatabaseOutcome
}

function lastTryOf({ spec }: ConfiguredDatabase, runs: readonly RunDocument[]): Try | null {
  const identity = identityOf(spec)
  for (const run of runs) {
    if (run.verb !== 'back-up') continue
    const outcome = run.databases.find((candidate) => candidate.spec === identity)
    if (outcome !== undefined) return { run, outcome }
  }
  return null
}

interface Evidence {
  readonly lastTry: Try | null
  readonly lastGood: Backup | null
  readonly holders: readonly (LockHolder | null)[]
}

function stateOf({ lastTry, lastGood, holders }: Evidence, schedule: Schedule, now: Date): State {
  const outcome = lastTry?.outcome.state
  if (outcome === 'running') {
    return holders.some((holder) => isGoingOn(lastTry?.run, holder)) ? 'running' : 'unfinished'
  }
  if (outcome === 'interrupted') return 'unfinished'
  if (outcome === 'failed') return 'failed'
  if (lastGood === null) return 'never'
  return isLate(lastGood, schedule, now) ? 'late' : 'good'
}

/** Whoever holds the lock now took it before its own run began; an older run was killed. */
function isGoingOn(run: RunDocument | undefined, holder: LockHolder | null): boolean {
  if (run === undefined || run.endedAt !== null || holder === null) return false
  return holder.record === null || holder.record.since <= run.startedAt
}

/** Late: the last time at which a backup was due, and its grace, are over, and it did not come. */
function isLate({ takenAt }: Backup, schedule: Schedule, now: Date): boolean {
  if (schedule.interval !== null) {
    return now.getTime() - takenAt.getTime() > schedule.interval * 1000 + graceMs
  }
  const due = schedule.previous(new Date(now.getTime() - graceMs))
  return due !== null && takenAt < due
}

function nextRun(schedule: Schedule, lastGood: Backup | null, now: Date): Date | null {
  const next = schedule.next(now)
  if (next !== null || schedule.interval === null || lastGood === null) return next
  const due = new Date(lastGood.takenAt.getTime() + schedule.interval * 1000)
  return due > now ? due : null
}

function verdictOf(lastGood: Backup | null): Pick<DatabaseStatus, 'verdict' | 'verifiedAt'> {
  const last = lastGood === null ? undefined : lastVerification(lastGood)
  return { verdict: last?.verdict ?? null, verifiedAt: last?.at ?? null }
}

/** What a check or verification found against the newest backup: an older good one is no comfort. */
function refutationOf([newest]: readonly Backup[]): string | null {
  if (newest?.quality !== 'bad') return null
  const known = newest.manifest ?? newest.appraisal
  const wasTried = known?.check?.ok === false || lastVerification(newest)?.verdict === 'failed'
  return wasTried ? `The newest backup is bad: ${newest.problem}.` : null
}

function secondsBetween(earlier: Date, later: Date): number {
  return Math.max(0, Math.round((later.getTime() - earlier.getTime()) / 1000))
}
