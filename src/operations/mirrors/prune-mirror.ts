import { recordPathOf } from '../../catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  identityOf,
  type Manifest,
  type StoredFile,
} from '../../model/index.ts'
import { type Decision, planRetention } from '../../retention/index.ts'
import type { Appliance } from '../appliance.ts'
import { policiesIn } from '../retention-policy.ts'
import { fetchManifests, holdingsOf } from './holdings.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

export interface MirrorContents {
  readonly mirror: Mirror
  readonly store: MirrorStore
  readonly files: readonly StoredFile[]
  /** By path in the mirror; those that the volume knows. */
  readonly manifests: ReadonlyMap<string, Manifest>
}

/**
 * Applies the policy of a mirror to what is there. Whatever a name alone would let go is looked at
 * first: only its manifest says whether it is the last one that was proved, or pinned.
 * @returns what was removed, by its path as the mirror lists it, with its name there.
 */
export async function pruneMirror(
  appliance: Appliance,
  contents: MirrorContents,
  databases: readonly ConfiguredDatabase[],
): Promise<ReadonlyMap<string, string>> {
  const { store, files } = contents
  const manifests = new Map(contents.manifests)
  const asked = new Set<string>()
  for (;;) {
    const doomed = await doomedIn(appliance, { ...contents, manifests }, databases)
    const unknown = doomed.filter(({ manifest, path }) => manifest === null && !asked.has(path))
    if (unknown.length === 0) {
      await removeAll(appliance, store, doomed)
      const names = new Map(files.map(({ path, storedAs = path }) => [path, storedAs]))
      return new Map(doomed.map(({ path }) => [path, names.get(path) ?? path]))
    }
    const paths = unknown.map(({ path }) => path)
    for (const path of paths) asked.add(path)
    const found = await fetchManifests(appliance, store, paths)
    for (const [path, manifest] of found) manifests.set(path, manifest)
  }
}

async function doomedIn(
  appliance: Appliance,
  { mirror, files, manifests }: MirrorContents,
  databases: readonly ConfiguredDatabase[],
): Promise<readonly Backup[]> {
  const { of } = holdingsOf(appliance, files, manifests)
  const policyOf = policiesIn(appliance, mirror.name)
  const decisions: Decision[] = []
  for (const database of databases) {
    const accepted = await appliance.catalog.readAcceptance(identityOf(database.spec))
    const backups = of.get(database) ?? []
    const policy = policyOf(database)
    const now = appliance.clock.now()
    decisions.push(...planRetention({ backups, policy, now, accepted }).decisions)
  }
  return decisions.filter(({ keep }) => !keep).map(({ backup }) => backup)
}

/** Each manifest after its file: one without a file is a left-over, never the reverse. */
async function removeAll(
  { signal }: Appliance,
  store: MirrorStore,
  doomed: readonly Backup[],
): Promise<void> {
  for (const { path } of doomed) {
    signal.throwIfAborted()
    await store.remove(path, signal)
    await store.remove(recordPathOf(path), signal)
  }
  if (doomed.length > 0) await store.prune?.(signal)
}
