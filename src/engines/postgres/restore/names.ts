import { randomBytes } from 'node:crypto'
import { type LocalStamp, localStampOf } from '../../../model/index.ts'

/** PostgreSQL cuts longer names, in bytes. */
const longestName = 63

/** Where a restore loads into, beside the database that it will replace. */
export function freshNameFor(database: string): string {
  return withSuffix(database, `_restoring_${randomBytes(4).toString('hex')}`)
}

/** Matches every name that `freshNameFor` may give, as a regular expression of PostgreSQL. */
export function freshNamePattern(database: string): string {
  const [prefix = ''] = freshNameFor(database).split(/_restoring_[\da-f]{8}$/u)
  return `^${prefix.replaceAll(/[^\p{L}\p{N}_]/gu, String.raw`\$&`)}_restoring_[0-9a-f]{8}$`
}

/** What the replaced database is called: `app_old_2026-11-20_01-00-00`, in local time. */
export function oldNameFor(database: string, now: Date): string {
  const { date, time }: LocalStamp = localStampOf(now)
  return withSuffix(database, `_old_${date}_${time}`)
}

/** The comment by which the left-over of a killed restore is known; never on anything else. */
export function leftoverMark(database: string): string {
  return `backup-container: being restored, to replace ${database}`
}

/** The comment of a replaced database that was to be dropped, and is gone a moment later. */
export function replacedMark(database: string): string {
  return `backup-container: replaced by a restore of ${database}, to be dropped`
}

/** As a person writes it in SQL. */
export function shownName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/u.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function withSuffix(name: string, suffix: string): string {
  let kept = name
  while (Buffer.byteLength(kept + suffix) > longestName) kept = kept.replace(/.$/su, '')
  return kept + suffix
}
