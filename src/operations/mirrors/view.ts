import {
  type BackupRecords,
  type Catalog,
  manifestOfCopy,
  recordPathOf,
  travelling,
} from '../../catalog/index.ts'
import {
  type Appraisal,
  type Backup,
  copiesOnRecord,
  type Manifest,
  Refusal,
  sourceOf,
} from '../../model/index.ts'
import type { Primary } from '../../stores/index.ts'
import type { Appliance } from '../appliance.ts'
import { type Bringing, bringing } from '../bring.ts'
import { takeInventory } from '../inventory.ts'
import { loseCopy } from './copy-records.ts'
import { fetchManifests, listToRead } from './holdings.ts'
import type { Mirror, MirrorStore } from './mirror.ts'

/**
 * The same appliance, but that its backups are those of a store (`--from`): operations that list
 * and read work there as on the volume. A backup that is read is brought to the volume's scratch
 * folder first, as restores read an archive more than once. Runs are recorded on the volume.
 * @throws {Refusal} exit status 2, when there is no such store.
 */
export async function viewOfStore(appliance: Appliance, from: string | null): Promise<Appliance> {
  const { volume, mirrors } = appliance
  if (from === null || from === volume.name) return appliance
  const mirror = mirrors.find(({ name }) => name === from)
  if (mirror === undefined) throw noSuchStore(appliance, from)
  const store = await mirror.open()
  const brought = bringing(appliance, {
    store,
    label: store.name,
    listing: `backup.sh -l --from ${store.name}`,
    scratch: volume.scratch,
  })
  return {
    ...appliance,
    volume: volumeOf(volume, store, brought),
    catalog: new CatalogOfStore(appliance, mirror, store).catalog,
    from: mirror.name,
    fetch: brought.fetch,
  }
}

function volumeOf(volume: Primary, store: MirrorStore, { absolute, open }: Bringing): Primary {
  return {
    ...volume,
    absolute,
    open,
    label: (path) => `${store.name}:${path}`,
    list: (signal) => listToRead(store, signal),
    listRecords: (signal) => store.listRecords(signal),
    remove: (path, signal) => store.remove(path, signal),
  }
}

/** Manifests beside the copies, read when they are asked for. */
class CatalogOfStore {
  readonly #appliance: Appliance
  readonly #mirror: Mirror
  readonly #store: MirrorStore
  readonly #known = new Map<string, Manifest>()

  constructor(appliance: Appliance, mirror: Mirror, store: MirrorStore) {
    this.#appliance = appliance
    this.#mirror = mirror
    this.#store = store
  }

  get catalog(): Catalog {
    return {
      ...this.#appliance.catalog,
      read: async (path) => (await this.#all([path])).get(path) ?? null,
      recordsOf: async (paths) => ({
        manifests: await this.#all(await paths),
        appraisals: await this.#appraisals(),
      }),
      save: (manifest) => this.#save(manifest),
      update: async (path, change) => {
        const manifest = (await this.#all([path])).get(path)
        if (manifest === undefined) return null
        const changed = change(manifest)
        await this.#save(changed)
        if (changed.check?.ok === false) await this.#disown(path)
        return changed
      },
      remove: (path) => this.#store.remove(recordPathOf(path), this.#appliance.signal),
      appraise: async ({ path, bytes }, change) => {
        const unknown = { version: 1, path, bytes, verifications: [], check: null } as const
        if (change(unknown).check?.ok === false) await this.#disown(path)
      },
    }
  }

  async #all(paths: readonly string[]): Promise<ReadonlyMap<string, Manifest>> {
    const unknown = paths.filter((path) => !this.#known.has(path))
    const found = await fetchManifests(this.#appliance, this.#store, unknown)
    for (const [path, manifest] of found) this.#known.set(path, manifest)
    return new Map([...this.#known].filter(([path]) => paths.includes(path)))
  }

  /** What the volume knows of copies that have no manifest: the bytes that were sent. */
  async #appraisals(): Promise<BackupRecords['appraisals']> {
    const known = new Map<string, Appraisal>()
    for (const backup of await this.#ownBackups()) {
      const copy = copiesOnRecord(backup).find(({ store }) => store === this.#mirror.name)
      if (copy === undefined || backup.manifest !== null) continue
      const { path, bytes, sha256 } = copy
      known.set(path, { version: 1, path, bytes, sha256, verifications: [], check: null })
    }
    return known
  }

  async #ownBackups(): Promise<readonly Backup[]> {
    const { of } = await takeInventory(this.#appliance)
    return [...of.values()].flat()
  }

  /** A copy that is rotten is none: the next run sends it again. */
  async #disown(path: string): Promise<void> {
    const { name } = this.#mirror
    for (const backup of await this.#ownBackups()) {
      const isOfIt = copiesOnRecord(backup).some(
        (copy) => copy.store === name && copy.path === path,
      )
      if (isOfIt) await loseCopy(this.#appliance, backup, this.#mirror)
    }
  }

  async #save(manifest: Manifest): Promise<void> {
    const { path, text } = travelling(manifestOfCopy(manifest, manifest))
    await this.#store.put(path, sourceOf(Buffer.from(text)), this.#appliance.signal)
    this.#known.set(manifest.path, manifest)
  }
}

function noSuchStore({ volume, mirrors }: Appliance, from: string): Refusal {
  const names = [volume.name, ...mirrors.map(({ name }) => name)]
  return new Refusal(`There is no store "${from}".`, {
    reason: `This configuration has: ${names.join(', ')}.`,
    advice: `Leave --from out, or write --from ${volume.name}.`,
    exitStatus: 2,
    isTyped: true,
  })
}
