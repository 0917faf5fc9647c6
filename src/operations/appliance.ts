import type { Catalog } from '../catalog/index.ts'
import type { Configuration } from '../config/index.ts'
import type { EngineContext } from '../engines/index.ts'
import {
  type Backup,
  type Clock,
  type MirrorName,
  type Tell,
  type Trigger,
  triggers,
} from '../model/index.ts'
import type { Environment, Modes } from '../platform/index.ts'
import type { Primary } from '../stores/index.ts'
import type { Mirror } from './mirrors/mirror.ts'

/** What every operation works with; put together once, by main. */
export interface Appliance {
  readonly configuration: Configuration
  readonly environment: Environment
  /** The primary place, or for `--from` the backups of a mirror. */
  readonly volume: Primary
  readonly catalog: Catalog
  /** Where copies go, in the order of MIRRORS. */
  readonly mirrors: readonly Mirror[]
  /** The mirror whose backups these are; null: those of the primary place. */
  readonly from: MirrorName | null
  /**
   * Brings a backup to where `volume.absolute` says that it is, until it is disposed of; null: it
   * is there already.
   */
  readonly fetch: Fetch | null
  readonly modes: Modes
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly tell: Tell
  /** A text of ours without the secrets that came into it from outside. */
  readonly redacted: (text: string) => string
  /** The command as the user gave it, for the lock and the run documents: `backup.sh -1`. */
  readonly what: string
  /** The line of the schedule for which the service started this run; null: started otherwise. */
  readonly job: ScheduledJob | null
}

/** Brings a backup that was listed; what is told and what may end it is the errand's own. */
export type Fetch = (
  backup: Pick<Backup, 'path' | 'bytes'>,
  errand: Pick<Appliance, 'signal' | 'tell'>,
) => Promise<AsyncDisposable>

/** What the service tells a run that it starts. */
export interface ScheduledJob {
  /** As `jobKeyOf` has it. */
  readonly key: string
  readonly trigger: Trigger
}

/** Set by the service for the runs that it starts. */
export function scheduledJobIn({
  BACKUP_JOB: key,
  BACKUP_TRIGGER: word,
}: Environment): ScheduledJob | null {
  const trigger = triggers.find((known) => known === word)
  return key === undefined || trigger === undefined ? null : { key, trigger }
}

/** What began this run, when `-s` says that no person did. */
export function scheduledTrigger({ job }: Appliance): Trigger {
  return job?.trigger ?? 'schedule'
}

/** What the engines need of it; `signal` may be narrower than the appliance's own. */
export function engineContext(appliance: Appliance, signal = appliance.signal): EngineContext {
  const { settings } = appliance.configuration
  return {
    environment: appliance.environment,
    connectTimeoutSeconds: settings.connectTimeout.seconds,
    lockTimeoutSeconds: settings.lockTimeout.seconds,
    fingerprint: settings.fingerprint,
    binDir: settings.pgBinDir,
    signal,
  }
}
