import type { Codec, Format } from './backup-name.ts'
import type { EngineName } from './database-spec.ts'
import type { ObjectsOfKind } from './objects.ts'

/**
 * What began a run: a line of the schedule, `-1`, a person, the rhythm of BACKUP_PERIOD, or the
 * service making up for a start that it missed.
 */
export const triggers = ['schedule', 'once', 'user', 'interval', 'catch-up'] as const
export type Trigger = (typeof triggers)[number]

/** Whether nobody waits for the run: it has time to wait for another one. */
export function isUnattended(trigger: Trigger): boolean {
  return trigger === 'schedule' || trigger === 'interval' || trigger === 'catch-up'
}

export const fingerprintModes = ['rows', 'content', 'off'] as const
export type FingerprintMode = (typeof fingerprintModes)[number]

export const verdicts = [
  'verified',
  'verified-with-exceptions',
  'failed',
  'could-not-verify',
] as const
export type Verdict = (typeof verdicts)[number]

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** Rows of one table in the dump's own snapshot; `digest` only with `FINGERPRINT=content`. */
export interface TableFingerprint extends TableName {
  readonly rows: number
  readonly digest?: string | undefined
}

/** What all large objects hold together; `digest` only with `FINGERPRINT=content`. */
export interface LargeObjects {
  readonly bytes: number
  readonly digest?: string | undefined
}

/** What was in the tables. `problem` says why `tables` is null although it was asked for. */
export interface Fingerprint {
  readonly mode: FingerprintMode
  readonly tables: readonly TableFingerprint[] | null
  readonly problem: string | null
  /** What else was in the database; null when it could not be listed. Older manifests lack it. */
  readonly objects?: readonly ObjectsOfKind[] | null | undefined
  /** null when they could not be read. Older manifests lack it. */
  readonly largeObjects?: LargeObjects | null | undefined
}

/** What belongs to the database but is in no plain dump of it. */
export interface DatabaseFacts {
  readonly name: string
  readonly owner: string
  readonly encoding: string
  readonly collate: string
  readonly ctype: string
  /** `c` (the C library), `i` (ICU) or `b` (built in); manifests before version 0.2 lack it. */
  readonly provider?: string | undefined
  /** The locale of ICU or of the built-in provider; null with the C library's. */
  readonly locale?: string | null | undefined
  /** The database's grants, as the server writes them; null means the defaults. */
  readonly acl: string | null
  /** `ALTER DATABASE … SET` (role null) and `ALTER ROLE … IN DATABASE … SET`. */
  readonly settings: readonly { readonly role: string | null; readonly setting: string }[]
}

/** Public: who can open the file. */
export interface EncryptedTo {
  readonly kind: 'age'
  /** null: whoever knows the passphrase. */
  readonly recipients: readonly string[] | null
}

/** What a mirror holds of a backup. Its bytes may differ: decompressed, or encrypted. */
export interface Copy {
  readonly store: string
  /** Relative to the root of that store. */
  readonly path: string
  readonly bytes: number
  /** Of the copy, lower-case hex. */
  readonly sha256: string
  /** When it was put there or last compared, ISO 8601 in UTC. */
  readonly checkedAt: string
  /** Whether it was read back and compared then, or only its size. Older manifests lack it. */
  readonly isReadBack?: boolean | undefined
  /** SHA-256 of the manifest that lies beside it: another one has to be sent. */
  readonly manifestSha256?: string | undefined
  /** ISO 8601, UTC: when it was found missing or rotten; it is no copy until it is sent again. */
  readonly lostAt?: string | undefined
}

/** The fields from `durationMs` on are absent where nothing was restored. */
export interface Verification {
  readonly verdict: Verdict
  /** ISO 8601, UTC. */
  readonly at: string
  readonly differences: readonly string[]
  readonly durationMs?: number | undefined
  readonly phases?: readonly { readonly name: string; readonly ms: number }[] | undefined
  /** Of the scratch server. */
  readonly serverVersion?: string | undefined
  readonly tables?: number | undefined
  readonly rows?: number | undefined
  /** False: they were only counted. Absent from records of before it could be told. */
  readonly rowsCompared?: boolean | undefined
  /** How many of each kind were compared by name; kinds without any are left out. */
  readonly objects?: readonly { readonly kind: string; readonly count: number }[] | undefined
  /** Size of the restored database. */
  readonly databaseBytes?: number | undefined
}

/** The last `--check`: checksum and decompression of the file. */
export interface Check {
  readonly ok: boolean
  readonly at: string
  readonly problem: string | null
  /** What the check could not look at, in words; absent: it looked at everything. */
  readonly limits?: string | undefined
}

/**
 * What was found out about a backup that has no manifest: an archive of another tool, or one whose
 * catalog was lost. It counts only for a file of exactly these bytes.
 */
export interface Appraisal {
  readonly version: 1
  /** Relative to the store's root. */
  readonly path: string
  readonly bytes: number
  /** Of the file when it was first copied, lower-case hex; absent: nobody has taken it yet. */
  readonly sha256?: string | undefined
  /** Absent: none was ever made. */
  readonly copies?: readonly Copy[] | undefined
  readonly verifications: readonly Verification[]
  readonly check: Check | null
  /** ISO 8601, UTC; absent: not pinned by a user. */
  readonly pinnedAt?: string | undefined
}

/** The file of the volume that a copy in a mirror was made of. */
export interface OriginalFile {
  /** Relative to the root of the volume. */
  readonly path: string
  readonly codec: Codec
  readonly bytes: number
  readonly sha256: string
}

/** All we know about one backup beyond its bytes (design section 3). Times are ISO 8601 in UTC. */
export interface Manifest {
  readonly version: 1
  /** Relative to the store's root. */
  readonly path: string
  /** `identityOf` the database. */
  readonly spec: string
  readonly engine: EngineName
  readonly format: Format
  readonly codec: Codec
  /** Absent: the file is not encrypted. `bytes` and `sha256` are those of the file as it is stored. */
  readonly encryption?: EncryptedTo | undefined
  readonly startedAt: string
  readonly finishedAt: string
  readonly bytes: number
  readonly sha256: string
  readonly databaseBytes: number | null
  readonly serverVersion: string
  readonly toolVersion: string
  readonly trigger: Trigger
  readonly fingerprint: Fingerprint
  /** Roles that the dump refers to: owners, grantees, members of policies. */
  readonly roles: readonly string[]
  readonly rolesIncluded: boolean
  /** The roles as SQL, for formats whose file has no room for them. */
  readonly rolesSql?: string | undefined
  readonly extensions: readonly { readonly name: string; readonly version: string }[]
  readonly database: DatabaseFacts
  readonly warnings: readonly string[]
  readonly copies: readonly Copy[]
  /** Only beside a copy that has other bytes, or another name. Older manifests lack it. */
  readonly original?: OriginalFile | undefined
  readonly verifications: readonly Verification[]
  readonly check: Check | null
  /** ISO 8601, UTC; absent: not pinned by a user. */
  readonly pinnedAt?: string | undefined
}
