import type { Tools } from '../tools.ts'

export interface LoadTarget {
  /** An existing, empty database. */
  readonly database: string
  /** libpq's variables of the target server and user; PGDATABASE is not among them. */
  readonly environment: Readonly<Record<string, string>>
  readonly tools: Tools
}

export interface LoadOptions {
  readonly signal: AbortSignal
  readonly ignoreErrors: boolean
  /** Connections at the same time, at most. */
  readonly jobs: number
  /** `total` is null where the size is not known. */
  readonly onProgress?: (bytes: number, total: number | null) => void
  /** Where an archive of many files is unpacked; default: the system's folder for such things. */
  readonly scratchFolder?: string
  /** Puts everything into the default tablespace, where the format of the archive allows it. */
  readonly withoutTablespaces?: boolean
  /** Makes the target empty again. With it, what fails on several connections is tried on one. */
  readonly recreate?: () => Promise<void>
}

export interface SequenceValue {
  readonly value: string
  readonly called: boolean
}

export interface LoadReport {
  /** With `ignoreErrors` only: what went wrong and was passed over. */
  readonly errors: readonly { readonly line: number | null; readonly message: string }[]
  readonly phases: readonly { readonly name: string; readonly ms: number }[]
  /** By "schema.table" quoted as in SQL: counts from the archive's own COPY blocks. */
  readonly rows: ReadonlyMap<string, number> | null
  /** By "schema.sequence" quoted as in SQL: the archive's own `setval`. */
  readonly sequences: ReadonlyMap<string, SequenceValue> | null
}
