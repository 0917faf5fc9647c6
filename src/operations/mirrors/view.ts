import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Catalog, manifestOfCopy, recordPathOf, travelling } from '../../catalog/index.ts'
import {
  codecs,
  type Manifest,
  Refusal,
  type StoredFile,
  sourceOf,
  withoutEncryptedEnding,
} from '../../model/index.ts'
import { explainingDiskErrors, makeFolder } from '../../platform/index.ts'
import { openVolume, type Volume } from '../../stores/index.ts'
import type { Appliance } from '../appliance.ts'
import { scratchPath } from '../scratch-path.ts'
import { pathWithCodec } from './artifact.ts'
import { fetchManifests } from './holdings.ts'
import type { MirrorStore } from './mirror.ts'

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
  const scratch = join(scratchPath, `from-${from}-${randomBytes(6).toString('hex')}`)
  const brought = openVolume(volume.absolute(scratch), { modes: appliance.modes })
  return {
    ...appliance,
    volume: volumeOf(store, brought),
    catalog: new CatalogOfStore(appliance, store).catalog,
    fetch: (path) => bring(appliance, { store, brought, path }),
  }
}

function volumeOf(store: MirrorStore, brought: Volume): Volume {
  return {
    ...brought,
    label: (path) => `${store.name}:${path}`,
    list: (signal) => store.list(signal),
    listRecords: (signal) => store.listRecords(signal),
    // What was brought is read from here.
    open: (path, signal) =>
      existsSync(brought.absolute(path)) ? brought.open(path, signal) : store.open(path, signal),
    remove: (path, signal) => store.remove(path, signal),
  }
}

/** Manifests beside the copies, read when they are asked for. */
class CatalogOfStore {
  readonly #appliance: Appliance
  readonly #store: MirrorStore
  readonly #known = new Map<string, Manifest>()

  constructor(appliance: Appliance, store: MirrorStore) {
    this.#appliance = appliance
    this.#store = store
  }

  get catalog(): Catalog {
    return {
      ...this.#appliance.catalog,
      read: async (path) => (await this.#all([path])).get(path) ?? null,
      readAll: (paths) => this.#all(paths),
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
      readAppraisals: async () => new Map(),
      saveAppraisal: async () => undefined,
    }
  }

  async #all(paths: readonly string[]): Promise<ReadonlyMap<string, Manifest>> {
    const unknown = paths.filter((path) => !this.#known.has(path))
    const found = await fetchManifests(this.#appliance, this.#store, unknown)
    for (const [path, manifest] of found) this.#known.set(path, manifest)
    return new Map([...this.#known].filter(([path]) => paths.includes(path)))
  }

  /** A copy that is rotten is none: the next run sends it again. */
  async #disown(path: string): Promise<void> {
    const { catalog } = this.#appliance
    const clear = withoutEncryptedEnding(path)
    const names = codecs.map((codec) => pathWithCodec(clear, codec))
    for (const name of new Set([path, clear, ...names])) {
      await catalog.update(name, (manifest) => ({
        ...manifest,
        copies: manifest.copies.filter(
          (copy) => copy.store !== this.#store.name || copy.path !== path,
        ),
      }))
    }
  }

  async #save(manifest: Manifest): Promise<void> {
    const { path, text } = travelling(manifestOfCopy(manifest, manifest))
    await this.#store.put(path, sourceOf(Buffer.from(text)), this.#appliance.signal)
    this.#known.set(manifest.path, manifest)
  }
}

interface Bringing {
  readonly store: MirrorStore
  readonly brought: Volume
  readonly path: string
}

/** A file of the store in the scratch folder, for as long as it is needed. */
async function bring(
  { signal, tell, modes }: Appliance,
  { store, brought, path }: Bringing,
): Promise<AsyncDisposable> {
  const { bytes } = await fileOf(store, path, signal)
  await explainingDiskErrors(`Bringing ${path} from ${store.name}`, () =>
    makeFolder(brought.root, modes.folder),
  )
  tell({ kind: 'fetching', store: store.name, path, bytes })
  try {
    const stream = await store.open(path, signal)
    await brought.put(path, { bytes, open: () => stream }, signal)
  } catch (error) {
    await rm(brought.root, { recursive: true, force: true })
    throw error
  }
  return {
    [Symbol.asyncDispose]: () => rm(brought.root, { recursive: true, force: true }),
  }
}

async function fileOf(store: MirrorStore, path: string, signal: AbortSignal): Promise<StoredFile> {
  const file = (await store.list(signal)).find((each) => each.path === path)
  if (file !== undefined) return file
  throw new Refusal(`${path} is not in ${store.name} any more.`, {
    reason: 'It may have been pruned since it was listed. Nothing was touched.',
    advice: `backup.sh -l --from ${store.name} lists what there is.`,
  })
}

function noSuchStore({ volume, mirrors }: Appliance, from: string): Refusal {
  const names = [volume.name, ...mirrors.map(({ name }) => name)]
  return new Refusal(`There is no store "${from}".`, {
    reason: `This configuration has: ${names.join(', ')}.`,
    advice: `Leave --from out, or write --from ${volume.name}.`,
    exitStatus: 2,
  })
}
