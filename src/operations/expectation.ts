import type { Backup } from '../model/index.ts'
import { longestGap, type Schedule } from '../schedule/index.ts'
import type { WhenDue } from './when-due.ts'

/** What there should be of one database. */
export interface Expectation {
  readonly due: WhenDue
  readonly schedule: Schedule
  /** A backup may begin and end so much later than it is due. */
  readonly graceMs: number
}

/** Late: the last time at which a backup was due, and its grace, are over, and it did not come. */
export function isLate(
  { takenAt }: Backup,
  { due: by, schedule, graceMs }: Expectation,
  now: Date,
): boolean {
  const gap = by.policy === null ? schedule.interval : longestGap(by.policy.frequency)
  if (gap !== null) return now.getTime() - takenAt.getTime() > gap * 1000 + graceMs
  const due = schedule.previous(new Date(now.getTime() - graceMs))
  return due !== null && takenAt < due
}

/** The first time of the schedule at which a backup is due. */
export function nextRun(
  { due: by, schedule }: Expectation,
  lastGood: Backup | null,
  now: Date,
): Date | null {
  if (by.policy !== null && by.from === null) return null
  const isAhead = by.from !== null && by.from > now
  const next = schedule.next(isAhead ? new Date(by.from.getTime() - 1) : now)
  if (next !== null || schedule.interval === null || lastGood === null) return next
  const taken = lastGood.takenAt.getTime()
  const intervalMs = schedule.interval * 1000
  const intervals = by.from === null ? 1 : Math.ceil((by.from.getTime() - taken) / intervalMs)
  const due = new Date(taken + Math.max(1, intervals) * intervalMs)
  return due > now ? due : null
}
