import type { Period, RetentionRule } from '../../model/index.ts'
import { counts, type Judge } from './judge.ts'

/**
 * `KEEP_DAILIES` and so on, as restic means them: of each of the newest `count` periods that have
 * a backup, the newest one. Periods without any do not count, so when backups stop, none goes.
 */
export function judgeByCalendar({
  period,
  count,
}: Extract<RetentionRule, { readonly kind: 'calendar' }>): Judge {
  let last: number | null = null
  let filled = 0
  const beyond = `beyond the newest ${count} ${period}s`
  return (backup) => {
    const number = numberOf[period](backup.takenAt)
    if (number === last) return { keep: false, reason: `not the newest of its ${period}` }
    if (filled >= count) return { keep: false, reason: beyond }
    if (counts(backup)) {
      last = number
      filled += 1
    }
    return { keep: true, reason: `newest of its ${period}` }
  }
}

const dayMs = 86_400_000
/** From Thursday, the first of January 1970, back to the Monday of its week. */
const daysToMonday = 3

/** Equal within a period by the clock on the wall, and different between any two. */
const numberOf: { readonly [Of in Period]: (time: Date) => number } = {
  // The hour that a change of clocks repeats is two hours.
  hour: (time) =>
    time.getTime() -
    (time.getMinutes() * 60_000 + time.getSeconds() * 1_000 + time.getMilliseconds()),
  day: localDay,
  week: (time) => Math.floor((localDay(time) + daysToMonday) / 7),
  month: (time) => time.getFullYear() * 12 + time.getMonth(),
  year: (time) => time.getFullYear(),
}

function localDay(time: Date): number {
  return Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / dayMs
}
