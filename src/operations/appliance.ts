import type { Catalog } from '../catalog/index.ts'
import type { Configuration } from '../config/index.ts'
import type { EngineContext } from '../engines/index.ts'
import type { Clock, Tell } from '../model/index.ts'
import type { Environment, Modes } from '../platform/index.ts'
import type { Volume } from '../stores/index.ts'

/** What every operation works with; put together once, by main. */
export interface Appliance {
  readonly configuration: Configuration
  readonly environment: Environment
  readonly volume: Volume
  readonly catalog: Catalog
  readonly modes: Modes
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly tell: Tell
  /** The command as the user gave it, for the lock and the run documents: `backup.sh -1`. */
  readonly what: string
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
