import {
  type Backup,
  localStampOf,
  printBackupName,
  type RetentionPolicy,
  type Tier,
} from '../model/index.ts'
import { type Decision, planRetention } from './plan.ts'

export interface Simulation {
  /** When backups are taken, oldest first. */
  readonly times: readonly Date[]
  readonly policy: RetentionPolicy
  /** The tier of the cycle that begins then. */
  readonly tierOf: (time: Date) => Tier | null
}

/**
 * What is there after the last backup, newest first, if every backup is good, none is like
 * another, and each is followed by pruning.
 */
export function simulateRetention({ times, policy, tierOf }: Simulation): readonly Decision[] {
  let kept: readonly Decision[] = []
  for (const time of times) {
    const backups = [...kept.map(({ backup }) => backup), imagined(time, tierOf(time))]
    const { decisions } = planRetention({ backups, policy, now: time })
    kept = decisions.filter(({ keep }) => keep)
  }
  return kept
}

/**
 * How many of them are there after the last one. Quicker than the simulation, as they are pruned only
 * once; where a rule would have let go of one before (`KEEP`), it is counted too.
 */
export function mostKeptOf({ times, policy, tierOf }: Simulation): number {
  const now = times.at(-1)
  if (now === undefined) return 0
  const backups = times.map((time) => imagined(time, tierOf(time)))
  return planRetention({ backups, policy, now }).decisions.filter(({ keep }) => keep).length
}

/** A good backup that nobody has taken. */
export function imagined(takenAt: Date, tier: Tier | null): Backup {
  const stamp = localStampOf(takenAt)
  const kind = { format: 'plain', codec: 'gzip' } as const
  const name = { tier, folder: stamp.date, core: 'simulated', stamp, ...kind }
  const path = printBackupName(name)
  return { path, name, takenAt, bytes: 0, manifest: null, quality: 'good', problem: null }
}
