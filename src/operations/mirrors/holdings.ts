import {
  type Attribution,
  attribute,
  describeBackups,
  readTravelling,
  recordPathOf,
} from '../../catalog/index.ts'
import { type Backup, copyIn, type Manifest, type StoredFile } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { inTurns } from '../in-turns.ts'
import { manifestInMirror } from './artifact.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

/** A record larger than this is none of ours. */
const mostRecordBytes = 16 * 1024 * 1024

/** How many records are read at a time: of restic each takes a process, and its memory. */
const readsAtOnce = new Map([
  ['ftp', 4],
  ['s3', 32],
  ['restic', 2],
])

/**
 * The manifests of copies as far as the volume knows them, by their paths in the mirror. Costs no
 * look at the mirror.
 */
export function knownManifests(
  mirror: Mirror,
  own: readonly Backup[],
): ReadonlyMap<string, Manifest> {
  const known = new Map<string, Manifest>()
  for (const { manifest } of own) {
    const copy = copyIn({ manifest }, mirror.name)
    if (manifest === null || copy === undefined) continue
    known.set(copy.path, manifestInMirror(mirror, manifest, copy))
  }
  return known
}

/** The manifests that lie beside these copies in the mirror, by their paths. */
export async function fetchManifests(
  { signal, tell }: Appliance,
  store: MirrorStore,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Manifest>> {
  const found = new Map<string, Manifest>()
  if (paths.length === 0) return found
  const records = await store.listRecords(signal)
  const sizes = new Map(records.map(({ path, bytes }) => [path, bytes]))
  const readable = paths.filter((path) => {
    const bytes = sizes.get(recordPathOf(path))
    return bytes !== undefined && bytes <= mostRecordBytes
  })
  let done = 0
  await inTurns(readable, readsAtOnce.get(store.name) ?? 1, async (path) => {
    const record = recordPathOf(path)
    const manifest = readTravelling(await textOf(store, record, signal), path)
    if (manifest !== null) found.set(path, manifest)
    else {
      const text = `${record} in ${store.name} is no manifest of ${path}; it counts by its name alone.`
      tell({ kind: 'warning', database: null, text })
    }
    done += 1
    tell({ kind: 'records-grew', store: store.name, done, total: readable.length })
  })
  return found
}

async function textOf(store: MirrorStore, path: string, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await store.open(path, signal)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** What a mirror lists, for who reads there: a place where nothing was ever made is no empty one. */
export async function listToRead(
  store: MirrorStore,
  signal: AbortSignal,
): Promise<readonly StoredFile[]> {
  const files = await store.list(signal)
  if (files.length === 0) await store.mustExist?.(signal)
  return files
}

/** The backups in a mirror, by their databases. */
export function holdingsOf(
  { configuration }: Appliance,
  files: readonly StoredFile[],
  manifests: ReadonlyMap<string, Manifest>,
): Attribution {
  return attribute(describeBackups(files, manifests), configuration.databases)
}
