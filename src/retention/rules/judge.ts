import type { Backup } from '../../model/index.ts'

export interface Verdict {
  readonly keep: boolean
  /** In words that also fit behind "bad, would be" (kept) and "bad, and" (not kept). */
  readonly reason: string
}

/** What a rule says about one backup. It may remember those that it was asked about before. */
export type Judge = (backup: Backup) => Verdict

export interface Circumstances {
  /** All backups that are to be judged, newest first. */
  readonly past: readonly Backup[]
  readonly now: Date
}

/** A bad backup is judged like any other, but counts for nothing (decision 4). */
export function counts({ quality }: Backup): boolean {
  return quality !== 'bad'
}
