import {
  type Backup,
  type ConfiguredDatabase,
  type DatabaseOutcome,
  type Frequency,
  identityOf,
  isInFuture,
  lastVerification,
  minuteText,
  type RunDocument,
  type Verdict,
} from '../model/index.ts'
import type { LockHolder } from '../platform/index.ts'
import { backupSchedule } from '../schedule/index.ts'
import type { Appliance } from './appliance.ts'
import { type Expectation, isLate, nextRun } from './expectation.ts'
import { isGoingOn } from './going-on.ts'
import { newestGood, takeInventory } from './inventory.ts'
import { fallText, lastingLoss } from './lasting-loss.ts'
import { type StoreLag, storeLags } from './mirrors/lag.ts'
import { whenDue } from './when-due.ts'

/**
 * `late` includes a good backup that is too old; `no-policy` is a database that is never due, by its
 * own frequency; the others say what became of the last try.
 */
export type State = (typeof states)[number]
export const states = [
  'good',
  'late',
  'running',
  'unfinished',
  'failed',
  'never',
  'no-policy',
] as const
/** In these nobody needs to look. */
const fine: ReadonlySet<State> = new Set(['good', 'running', 'no-policy'])

export interface DatabaseStatus {
  readonly database: ConfiguredDatabase
  readonly state: State
  /** Whether nobody needs to look. */
  readonly ok: boolean
  readonly lastGood: Backup | null
  readonly ageSeconds: number | null
  readonly verdict: Verdict | null
  /** When a verification came to that verdict; null also when it came to none. ISO 8601, UTC. */
  readonly verifiedAt: string | null
  readonly nextRun: Date | null
  /** null: the schedule decides. */
  readonly frequency: Frequency | null
  /** When a restore of any of its backups last came out good; ISO 8601, UTC. */
  readonly provenAt: string | null
  /** Newest first. */
  readonly backups: readonly Backup[]
  readonly storeLags: readonly StoreLag[]
  /** Tries that failed since the last one that did not, as far as runs are on record. */
  readonly failures: number
  /** Whether the newest backups have much less in them than an earlier one, and nobody accepted it. */
  readonly hasLoss: boolean
  /** What the last try said when it failed, or what there is against the newest backup. */
  readonly problem: string | null
}

/** How far back the last try of a database is looked for, in runs. */
const mostRuns = 200

/**
 * The state of every database, judged by its backups, its last run, and its frequency, or the
 * schedule where it has none.
 */
export async function readStatus(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
): Promise<readonly DatabaseStatus[]> {
  const { settings, schedule: lines } = appliance.configuration
  const now = appliance.clock.now()
  const schedule = backupSchedule(lines, settings.backupPeriod.seconds)
  const inventory = await takeInventory(appliance)
  // A run may begin or end between two looks; one that goes on holds the lock in one of them.
  const before = await appliance.volume.readLock()
  const recent = await appliance.catalog.recentRuns({ limit: mostRuns })
  const runs = recent.filter(({ startedAt }) => !isInFuture(new Date(startedAt), now))
  const holders = [before, await appliance.volume.readLock()]
  const statuses = databases.map(async (database): Promise<DatabaseStatus> => {
    const lastTry = lastTryOf(database, runs)
    const backups = inventory.of.get(database) ?? []
    const lastGood = newestGood(backups, now)
    const refuted = refutationOf(backups)
    const due = whenDue(appliance, { database, backups, schedule, now })
    const graceMs = settings.lateAfter.seconds * 1000
    const expectation = { due, schedule, graceMs }
    const state = stateOf({ lastTry, lastGood, holders }, expectation, now)
    const overdue = overdueText(state, lastGood, isOverdue(lastGood, expectation, now))
    const loss = await lossText(appliance, database, backups)
    const objection = refuted ?? overdue
    return {
      database,
      state,
      ok: fine.has(state) && objection === null && loss === null,
      lastGood,
      ageSeconds: ageOf(lastGood, now),
      ...verdictOf(lastGood),
      nextRun: nextRun(expectation, lastGood, now),
      frequency: due.policy?.frequency ?? null,
      provenAt: provenAt(backups),
      backups,
      storeLags: await storeLags(appliance, { database, backups }),
      failures: failuresOf(database, runs),
      hasLoss: loss !== null,
      problem: joined(objection ?? errorOf(state, lastTry), loss),
    }
  })
  return await Promise.all(statuses)
}

interface Try {
  readonly run: RunDocument
  readonly outcome: DatabaseOutcome
}

