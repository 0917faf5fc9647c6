import type { Attribution } from '../catalog/index.ts'
import type { Tier, Trigger } from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import type { MirrorRun } from './mirrors/mirror-run.ts'
import type { RunRecord } from './run-record.ts'

/** What all databases of a cycle share; fixed when it starts (D-06). */
export interface Cycle {
  readonly appliance: Appliance
  readonly trigger: Trigger
  readonly tier: Tier | null
  /** The dated folder, `YYYY-MM-DD`. */
  readonly folder: string
  readonly inventory: Attribution
  readonly record: RunRecord
  readonly mirrors: readonly MirrorRun[]
}
