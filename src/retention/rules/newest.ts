import { counts, type Judge, type Verdict } from './judge.ts'

/** `NUM_BACKUPS` and `KEEP_LAST`: the newest so many, whichever folder they lie in. */
export function judgeByCount({ count }: { readonly count: number }): Judge {
  let newer = 0
  return (backup) => {
    const keep = newer < count
    if (counts(backup)) newer += 1
    return verdictOf(keep, count)
  }
}

function verdictOf(keep: boolean, count: number): Verdict {
  if (count === 0) return { keep, reason: 'none is to be kept' }
  if (count === 1) return { keep, reason: keep ? 'the newest' : 'not the newest' }
  return { keep, reason: `${keep ? 'one of' : 'more than'} the newest ${count}` }
}
