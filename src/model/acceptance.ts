import type { Codec, Format } from './backup-name.ts'

/** How much is in a backup, as far as it can be compared with another one. */
export interface Level {
  readonly format: Format
  readonly codec: Codec
  /** Of the archive. */
  readonly bytes: number
  /** Of all tables; null where they were not counted. */
  readonly rows: number | null
}

/** A person's word that a database rightly has no more than this (`--accept`). */
export interface Acceptance extends Level {
  readonly version: 1
  /** `identityOf` the database. Named as in the other documents, which are about paths. */
  readonly path: string
  /** ISO 8601, UTC: when that was said. */
  readonly at: string
  /** ISO 8601, UTC: when the backup was taken that showed it. */
  readonly takenAt: string
}
