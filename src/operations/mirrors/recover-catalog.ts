import { manifestOfOriginal } from '../../catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  copyIn,
  type Manifest,
  type StoredFile,
} from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { takeInventory } from '../inventory.ts'
import { isReadable } from '../newest-readable.ts'
import { checksumOf } from '../opened-archive.ts'
import { pathsIn } from './artifact.ts'
import type { MirrorWork } from './compare.ts'
import { fetchManifests } from './holdings.ts'
import type { Mirror } from './mirror.ts'

type Recovery = Pick<MirrorWork, 'appliance' | 'mirror' | 'store' | 'noting'>

interface Bare {
  readonly database: ConfiguredDatabase
  readonly backup: Backup
}

/**
 * A lost catalog comes back from the manifests that lie beside the copies. To be done for all
 * mirrors before any of them is compared: what one lacks is known when all manifests are back.
 */
export async function recoverCatalog(
  recovery: Recovery,
  databases: readonly ConfiguredDatabase[],
): Promise<void> {
  const { appliance, mirror, store, noting } = recovery
  const bare = await bareBackups(appliance, mirror, databases)
  if (bare.length === 0) return
  const files = new Map((await store.list(appliance.signal)).map((file) => [file.path, file]))
  const wanted = bare.flatMap(({ backup }) => namesThere(mirror, backup, files))
  const manifests = await fetchManifests(appliance, store, [...new Set(wanted)])
  for (const { database, backup } of bare) {
    const found = namesThere(mirror, backup, files).flatMap((path) => manifests.get(path) ?? [])
    if (found.length === 0) continue
    await noting(backup.path, () => recoverOne(recovery, { database, backup }, found))
  }
}

/** Those that have a copy on record were sent without a manifest: there is none to be found. */
async function bareBackups(
  appliance: Appliance,
  { name }: Mirror,
  databases: readonly ConfiguredDatabase[],
): Promise<readonly Bare[]> {
  const { of } = await takeInventory(appliance)
  return databases.flatMap((database) =>
    (of.get(database) ?? [])
      .filter((backup) => backup.manifest === null && copyIn(backup, name) === undefined)
      .map((backup) => ({ database, backup })),
  )
}

function namesThere(
  mirror: Mirror,
  { path }: Backup,
  files: ReadonlyMap<string, StoredFile>,
): readonly string[] {
  return pathsIn(mirror, path).filter((name) => files.has(name))
}

async function recoverOne(
  { appliance, mirror: { name } }: Recovery,
  { database, backup }: Bare,
  found: readonly Manifest[],
): Promise<void> {
  const { volume, catalog, clock } = appliance
  const label = volume.label(backup.path)
  const warn = (text: string): void => appliance.tell({ kind: 'warning', database, text })
  const manifest = found.map(manifestOfOriginal).find(({ path }) => path === backup.path)
  if (manifest === undefined) {
    const text = `${label} has no manifest, and that in ${name} does not come back: it does not say which file of the volume it is of. backup.sh --check makes the backup count again.`
    return warn(text)
  }
  const sha256 = await checksumOf(appliance, backup.path)
  // A copy counts again when it has been read.
  const pinnedAt = manifest.pinnedAt ?? backup.appraisal?.pinnedAt
  const recovered = { ...manifest, pinnedAt, copies: [], check: null }
  if (sha256 === manifest.sha256) return await catalog.save(recovered)
  if (await isReadable(appliance, database, backup)) {
    const text = `${label} has no manifest, and that in ${name} does not come back: it is of other bytes, and the file can be read as it is.`
    return warn(text)
  }
  const problem = 'its bytes are not those that were sealed'
  const check = { ok: false, at: clock.now().toISOString(), problem }
  await catalog.save({ ...recovered, check })
}
