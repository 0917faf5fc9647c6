import type { Catalog } from '../catalog/index.ts'
import type { Configuration } from '../config/index.ts'
import type { EngineContext } from '../engines/index.ts'
import type { Clock, MirrorName, Tell, Trigger } from '../model/index.ts'
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
  readonly fetch: ((path: string) => Promise<AsyncDisposable>) | null
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

/** What the service tells a run that it starts. */
export interface ScheduledJob {
  /** As `jobKeyOf` has it. */
  readonly key: string
  readonly trigger: Trigger
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
