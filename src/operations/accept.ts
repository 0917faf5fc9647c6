import { type ConfiguredDatabase, identityOf } from '../model/index.ts'
import { type Anomaly, levelOf, planRetention } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { takeInventory } from './inventory.ts'
import { policiesIn } from './retention-policy.ts'
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
    const { catalog, clock, volume } = locked
    const identity = identityOf(database.spec)
    const now = clock.now()
    const backups = (await takeInventory(locked)).of.get(database) ?? []
    const { anomaly } = planRetention({
      backups,
      policy: policiesIn(locked, volume.name)(database),
      now,
      accepted: await catalog.readAcceptance(identity),
    })
    if (anomaly === null) return null
    const { newest, shownBy } = anomaly
    await catalog.saveAcceptance({
      version: 1,
      path: identity,
      at: now.toISOString(),
      takenAt: newest.takenAt.toISOString(),
      ...levelOf(shownBy),
    })
    return anomaly
  })
}
