import type {
  Codec,
  ConfiguredDatabase,
  Credentials,
  DatabaseFacts,
  EngineName,
  Fingerprint,
  FingerprintMode,
  Format,
  Manifest,
  Phase,
  Trial,
} from '../model/index.ts'
import type { Command, Environment } from '../platform/index.ts'

/** What an engine needs to know about its surroundings; the same for all databases of a run. */
export interface EngineContext {
  /** The environment of the appliance, from which each tool gets only what it needs. */
  readonly environment: Environment
  readonly connectTimeoutSeconds: number
  /** How long a dump waits for a table that somebody has locked. */
  readonly lockTimeoutSeconds: number
  readonly fingerprint: FingerprintMode
  /** Where the client programs are, when not in their usual places (`PG_BIN_DIR`). */
  readonly binDir: string | null
  readonly signal: AbortSignal
}

/** In which form a database is to be dumped. */
export interface DumpOrder {
  readonly format: Format
  /** Connections at the same time, where the format allows several. */
  readonly jobs: number
  /** For formats that compress by themselves; `level` as in `COMPRESSION_LEVEL`. */
  readonly codec: Codec
  readonly level: number | null
  /** For dumps that cannot go straight to stdout. A folder in it is made, and removed by disposal. */
  readonly scratchFolder: string
}

/** What is known before the first byte is dumped. */
export interface DumpFacts {
  readonly serverVersion: string
  readonly toolVersion: string
  readonly databaseBytes: number | null
  readonly roles: readonly string[]
  readonly extensions: readonly { readonly name: string; readonly version: string }[]
  readonly database: DatabaseFacts
}

/**
 * A dump that is ready to run: the server answered, the tools fit it, the rights suffice, and the
 * snapshot is held open until disposal.
 */
export interface PreparedDump extends AsyncDisposable {
  readonly facts: DumpFacts
  /**
   * What the server has beside the database (roles), as SQL; null where it could not be read. It
   * goes before a plain dump as an archive member of its own, and into the manifest otherwise.
   */
  readonly preamble: Buffer | null
  /** Runs to its end before `command`, which then packs the folder that it has filled. */
  readonly filling: { readonly command: Command; readonly folder: string } | null
  /** Writes the dump to stdout. */
  readonly command: Command
  /** The last plain bytes of a whole plain dump contain this. */
  readonly endMarker: string
  /**
   * Reads a written file of another format by the tool's own means: its contents, and with
   * `whole` every byte. @throws {Refusal} when it is not what a restore needs.
   */
  readBack(path: string, options: { readonly whole: boolean }): Promise<void>
  readonly warnings: readonly string[]
  /**
   * Counts (and digests) every dumped table in the dump's own snapshot. To be called once, when
   * the dump has sent its first byte. What could not be counted is said in `problem`, because it
   * does not make the dump worse.
   */
  fingerprint(): Promise<Fingerprint>
}

/** What a listing shows of the live database. */
export interface Measurement {
  readonly serverVersion: string
  readonly databaseBytes: number
}

/** An archive file, with what is known of it. */
export interface ArchiveFile {
  /** Absolute. */
  readonly path: string
  readonly codec: Codec
  readonly format: Manifest['format']
  readonly manifest: Manifest | null
}

/** An archive to restore on a scratch server, and how. */
export interface RestoreTest extends ArchiveFile {
  /** An existing folder for the scratch server, whose lock the caller holds. */
  readonly folder: string
  /** The user's own SQL files for this database; null: none. */
  readonly checks: string | null
  /** A schema that must have a table; null: none is special. */
  readonly schema: string | null
  readonly ignoreErrors: boolean
  /** How long to wait for the scratch server. */
  readonly timeoutMs: number
  readonly jobs: number
  /** Decompressed bytes; `total` is null where it is not known. */
  readonly onProgress: (bytes: number, total: number | null) => void
}

export interface RestoreTrial {
  readonly trial: Trial
  readonly phases: readonly Phase[]
  readonly warnings: readonly string[]
}

/** What is to be restored, where, and how. */
export interface RestoreOrder extends ArchiveFile {
  /** Whose backup was asked for; the same as `target` unless it goes elsewhere. */
  readonly source: ConfiguredDatabase
  /** Whoever its credentials name may use the restored database afterwards. */
  readonly target: ConfiguredDatabase
  /** Who may create and rename databases; null: the target's own credentials. */
  readonly admin: Credentials | null
  /** Also create roles as the archive has them; existing ones stay as they are. */
  readonly roles: boolean
  /** Keep the database that is replaced, under a dated name. */
  readonly keepOld: boolean
  /** Drop the database before loading, instead of loading beside it. */
  readonly inPlace: boolean
  readonly ignoreErrors: boolean
  /** For an archive that has to be unpacked first. */
  readonly scratchFolder: string
  readonly jobs: number
  readonly now: Date
}

/** What a restore will do; nothing of it is done yet. */
export interface RestorePlan {
  readonly serverVersion: string
  /** The user that does it. */
  readonly user: string
  readonly targetExists: boolean
  readonly targetBytes: number | null
  readonly owner: string | null
  /** Roles that will be created without login. */
  readonly missingRoles: readonly string[]
  /** Under which name the replaced database stays; null: it is dropped, or there is none. */
  readonly keptAs: string | null
  readonly warnings: readonly string[]
}

export interface RestoreReport {
  /** With `ignoreErrors` only. */
  readonly errors: readonly { readonly line: number | null; readonly message: string }[]
  readonly phases: readonly Phase[]
  /** Where the replaced database is now; null when it is gone or never was. */
  readonly keptAs: string | null
  /** With `ignoreErrors` only: which tables lack rows that the archive has for them, in words. */
  readonly missing: readonly string[]
  /** These are among them. */
  readonly warnings: readonly string[]
}

/** A restore of which everything has been checked that can be before something is touched. */
export interface PreparedRestore extends AsyncDisposable {
  readonly plan: RestorePlan
  /**
   * @param onProgress hears of plain bytes; `total` is null where it is not known.
   * @throws {Refusal} when it failed; the old database is as it was, unless it was `inPlace`.
   */
  run(onProgress: (bytes: number, total: number | null) => void): Promise<RestoreReport>
}

/** One kind of database server. The only place that knows how it differs from the others. */
export interface Engine {
  readonly name: EngineName
  readonly defaultPort: number
  /** @throws {Refusal} when a dump cannot succeed, before anything is written. */
  prepareDump(
    database: ConfiguredDatabase,
    context: EngineContext,
    order: DumpOrder,
  ): Promise<PreparedDump>
  /** @throws {Refusal} when the database cannot be reached within the connect timeout. */
  measure(database: ConfiguredDatabase, context: EngineContext): Promise<Measurement>
  /** Reads a whole archive. @throws {Refusal} when any byte of it is not as it should be. */
  checkArchive(file: ArchiveFile, context: EngineContext): Promise<void>
  /** Restores an archive on a scratch server, of which nothing is left afterwards. */
  tryRestore(test: RestoreTest, context: EngineContext): Promise<RestoreTrial>
  /** @throws {Refusal} when a restore cannot succeed, before anything is touched. */
  prepareRestore(order: RestoreOrder, context: EngineContext): Promise<PreparedRestore>
  /** What to tell the user when the dump's pipeline failed. */
  explainDumpFailure(error: unknown, database: ConfiguredDatabase): unknown
}
