import { identityOf, type Manifest } from '../model/index.ts'
import type { Appliance } from './appliance.ts'

/** How far back the runs that made and deleted backups are looked for. */
const mostRuns = 1000

/** Files that are named, before the others are counted. */
const mostNamed = 10

/**
 * Tells of backups that had been sealed and are gone although no run of ours deleted them.
 * @param orphans manifests without a file; most are of runs that died just before they sealed.
 */
export async function tellMissing(
  { catalog, configuration, volume, tell }: Appliance,
  orphans: readonly Manifest[],
): Promise<void> {
  if (orphans.length === 0) return
  const runs = await catalog.recentRuns({ limit: mostRuns })
  const deleted = new Set(runs.flatMap(({ removed }) => removed))
  const backups = runs.filter(({ verb }) => verb === 'back-up')
  const made = new Set(
    backups
      .flatMap(({ databases }) => databases)
      .filter(({ state }) => state === 'succeeded')
      .map(({ path }) => path),
  )
  const missing = orphans.filter(
    (manifest) => !deleted.has(manifest.path) && (made.has(manifest.path) || wasLookedAt(manifest)),
  )
  for (const { path, spec } of missing.slice(0, mostNamed)) {
    const database = configuration.databases.find((it) => identityOf(it.spec) === spec) ?? null
    const text = `${volume.label(path)}: was sealed, and its file is gone; no run of ours deleted it.`
    tell({ kind: 'warning', database, text })
  }
  const more = missing.length - mostNamed
  if (more > 0) {
    const text = `${more} more sealed backups are gone; no run of ours deleted them.`
    tell({ kind: 'warning', database: null, text })
  }
}

/** Only a file that was there can have been copied, checked or verified. */
function wasLookedAt({ copies, check, verifications }: Manifest): boolean {
  return copies.length > 0 || check !== null || verifications.length > 0
}
