import { allEnded } from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { clearScratch } from './clear-scratch.ts'
import { tellMissing } from './tell-missing.ts'

/**
 * Removes what dead runs left: partial files of configured databases, and manifests whose file
 * never got its name, or was deleted by somebody else, which is told. The caller holds the lock, so
 * no live run of ours has any.
 */
export async function clearLeftovers(appliance: Appliance): Promise<void> {
  const { volume, catalog, configuration, tell, signal } = appliance
  const cores = new Set(configuration.databases.map(({ core }) => core))
  const existing = volume.list(signal).then((files) => new Set(files.map(({ path }) => path)))
  const [removed, , orphans] = await allEnded([
    volume.removeLeftovers((core) => cores.has(core)),
    clearScratch(appliance),
    catalog.removeOrphans(existing),
  ])
  for (const path of removed) {
    const text = `Removed ${volume.label(path)}, the left-over of a run that was interrupted.`
    tell({ kind: 'warning', database: null, text })
  }
  await tellMissing(appliance, orphans)
}
