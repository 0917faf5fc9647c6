import { spanText } from '../span-text.ts'
import { type Circumstances, counts, type Judge } from './judge.ts'

/**
 * `KEEP_WITHIN`, as restic means it: measured from the newest backup and not from now, so that
 * time alone deletes nothing.
 */
export function judgeByDistance(
  { seconds }: { readonly seconds: number },
  { past }: Circumstances,
): Judge {
  const newest = past.find(counts)
  const span = spanText(seconds)
  return ({ takenAt }) => {
    const ms = newest === undefined ? 0 : newest.takenAt.getTime() - takenAt.getTime()
    const keep = ms < seconds * 1_000
    const reason = keep
      ? `less than ${span} before the newest`
      : `${span} or more before the newest`
    return { keep, reason }
  }
}
