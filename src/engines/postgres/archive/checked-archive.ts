import type { Codec, Manifest } from '../../../model/index.ts'
import type { Environment } from '../../../platform/index.ts'

export type ArchiveFormat = 'plain' | 'custom' | 'directory'

/** An archive of which every byte has been read and accounted for. Nothing in it was run yet. */
export interface CheckedArchive {
  /** Absolute. */
  readonly path: string
  readonly format: ArchiveFormat
  readonly codec: Codec
  readonly manifest: Manifest | null
  /** SQL of the roles part without guard lines, '' when there is none. */
  readonly rolesSql: string
  /** Each makes a verdict "with exceptions", such as a missing manifest. */
  readonly warnings: readonly string[]
  /**
   * The database part as SQL, guard lines (\restrict, \unrestrict) removed; plain format only.
   * May be opened several times. Throws when the file is not what was checked any more.
   */
  openSql(signal: AbortSignal): AsyncIterable<Buffer>
  /** Decompressed size of the database part in bytes, when known. */
  readonly sqlBytes: number | null
  /** From the dump's own header. */
  readonly serverMajor: number | null
  /** Roles that statements of the dump name (owners, grantees ...), or the manifest's. */
  readonly roles: readonly string[]
  /** Of `SET client_encoding`: the encoding of the dumped database. null when not said. */
  readonly encoding: string | null
  /** Lines outside the data that psql would take for its own commands; no pg_dump writes any. */
  readonly psqlCommands: readonly string[]
}

export interface ArchiveQuestion {
  readonly codec: Codec
  readonly format: ArchiveFormat
  readonly manifest: Manifest | null
  readonly signal: AbortSignal
  readonly environment: Environment
}
