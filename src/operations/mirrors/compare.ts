import type { Attribution } from '../../catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  copiesOnRecord,
  copyIn,
  type Manifest,
  type StoredFile,
  sumOnRecord,
} from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { takeInventory } from '../inventory.ts'
import { artifactFor, measureOf, pathIn, withoutTier } from './artifact.ts'
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
  /** What this run has copied there, by the paths on the volume. */
  readonly copied: readonly string[]
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
 * Manifests that were lost are back already (`recoverCatalog`).
 */
export async function compareWithListing(comparison: Comparison): Promise<void> {
  const { appliance, databases } = comparison
  const inventory = await takeInventory(appliance)
  const backups = backupsOf(inventory, databases)
  warnIfEmptied(comparison, backups)
  const besides = await manifestsBeside(comparison, backups)
  for (const backup of backups) {
    appliance.signal.throwIfAborted()
    await compareOne({ ...comparison, besides }, backup)
  }
}

/** A place that lost everything is perhaps the wrong one: a folder that is not mounted. */
function warnIfEmptied(
  { appliance, mirror: { name }, files, copied }: Comparison,
  backups: readonly Backup[],
): void {
  const known = backups
    .filter(({ path }) => !copied.includes(path))
    .flatMap((backup) => copiesOnRecord(backup).find(({ store }) => store === name) ?? [])
  if (known.length === 0 || known.some(({ path }) => files.has(path))) return
  const copies = known.length === 1 ? '1 copy' : `${known.length} copies`
  const text =
    `${name} has lost all copies that are on record there (${copies}): it is another place now, ` +
    'or emptied, or not mounted. What it should have is sent again.'
  appliance.tell({ kind: 'warning', database: null, text })
}

/** Of files that may be copies, but have other bytes than the volume: they say which. */
async function manifestsBeside(
  { appliance, mirror, store, files }: Comparison,
  backups: readonly Backup[],
): Promise<ReadonlyMap<string, Manifest>> {
  const paths = backups
    .filter((backup) => backup.manifest !== null && copyIn(backup, mirror.name) === undefined)
    .filter((backup) => !artifactFor(appliance, mirror, backup).isAsItIs)
    .flatMap(({ path }) => fileOf({ mirror, files }, path)?.path ?? [])
  return await fetchManifests(appliance, store, paths)
}

/** What lies in the mirror under the name of a backup's copy. */
export function fileOf(
  { mirror, files }: Pick<Comparison, 'mirror' | 'files'>,
  path: string,
): StoredFile | undefined {
  const there = pathIn(mirror, path)
  return files.get(there) ?? files.get(withoutTier(there))
}

async function compareOne(comparison: Comparing, backup: Backup): Promise<void> {
  const { appliance, mirror, files } = comparison
  const copy = copyIn(backup, mirror.name)
  if (copy === undefined) {
    const found = fileOf(comparison, backup.path)
    if (found !== undefined) await adopt(comparison, backup, found)
  } else if (files.get(copy.path)?.bytes !== copy.bytes) {
    await loseCopy(appliance, backup, mirror)
  } else if (backup.quality === 'bad') {
    await repair(comparison, backup)
  }
}

interface Comparing extends Comparison {
  /** By their paths in the mirror. */
  readonly besides: ReadonlyMap<string, Manifest>
}

/** Something of its name is there already: its copy, if it has its bytes. */
async function adopt(comparing: Comparing, backup: Backup, found: StoredFile): Promise<void> {
  const { appliance, mirror, store, noting } = comparing
  const { catalog, signal } = appliance
  let isAdopted = false
  await noting(backup.path, async () => {
    const expected = await expectedOf(comparing, backup, found)
    if (expected?.bytes !== found.bytes) return
    const there = await measureOf(await store.open(found.path, signal))
    if (there.sha256 !== expected.sha256) return
    const { sealed } = expected
    const copy = { path: found.path, ...there }
    await adoptCopy(appliance, backup, { mirror, store, sealed, copy })
    isAdopted = true
  })
  if (!isAdopted || backup.quality !== 'bad') return
  await repair(comparing, { ...backup, manifest: await catalog.read(backup.path) })
}

interface Expected {
  readonly bytes: number
  readonly sha256: string
  /** Of the file of the volume, where it was taken. */
  readonly sealed: string | undefined
}

/** What a file in the mirror must be, to be a copy; null: nobody can tell. */
async function expectedOf(
  { appliance, mirror, besides }: Comparing,
  backup: Backup,
  { path }: StoredFile,
): Promise<Expected | null> {
  const { manifest } = backup
  const { isAsItIs, source } = artifactFor(appliance, mirror, backup)
  if (isAsItIs) {
    const { bytes } = manifest ?? backup
    // Of a backup that nobody knows yet, as it is now.
    const sha256 = sumOnRecord(backup) ?? (await measureOf(source.open(0))).sha256
    return { bytes, sha256, sealed: sha256 }
  }
  const beside = besides.get(path)
  if (beside?.original === undefined || beside.original.sha256 !== manifest?.sha256) return null
  return { bytes: beside.bytes, sha256: beside.sha256, sealed: undefined }
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
