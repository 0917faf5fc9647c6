import type { KeepSpecification } from './keep-specification.ts'

/** The calendar's periods, by the clock on the wall; weeks begin on Monday. */
export const periods = ['hour', 'day', 'week', 'month', 'year'] as const
export type Period = (typeof periods)[number]

/** One reason to keep a backup. A backup stays if any rule of its policy keeps it. */
export type RetentionRule =
  /** The newest so many (`NUM_BACKUPS`, `KEEP_LAST`). */
  | { readonly kind: 'newest'; readonly count: number }
  /** The newest so many of each tier folder; null: no word about that tier. */
  | {
      readonly kind: 'tiers'
      readonly daily: number | null
      readonly weekly: number | null
      readonly monthly: number | null
    }
  /** The newest of each of the newest `count` periods that have a backup. */
  | { readonly kind: 'calendar'; readonly period: Period; readonly count: number }
  /** Those taken less than so long before the newest. */
  | { readonly kind: 'within'; readonly seconds: number }
  /** Those that are less than so old. */
  | { readonly kind: 'age'; readonly seconds: number }
  /** Keep specifications, in the order in which they are written. */
  | { readonly kind: 'grid'; readonly specifications: readonly KeepSpecification[] }

/** Which backups of one database stay in one store, and what protects the others. */
export interface RetentionPolicy {
  readonly rules: readonly RetentionRule[]
  /** So many of the newest stay, whatever the rules say: at least 1 in any policy that is carried out. */
  readonly minBackups: number
  /** Nothing is deleted while the newest good backup is older; null: however old it is. */
  readonly staleAfterSeconds: number | null
  /** In percent: a fall of size or rows by more is an anomaly; 100: none ever is. */
  readonly anomalyThreshold: number
}
