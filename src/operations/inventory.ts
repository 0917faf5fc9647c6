import { type Attribution, attribute, describeBackups } from '../catalog/index.ts'
import { allEnded, type Backup, isInFuture } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/**
 * The finished backups on the volume, by their databases. Reads it and its manifests once; costs
 * grow with the number of backups.
 */
export async function takeInventory(appliance: Appliance): Promise<Attribution> {
  const { volume, catalog, configuration, signal } = appliance
  const listing = volume.list(signal)
  const paths = listing.then((files) => files.map(({ path }) => path))
  const [files, { manifests, appraisals }] = await allEnded([listing, catalog.recordsOf(paths)])
  return attribute(describeBackups(files, manifests, appraisals), configuration.databases)
}

/**
 * The newest good backup, what `--status` judges by. One that is dated in the future (a clock was
 * wrong) proves nothing about today.
 */
export function newestGood(backups: readonly Backup[], now: Date): Backup | null {
  const fits = ({ quality, takenAt }: Backup): boolean =>
    quality === 'good' && !isInFuture(takenAt, now)
  return backups.find(fits) ?? null
}
