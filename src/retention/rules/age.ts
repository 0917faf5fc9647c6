import { spanText } from '../span-text.ts'
import type { Circumstances, Judge } from './judge.ts'

/**
 * `MAX_AGE`: goes at exactly that age, as the original deletes (contract other-systems 3), but
 * never before there is a newer good backup. The original emptied its bucket when dumps stopped.
 */
export function judgeByAge(
  { seconds }: { readonly seconds: number },
  { now }: Circumstances,
): Judge {
  const span = spanText(seconds)
  let newerGood = false
  return ({ takenAt, quality }) => {
    const isYoung = now.getTime() - takenAt.getTime() < seconds * 1_000
    const isLastHope = !newerGood
    if (quality === 'good') newerGood = true
    if (isYoung) return { keep: true, reason: `less than ${span} old` }
    if (isLastHope) {
      return { keep: true, reason: `${span} old or older, but no newer one is known to be good` }
    }
    return { keep: false, reason: `${span} old or older` }
  }
}
