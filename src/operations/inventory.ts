import { type Attribution, attribute, describeBackups } from '../catalog/index.ts'
import { type Backup, isInFuture } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/** The finished backups on the volume, by their databases. Reads it and its manifests once; costs grow with the number of backups. */
export async function takeInventory(appliance: Appliance): Promise<Attribution> {
  const { volume, catalog, configuration, signal } = appliance
  const files = await volume.list(signal)
  const paths = files.map(({ path }) => path)
  const manifests = await catalog.readAll(paths)
  const others = paths.filter((path) => !manifests.has(path))
  const appraisals = await catalog.readAppraisals(others)
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
