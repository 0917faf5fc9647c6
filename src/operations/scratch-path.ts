import { rm } from 'node:fs/promises'
import type { Appliance } from './appliance.ts'

/**
 * Where dumps lie that cannot go straight into their archive, relative to the root: on the volume,
 * because nowhere else is room for a whole database sure to be; hidden, so that nothing counts it
 * as a backup.
 */
export const scratchPath = '.catalog/scratch'

/** To be called by the holder of the lock: no live run of ours has anything there. */
export async function clearScratch({ volume }: Pick<Appliance, 'volume'>): Promise<void> {
  await rm(volume.absolute(scratchPath), { recursive: true, force: true })
}
