import { frequencyOf, type Settings } from '../config/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  exitStatus,
  Refusal,
  type RetentionPolicy,
  tierAt,
} from '../model/index.ts'
import { type Decision, deletionTimes, simulateRetention } from '../retention/index.ts'
import { dueFrom, type Policy, type Schedule } from '../schedule/index.ts'
import type { Appliance } from './appliance.ts'
import { policiesIn, retentionCounts, scheduleOf } from './retention-policy.ts'

/** What there will be of some databases that have the same policy. */
export interface Forecast {
  readonly databases: readonly ConfiguredDatabase[]
  readonly policy: RetentionPolicy
  readonly from: Date
  readonly to: Date
  /** Backups that are taken until then. */
  readonly taken: number
  /** Those that are there then, newest first. */
  readonly decisions: readonly Decision[]
}

/** More than that take longer than anybody waits. */
const mostBackups = 20_000

/**
 * Imagines `seconds` of backups by the configured schedule, beginning now with none, each followed
 * by pruning. Reads no backup and changes nothing.
 * @throws {Refusal} exit status 2, when the schedule makes too many or too few in that time.
 */
export function forecast(
  { configuration, clock, volume }: Appliance,
  databases: readonly ConfiguredDatabase[],
  seconds: number,
): readonly Forecast[] {
  const { settings } = configuration
  const from = clock.now()
  const to = new Date(from.getTime() + seconds * 1_000)
  const schedule = scheduleOf(configuration)
  const cycles = timesOf(schedule, from, to)
  const rhythmOf = (database: ConfiguredDatabase): Policy | null => rhythm(database, settings)
  const policyOf = policiesIn({ configuration, clock }, volume.name)
  const groups = Map.groupBy(databases, (database) =>
    JSON.stringify([policyOf(database), rhythmOf(database)]),
  )
  const tierOf = (time: Date) => tierAt(time, settings.backupStrategy, retentionCounts(settings))
  return [...groups.values()].flatMap((members) => {
    const [first] = members
    if (first === undefined) return []
    const policy = policyOf(first)
    const times = dueOf(cycles, rhythmOf(first), schedule)
    const decisions = simulateRetention({ times, policy, tierOf })
    return [{ databases: members, policy, from, to, taken: times.length, decisions }]
  })
}

/** About as far as a person looks ahead: years of nights, or weeks of hours. */
const mostCycles = 1_000

/**
 * When each of the backups of one database will be pruned, by its path, as far as that can be told:
 * if all goes well from now on. Changes nothing.
 */
export function pruneDates(
  { configuration, clock, volume }: Appliance,
  database: ConfiguredDatabase,
  backups: readonly Backup[],
): ReadonlyMap<string, Date> {
  const { settings } = configuration
  const schedule = scheduleOf(configuration)
  const times = dueOf(
    firstTimes(schedule, clock.now(), mostCycles),
    rhythm(database, settings),
    schedule,
  )
  const policy = policiesIn({ configuration, clock }, volume.name)(database)
  const tierOf = (time: Date) => tierAt(time, settings.backupStrategy, retentionCounts(settings))
  return deletionTimes(backups, { times, policy, tierOf })
}

/** What makes a database skip cycles; null: it skips none. */
export function rhythm(database: ConfiguredDatabase, settings: Settings): Policy | null {
  const frequency = frequencyOf(database, settings)
  return frequency === null ? null : { frequency, weeklyDay: settings.weeklyDay }
}

function firstTimes(schedule: Schedule, from: Date, most: number): readonly Date[] {
  const times: Date[] = []
  for (let time = nextOf(schedule, from); time !== null && times.length < most; ) {
    times.push(time)
    time = nextOf(schedule, time)
  }
  return times
}

/** The cycles that do not skip a database. */
export function dueOf(
  cycles: readonly Date[],
  policy: Policy | null,
  schedule: Schedule,
): readonly Date[] {
  if (policy === null) return cycles
  let last: Date | null = null
  return cycles.filter((now) => {
    const from = dueFrom(policy, { last, now, schedule })
    const isDue = from !== null && from <= now
    if (isDue) last = now
    return isDue
  })
}

function timesOf(schedule: Schedule, from: Date, to: Date): readonly Date[] {
  const times: Date[] = []
  for (let time = nextOf(schedule, from); time !== null && time <= to; ) {
    times.push(time)
    if (times.length > mostBackups) throw tooMany()
    time = nextOf(schedule, time)
  }
  if (times.length > 0) return times
  throw new Refusal('The schedule makes no backup in that time.', {
    advice: 'Simulate a longer time, or look at the schedule with backup.sh -c.',
    exitStatus: exitStatus.usage,
  })
}

/** The cycle after a time; null: none comes. */
export function nextOf(schedule: Schedule, time: Date): Date | null {
  const byInterval =
    schedule.interval === null ? null : new Date(time.getTime() + schedule.interval * 1_000)
  const byClock = schedule.next(time)
  if (byInterval === null || byClock === null) return byInterval ?? byClock
  return byInterval < byClock ? byInterval : byClock
}

function tooMany(): Refusal {
  return new Refusal(`The schedule makes more than ${mostBackups} backups in that time.`, {
    advice: 'Simulate a shorter time.',
    exitStatus: exitStatus.usage,
  })
}
