import type { Trigger } from './manifest.ts'

/** What became of one database in one run. */
export interface DatabaseOutcome {
  /** `identityOf` the database. */
  readonly spec: string
  readonly state: 'running' | 'succeeded' | 'failed' | 'interrupted'
  /** ISO 8601, UTC; documents before version 0.2 lack it. */
  readonly startedAt?: string | undefined
  /** ISO 8601, UTC; null while it runs. */
  readonly endedAt: string | null
  /** Of the backup that was sealed, or the partial file while it runs. */
  readonly path: string | null
  readonly bytes: number | null
  readonly error: {
    readonly message: string
    readonly reason: string
    readonly advice: string
  } | null
}

/** The record of one run: written when it starts, replaced as it goes on and when it ends. */
export interface RunDocument {
  readonly version: 1
  readonly id: string
  readonly verb: 'back-up' | 'prune' | 'restore' | 'verify' | 'check' | 'mirror'
  readonly trigger: Trigger
  /** The line of the schedule that it belongs to, as `jobKeyOf` has it; absent: none. */
  readonly job?: string | undefined
  readonly who: string
  readonly host: string
  readonly pid: number
  readonly startedAt: string
  /** null: still running, or ended without a word (killed). */
  readonly endedAt: string | null
  readonly result: 'succeeded' | 'failed' | 'interrupted' | null
  readonly databases: readonly DatabaseOutcome[]
  /** Paths that pruning deleted. */
  readonly removed: readonly string[]
  /** What became of the copies; absent: there are no mirrors, or the run never came to them. */
  readonly mirrors?: readonly MirrorRecord[] | undefined
}

/** What one run did to one mirror. */
export interface MirrorRecord {
  readonly store: string
  /** Relative to the root of the volume. */
  readonly copied: readonly string[]
  readonly repaired: readonly string[]
  /** Relative to the root of the mirror. */
  readonly removed: readonly string[]
  readonly failures: readonly {
    readonly path: string | null
    readonly error: NonNullable<DatabaseOutcome['error']>
  }[]
}
