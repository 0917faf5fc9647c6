import { type ConfiguredDatabase, identityOf } from '../model/index.ts'
import { type Anomaly, levelOf } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { takeInventory } from './inventory.ts'
import { lastingLoss } from './lasting-loss.ts'
import { withLock } from './with-lock.ts'

/**
 * Records that a database rightly has as little in it as its newest backups have.
 * @returns what was accepted; null when there was nothing remarkable, and nothing is recorded.
 */
export async function acceptAnomaly(
  appliance: Appliance,
  database: ConfiguredDatabase,
): Promise<Anomaly | null> {
  return await withLock(appliance, { patient: false }, async (locked) => {
    const { catalog, clock } = locked
    const identity = identityOf(database.spec)
    const backups = (await takeInventory(locked)).of.get(database) ?? []
    const anomaly = await lastingLoss(locked, database, backups)
    if (anomaly === null) return null
    const { newest, shownBy } = anomaly
    await catalog.saveAcceptance({
      version: 1,
      path: identity,
      at: clock.now().toISOString(),
      takenAt: newest.takenAt.toISOString(),
      ...levelOf(shownBy),
    })
    return anomaly
  })
}
