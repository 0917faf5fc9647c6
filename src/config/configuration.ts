import type { ConfiguredDatabase, Credentials, EncryptionKeys, Secret } from '../model/index.ts'
import type { PolicyOf } from './retention.ts'
import type { ScheduleLine } from './schedule-line.ts'
import type { Settings } from './settings.ts'
import type { SpecDefaults } from './spec.ts'

/** A line of an engine that this container does not have. */
export interface SkippedLine {
  readonly written: string
  readonly line: number
  readonly reason: string
}

/** All that the environment and `backup.conf` say, checked. */
export interface Configuration {
  readonly settings: Settings
  /** In the order of the file, each once. */
  readonly databases: readonly ConfiguredDatabase[]
  /** Whether the file names the databases, or the environment describes the only one. */
  readonly databasesFrom: 'file' | 'environment'
  readonly skipped: readonly SkippedLine[]
  /** Of the file, then of CRON_SCHEDULE and VERIFY_SCHEDULE. */
  readonly schedule: readonly ScheduleLine[]
  /** How the service backs up: by the schedule, or every BACKUP_PERIOD (the original's words). */
  readonly mode: 'cron' | 'legacy'
  /** `NAME=value` lines, for the commands of the schedule only; hidden, as any may be a secret. */
  readonly assignments: Readonly<Record<string, Secret>>
  /** Whole sentences that begin with a variable or `file:line`. */
  readonly warnings: readonly string[]
  /** The file that was read; null when there was none. */
  readonly confPath: string | null
  /** Its content; hidden, as it may hold secrets. */
  readonly confText: Secret | null
  /** What `parseSpec` fills in for specs on the command line. */
  readonly specDefaults: SpecDefaults
  /** To whom backups are encrypted (`ENCRYPT` says which); null: to nobody. */
  readonly encryption: EncryptionKeys | null
  /** Which backups of a database stay in a store: its own options win over the settings. */
  readonly policyOf: PolicyOf
  /** What the environment says about a host that no line names: `<HOST>_USER` and so on. */
  readonly credentialsFor: (host: string) => Promise<Credentials>
}
