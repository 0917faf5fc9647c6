import type { Appliance } from '../appliance.ts'
import { type OwnBackups, owedTo } from './owed.ts'

/** How far a mirror is behind with a database. */
export interface StoreLag {
  readonly store: string
  /** Good backups that its policy keeps and that it lacks. */
  readonly backups: number
  /** Age of the oldest of them. */
  readonly seconds: number
}

/** One for every mirror, by the record of the copies; asks no mirror. */
export async function storeLags(
  appliance: Appliance,
  own: OwnBackups,
): Promise<readonly StoreLag[]> {
  const now = appliance.clock.now().getTime()
  const lags: StoreLag[] = []
  for (const mirror of appliance.mirrors) {
    const owed = await owedTo(appliance, mirror, own)
    const ms = now - (owed[0]?.takenAt.getTime() ?? now)
    const seconds = Math.max(0, Math.round(ms / 1000))
    lags.push({ store: mirror.name, backups: owed.length, seconds })
  }
  return lags
}
