/** The folder level of the rolling strategy; null is the flat `daily` strategy. */
export const tiers = ['daily', 'weekly', 'monthly'] as const
export type Tier = (typeof tiers)[number]

export const strategies = ['daily', 'rolling'] as const
export type Strategy = (typeof strategies)[number]

/** How many backups of one database are kept: `total` under `daily`, the others per tier. */
export interface RetentionCounts {
  readonly total: number
  readonly daily: number
  readonly weekly: number
  readonly monthly: number
}

/**
 * The tier of a cycle that starts at `now` (contract 4.4): monthly on the last day of the month
 * when monthly backups are kept, else weekly on Sunday, else daily. Decided once per cycle, so
 * that a cycle over midnight stays in its tier (D-06).
 */
export function tierAt(now: Date, strategy: Strategy, counts: RetentionCounts): Tier | null {
  if (strategy === 'daily') return null
  if (counts.monthly > 0 && isLastOfMonth(now)) return 'monthly'
  return now.getDay() === 0 ? 'weekly' : 'daily'
}

function isLastOfMonth(now: Date): boolean {
  const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1)
  return tomorrow.getDate() === 1
}