/** Newest first. */
function* triesOf({ spec }: ConfiguredDatabase, runs: readonly RunDocument[]): Generator<Try> {
  const identity = identityOf(spec)
  for (const run of runs) {
    if (run.verb !== 'back-up') continue
    const outcome = run.databases.find((candidate) => candidate.spec === identity)
    if (outcome !== undefined) yield { run, outcome }
  }
}

function lastTryOf(database: ConfiguredDatabase, runs: readonly RunDocument[]): Try | null {
  for (const found of triesOf(database, runs)) return found
  return null
}

function failuresOf(database: ConfiguredDatabase, runs: readonly RunDocument[]): number {
  let failures = 0
  for (const { outcome } of triesOf(database, runs)) {
    if (outcome.state === 'succeeded') break
    if (outcome.state === 'failed') failures += 1
  }
  return failures
}

interface Evidence {
  readonly lastTry: Try | null
  readonly lastGood: Backup | null
  readonly holders: readonly (LockHolder | null)[]
}

function stateOf(
  { lastTry, lastGood, holders }: Evidence,
  expectation: Expectation,
  now: Date,
): State {
  const outcome = lastTry?.outcome.state
  if (outcome === 'running') {
    return holders.some((holder) => isGoingOn(lastTry?.run, holder)) ? 'running' : 'unfinished'
  }
  if (expectation.due.policy?.frequency.kind === 'none') return 'no-policy'
  if (outcome === 'interrupted') return 'unfinished'
  if (outcome === 'failed') return 'failed'
  if (lastGood === null) return 'never'
  return isLate(lastGood, expectation, now) ? 'late' : 'good'
}

function isOverdue(lastGood: Backup | null, expectation: Expectation, now: Date): boolean {
  return lastGood !== null && isLate(lastGood, expectation, now)
}

/** A dump that crawls, and is begun anew when it was ended, must not look well for ever. */
function overdueText(state: State, lastGood: Backup | null, late: boolean): string | null {
  if (state !== 'running' || !late || lastGood === null) return null
  const at = minuteText(lastGood.takenAt)
  return `A backup is running, but the last good one, of ${at}, is too old.`
}

function verdictOf(lastGood: Backup | null): Pick<DatabaseStatus, 'verdict' | 'verifiedAt'> {
  const last = lastGood === null ? undefined : lastVerification(lastGood)
  const isJudged = last !== undefined && last.verdict !== 'could-not-verify'
  return { verdict: last?.verdict ?? null, verifiedAt: isJudged ? last.at : null }
}

function provenAt(backups: readonly Backup[]): string | null {
  const verifications = backups.flatMap(
    ({ manifest, appraisal }) => (manifest ?? appraisal)?.verifications ?? [],
  )
  const good = verifications.filter(({ verdict }) => verdict.startsWith('verified'))
  return (
    good
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ?? null
  )
}

/**
 * What a check or verification found against the newest backup, or that it is not as it was sealed:
 * an older good one is no comfort.
 */
function refutationOf([newest]: readonly Backup[]): string | null {
  if (newest?.quality !== 'bad') return null
  const known = newest.manifest ?? newest.appraisal
  const wasTried = known?.check?.ok === false || lastVerification(newest)?.verdict === 'failed'
  return wasTried || newest.manifest !== null
    ? `The newest backup is bad: ${newest.problem}.`
    : null
}

/** Until somebody restores the earlier one, or accepts what is there. */
async function lossText(
  appliance: Appliance,
  database: ConfiguredDatabase,
  backups: readonly Backup[],
): Promise<string | null> {
  const anomaly = await lastingLoss(appliance, database, backups)
  if (anomaly === null) return null
  const { before, shownBy, newest } = anomaly
  const fall = fallText(
    anomaly,
    shownBy === newest ? 'The newest backup' : shownBy.path,
    before.path,
  )
  const { written } = database.spec
  return `${fall}. If that is right, say so with --accept ${written}; if not, -r ${written} -f ${before.path} restores that one.`
}

function errorOf(state: State, last: Try | null): string | null {
  return state === 'failed' ? (last?.outcome.error?.message ?? null) : null
}

function joined(...texts: readonly (string | null)[]): string | null {
  const said = texts.filter((text) => text !== null)
  return said.length === 0 ? null : said.join(' ')
}

/** In seconds. */
function ageOf(backup: Backup | null, now: Date): number | null {
  if (backup === null) return null
  return Math.max(0, Math.round((now.getTime() - backup.takenAt.getTime()) / 1000))
}
