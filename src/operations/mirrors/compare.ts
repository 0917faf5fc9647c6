import type { Attribution } from '../../catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  copyIn,
  type StoredFile,
  sumOnRecord,
} from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { takeInventory } from '../inventory.ts'
import { type Artifact, artifactFor, measureOf, pathIn, withoutTier } from './artifact.ts'
import { adoptManifest } from './copy-one.ts'
import { adoptCopy, loseCopy } from './copy-records.ts'
import { fetchManifests } from './holdings.ts'
import type { Mirror, MirrorStore } from './mirror.ts'
import { repairFrom } from './repair.ts'

/** What one run has to do with one mirror. */
export interface MirrorWork {
  readonly appliance: Appliance
  readonly mirror: Mirror
  readonly store: MirrorStore
  /** Does something about a backup; a failure of it is told and gathered, and does not go on. */
  readonly noting: (path: string | null, work: () => Promise<unknown>) => Promise<void>
  /** Hears of files of the volume that were written anew. */
  readonly repaired: (path: string) => void
}

interface Comparison extends MirrorWork {
  readonly databases: readonly ConfiguredDatabase[]
  /** What the store lists, by path. */
  readonly files: ReadonlyMap<string, StoredFile>
}

/**
 * What the records say is in a mirror, against what is: only its listing counts. What is there
 * without a record is taken over if it has the right bytes, and what the volume has lost comes back.
 */
export async function compareWithListing(comparison: Comparison): Promise<void> {
  const { appliance, databases } = comparison
  await adoptManifests(comparison)
  const inventory = await takeInventory(appliance)
  for (const backup of backupsOf(inventory, databases)) {
    appliance.signal.throwIfAborted()
    await compareOne(comparison, backup)
  }
}

async function compareOne(comparison: Comparison, backup: Backup): Promise<void> {
  const { appliance, mirror, files } = comparison
  const copy = copyIn(backup, mirror.name)
  if (copy === undefined) {
    const path = pathIn(mirror, backup.path)
    const found = files.get(path) ?? files.get(withoutTier(path))
    if (found !== undefined) await adopt(comparison, backup, found)
  } else if (files.get(copy.path)?.bytes !== copy.bytes) {
    await loseCopy(appliance, backup, mirror)
  } else if (backup.quality === 'bad') {
    await repair(comparison, backup)
  }
}

/** A lost catalog comes back from the manifests that lie beside the copies. */
export async function adoptManifests(
  comparison: Omit<Comparison, 'repaired' | 'mirror'>,
): Promise<void> {
  const { appliance, store, databases, files, noting } = comparison
  const inventory = await takeInventory(appliance)
  const bare = backupsOf(inventory, databases).filter(
    ({ manifest, path, bytes }) => manifest === null && files.get(path)?.bytes === bytes,
  )
  const manifests = await fetchManifests(
    appliance,
    store,
    bare.map(({ path }) => path),
  )
  for (const backup of bare) {
    const found = manifests.get(backup.path)
    if (found === undefined) continue
    await noting(backup.path, () => adoptManifest(appliance, backup, found))
  }
}

/** Something of its name is there already: its copy, if it has its bytes. */
async function adopt(
  { appliance, mirror, store, noting }: Comparison,
  backup: Backup,
  found: StoredFile,
): Promise<void> {
  const artifact = artifactFor(appliance, mirror, backup)
  if (!artifact.isAsItIs || found.bytes !== backup.bytes) return
  await noting(backup.path, async () => {
    const there = await measureOf(await store.open(found.path, appliance.signal))
    if (there.sha256 !== (await sumOf(backup, artifact))) return
    const copy = { path: found.path, ...there }
    await adoptCopy(appliance, backup, { mirror, store, sealed: there.sha256, copy })
  })
}

/** What a copy as it is must have; of a backup of which nobody has taken it yet, as it is now. */
async function sumOf(backup: Backup, { source }: Artifact): Promise<string> {
  return sumOnRecord(backup) ?? (await measureOf(source.open(0))).sha256
}

async function repair(
  { appliance, mirror: { name }, store, noting, repaired }: Comparison,
  backup: Backup,
): Promise<void> {
  await noting(backup.path, async () => {
    const outcome = await repairFrom(appliance, backup, { name, store })
    const path = appliance.volume.label(backup.path)
    if (outcome === 'as-sealed') return
    if (outcome === 'not-possible') {
      const text = `${path} has lost bytes, and its copy in ${name} cannot take its place here: it is encrypted or decompressed there. --from ${name} reads that.`
      return appliance.tell({ kind: 'warning', database: null, text })
    }
    repaired(backup.path)
    appliance.tell({ kind: 'mirror-repaired', store: name, path })
  })
}

/** The backups of these databases, and of no others. */
export function backupsOf(
  { of }: Attribution,
  databases: readonly ConfiguredDatabase[],
): readonly Backup[] {
  return databases.flatMap((database) => of.get(database) ?? [])
}
