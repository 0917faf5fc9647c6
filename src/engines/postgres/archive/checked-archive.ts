import type { Codec, Manifest } from '../../../model/index.ts'
import type { Command, Environment } from '../../../platform/index.ts'

/** `tar`: what `pg_dump -Ft` of somebody else made, compressed. */
export type ArchiveFormat = 'plain' | 'custom' | 'directory' | 'tar'

/** The rows of one big table in a plain archive. */
export interface RowsBlock {
  /** The how-manieth `COPY … FROM stdin` of the database part, from 0. */
  readonly index: number
  /** The whole statement. */
  readonly copy: string
  /** Where the rows are among the plain bytes, without the line that ends them. */
  readonly from: number
  readonly to: number
  readonly rows: number
}

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
   * Of the plain format the database part as SQL, guard lines (\restrict, \unrestrict) removed; of
   * a tar all its bytes; of the other formats nothing. May be opened several times. Throws when the file is not what was checked any more.
   */
  openSql(signal: AbortSignal): AsyncIterable<Buffer>
  /** Tables that are worth a way of their own, in order; see `ArchiveQuestion.leastBlock`. */
  readonly blocks: readonly RowsBlock[]
  /** What `openSql` brings but the rows of `blocks`, where that is little; null where not. */
  readonly withoutBlocks: readonly Buffer[] | null
  /** Writes all plain bytes of the archive, those of `blocks`; null when no program can. */
  readonly reader: Command | null
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
  /** That the database part puts something into; none is known of pg_dump's own formats. */
  readonly tablespaces: readonly string[]
  /** Statements of the database part that change roles; no pg_dump writes any there. */
  readonly roleStatements: readonly string[]
  /** Statements of the database part that change databases, tablespaces or settings of the server. */
  readonly serverStatements: readonly string[]
  /** Databases that `ALTER DATABASE … SET` of the database part names. */
  readonly databasesSet: readonly string[]
  /** Whoever loads it must be a member of these; none is known of pg_dump's own formats. */
  readonly owners: readonly string[]
  /** That it creates, or the manifest's. */
  readonly extensions: readonly string[]
  /** Extensions that it comments on, as only their owners may. */
  readonly extensionComments: readonly string[]
}

export interface ArchiveQuestion {
  readonly codec: Codec
  readonly format: Exclude<ArchiveFormat, 'tar'>
  readonly manifest: Manifest | null
  readonly signal: AbortSignal
  readonly environment: Environment
  /** The least size of one of `blocks`, in bytes; default: 8 MiB. */
  readonly leastBlock?: number
}
