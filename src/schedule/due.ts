import { type Frequency, type Weekday, weekdays } from '../model/index.ts'
import type { Schedule } from './schedule.ts'

/** A frequency, with the day of the week on which weekly ones are due. */
export interface Policy {
  readonly frequency: Frequency
  readonly weeklyDay: Weekday
}

const anHourMs = 3_600_000

/** When the last one was, what time it is, and when there are cycles. */
export interface Rhythm {
  /**
   * When the last good backup of a scheduled cycle began; null: there is none. Backups that somebody
   * took by hand do not move the rhythm of those that are due after so many hours.
   */
  readonly last: Date | null
  readonly now: Date
  readonly schedule: Pick<Schedule, 'previous' | 'interval'>
}

/**
 * So much earlier than a whole period after the last one counts as on time: a clock that is set, a
 * day of 23 hours, or a last run that began late must not make a nightly backup wait a day longer.
 */
const tolerance = 1 / 8

/**
 * From when on a scheduled cycle takes the next backup; null: never. What is due by this may be
 * long over: then it is due now.
 */
export function dueFrom({ frequency, weeklyDay }: Policy, rhythm: Rhythm): Date | null {
  const { last, now } = rhythm
  if (frequency.kind === 'none') return null
  if (frequency.kind === 'every') {
    return last === null ? now : dueAfter(last, frequency.hours * anHourMs, rhythm)
  }
  // One that has never been must not wait for a day on which perhaps no cycle comes.
  if (last === null) return now
  const today = startOfDay(now)
  const sinceDay = (7 + now.getDay() - weekdays.indexOf(weeklyDay)) % 7
  const ownDay = addDays(today, -sinceDay)
  // One that missed its day is made up for.
  return last < ownDay ? ownDay : addDays(ownDay, 7)
}

/**
 * The last cycle within the period takes it: any later one would be too late, and with the tolerance
 * alone a daily backup in hourly cycles would be taken eight times a week. It may come earlier by the
 * tolerance, as a part of the time between two cycles.
 */
function dueAfter(last: Date, periodMs: number, { schedule }: Rhythm): Date {
  const start = last.getTime()
  const cycle = schedule.previous(new Date(start + periodMs))
  if (cycle !== null && cycle > last) {
    const before = schedule.previous(new Date(cycle.getTime() - 1)) ?? last
    return new Date(cycle.getTime() - tolerance * (cycle.getTime() - before.getTime()))
  }
  const intervalMs = (schedule.interval ?? 0) * 1000
  const isOften = intervalMs > 0 && intervalMs <= periodMs
  const stepMs = isOften ? intervalMs : periodMs
  return new Date(start + (Math.floor(periodMs / stepMs) - tolerance) * stepMs)
}

/** The longest time from one backup to the next, in seconds; null: nobody expects any. */
export function longestGap(frequency: Frequency): number | null {
  if (frequency.kind === 'none') return null
  return (frequency.kind === 'weekly' ? 7 * 24 : frequency.hours) * 3600
}

/** By the local calendar: days of a change of clocks have 23 or 25 hours. */
function startOfDay(instant: Date): Date {
  return new Date(instant.getFullYear(), instant.getMonth(), instant.getDate())
}

function addDays(day: Date, days: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days)
}
