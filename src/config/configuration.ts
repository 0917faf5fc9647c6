import type { ConfiguredDatabase, Credentials, Secret } from '../model/index.ts'
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
  readonly schedule: readonly ScheduleLine[]
  /** `NAME=value` lines, for the commands of the schedule only; hidden, as any may be a secret. */
  readonly assignments: Readonly<Record<string, Secret>>
  /** Whole sentences that begin with a variable or `file:line`. */
  readonly warnings: readonly string[]
  /** The file that was read; null when there was none. */
  readonly confPath: string | null
  /** What `parseSpec` fills in for specs on the command line. */
  readonly specDefaults: SpecDefaults
  /** What the environment says about a host that no line names: `<HOST>_USER` and so on. */
  readonly credentialsFor: (host: string) => Promise<Credentials>
}
