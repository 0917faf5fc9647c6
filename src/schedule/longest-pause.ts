import type { Schedule } from './schedule.ts'

const hourMs = 3_600_000
/** Long enough for a schedule by weeks or by months to show its longest pause. */
const lookAheadMs = 35 * 24 * hourMs
const stepMs = 3 * hourMs

/**
 * The longest time between two backups that the schedule makes, in seconds, seen from `now`: the
 * weekend of one that runs on working days. null when it makes none.
 */
export function longestPause(schedule: Schedule, now: Date): number | null {
  let longest: number | null = null
  for (let ahead = 0; ahead <= lookAheadMs; ahead += stepMs) {
    const next = schedule.next(new Date(now.getTime() + ahead))
    if (next === null) break
    const previous = schedule.previous(new Date(next.getTime() - 1))
    if (previous === null) continue
    longest = Math.max(longest ?? 0, (next.getTime() - previous.getTime()) / 1_000)
  }
  const { interval } = schedule
  if (interval === null || longest === null) return interval ?? longest
  return Math.min(interval, longest)
}
