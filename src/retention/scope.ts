import type { Backup, RetentionCounts, Strategy } from '../model/index.ts'

export interface RetentionPolicy {
  readonly strategy: Strategy
  readonly counts: RetentionCounts
}

/** Backups that compete for the same slots. */
export interface Scope {
  /** Begins every reason that follows from it. */
  readonly name: string
  /** How many of them are kept; null: this policy does not prune them. */
  readonly count: number | null
}

const notPruned: Scope = {
  name: 'lies outside the tier folders, which the rolling strategy does not prune',
  count: null,
}

/**
 * `daily` counts all backups of the database, whichever folder they lie in; `rolling` counts each
 * tier for itself. The tier is that of the folder, fixed when the cycle began (D-06).
 */
export function scopeOf({ name: { tier } }: Backup, { strategy, counts }: RetentionPolicy): Scope {
  if (strategy === 'daily') return { name: '', count: counts.total }
  if (tier === null) return notPruned
  const nothingAtAll = counts.daily === 0 && counts.weekly === 0 && counts.monthly === 0
  const count = nothingAtAll && tier === 'daily' ? 1 : counts[tier]
  return { name: `${tier}: `, count }
}
