import {
  type ConfiguredDatabase,
  type KeepSpecification,
  type Period,
  type RetentionPolicy,
  type RetentionRule,
  tierAt,
} from '../model/index.ts'
import { mostKeptOf } from '../retention/index.ts'
import type { Schedule } from '../schedule/index.ts'
import type { Appliance } from './appliance.ts'
import { policiesIn, retentionCounts, scheduleOf } from './retention-policy.ts'
import { dueOf, nextOf, rhythm } from './simulate.ts'

const day = 86_400

/** Keep specifications have no end of their own; after so long somebody has looked at this again. */
const horizon = 400 * day
/** Two years of nights: a plan for so many takes a few ms. What reaches farther is summed up by rules. */
const mostImagined = 800

/**
 * How many backups of a database there will be when its policy has taken full effect, by its own
 * frequency; without what is pinned, and never less than one. Databases alike are reckoned once.
 */
export function keptInTheEnd(
  appliance: Pick<Appliance, 'configuration' | 'clock' | 'volume'>,
): (database: ConfiguredDatabase) => number {
  const { configuration, clock, volume } = appliance
  const { settings } = configuration
  const schedule = scheduleOf(configuration)
  const policyOf = policiesIn(appliance, volume.name)
  const cycles = cyclesFrom(schedule, clock.now())
  const tierOf = (time: Date) => tierAt(time, settings.backupStrategy, retentionCounts(settings))
  const rhythmOf = (database: ConfiguredDatabase) => rhythm(database, settings)
  const timesOf = reckonedOnce(rhythmOf, (database) => dueOf(cycles, rhythmOf(database), schedule))
  const likeness = (database: ConfiguredDatabase) => [policyOf(database), rhythmOf(database)]
  return reckonedOnce(likeness, (database) => {
    const policy = policyOf(database)
    const times = timesOf(database)
    const gap = gapOf(times)
    const reach = policy.rules.map((rule) => reachOf(rule, gap))
    const within = timesWithin(times, Math.max(policy.minBackups * gap, ...reach))
    const most = mostOf(policy, gap)
    return within === null ? most : Math.min(most, mostKeptOf({ times: within, policy, tierOf }))
  })
}

/** For databases that are alike, the same. */
function reckonedOnce<Value>(
  likeness: (database: ConfiguredDatabase) => unknown,
  reckon: (database: ConfiguredDatabase) => Value,
): (database: ConfiguredDatabase) => Value {
  const known = new Map<string, Value>()
  return (database) => {
    const key = JSON.stringify(likeness(database))
    const value = known.get(key) ?? reckon(database)
    known.set(key, value)
    return value
  }
}

function cyclesFrom(schedule: Schedule, now: Date): readonly Date[] {
  const cycles: Date[] = []
  for (let time = nextOf(schedule, now); time !== null && cycles.length < mostImagined; ) {
    cycles.push(time)
    time = nextOf(schedule, time)
  }
  return cycles
}

/** Seconds from one backup to the next, on average. */
function gapOf(times: readonly Date[]): number {
  const [first, last] = [times.at(0), times.at(-1)]
  if (first === undefined || last === undefined || first === last) return day
  return Math.max(1, (last.getTime() - first.getTime()) / 1_000 / (times.length - 1))
}

/** Those until the policy has taken full effect; null: that is farther than they go. */
function timesWithin(times: readonly Date[], reachSeconds: number): readonly Date[] | null {
  const first = times.at(0)
  if (first === undefined) return null
  const end = first.getTime() + reachSeconds * 1_000
  const beyond = times.findIndex((time) => time.getTime() >= end)
  return beyond === -1 ? null : times.slice(0, beyond + 1)
}

const secondsOf: { readonly [Of in Period]: number } = {
  hour: 3_600,
  day,
  week: 7 * day,
  month: 31 * day,
  year: 366 * day,
}

/** Seconds until a rule keeps as many as it ever will. */
function reachOf(rule: RetentionRule, gap: number): number {
  switch (rule.kind) {
    case 'newest':
      return rule.count * gap
    case 'tiers':
      return reachOfTiers(rule, gap)
    case 'calendar':
      return rule.count * Math.max(secondsOf[rule.period], gap)
    case 'within':
    case 'age':
      return rule.seconds + gap
    case 'grid':
      return horizon
  }
}

/** Days of another tier come between; a weekly backup is rarely of the last day of a month. */
function reachOfTiers(
  { daily, weekly, monthly }: Extract<RetentionRule, { readonly kind: 'tiers' }>,
  gap: number,
): number {
  const rarity = Math.max(1, Math.min(gap / day, 7))
  const ofDays = ((daily ?? 0) + 1) * Math.max(2 * day, gap)
  const ofWeeks = ((weekly ?? 0) + 1) * Math.max(8 * day, gap)
  return Math.max(ofDays, ofWeeks, (monthly ?? 0) * secondsOf.month * rarity)
}

/** More than all rules together never stay. */
function mostOf({ rules, minBackups }: RetentionPolicy, gap: number): number {
  return Math.max(minBackups, 1, sum(rules.map((rule) => mostBy(rule, gap))))
}

function mostBy(rule: RetentionRule, gap: number): number {
  switch (rule.kind) {
    case 'newest':
    case 'calendar':
      return rule.count
    case 'tiers':
      return sum([rule.daily ?? 0, rule.weekly ?? 0, rule.monthly ?? 0])
    case 'within':
    case 'age':
      return Math.ceil(rule.seconds / gap) + 1
    case 'grid':
      return onGrid(rule.specifications, gap)
  }
}

/** All that is younger than the first window, then one in each spacing. */
function onGrid(specifications: readonly KeepSpecification[], gap: number): number {
  const windows = specifications.toSorted((left, right) => left.window - right.window)
  const first = Math.min(windows[0]?.window ?? 0, horizon)
  const later = windows.map(({ window, spacing }, index) => {
    const end = Math.min(windows[index + 1]?.window ?? horizon, horizon)
    return Math.max(0, end - window) / Math.max(spacing, gap)
  })
  return Math.ceil(first / gap + sum(later)) + windows.length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
