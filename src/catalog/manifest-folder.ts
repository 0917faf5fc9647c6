import { hash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Manifest } from '../model/index.ts'
import {
  explainingDiskErrors,
  isCode,
  type Modes,
  makeFolder,
  syncFolder,
  takingTurns,
  temporaryPrefix,
  writeFileDurably,
} from '../platform/index.ts'
import { manifestShape } from './manifest-shape.ts'
import { readJson } from './read-json.ts'

interface Options {
  readonly modes: Modes
  readonly clock: Clock
  readonly onProblem: (text: string) => void
}

const anHourMs = 3_600_000

/** The files `manifests/<hash of the path>.json`: no name of a database may occur in their paths. */
export class ManifestFolder {
  readonly #folder: string
  readonly #options: Options
  #lastUpdate: Promise<unknown> = Promise.resolve()

  constructor(folder: string, options: Options) {
    this.#folder = folder
    this.#options = options
  }

  async read(path: string): Promise<Manifest | null> {
    return this.#readNow(path)
  }

  async readAll(paths: readonly string[]): Promise<ReadonlyMap<string, Manifest>> {
    const manifests = new Map<string, Manifest>()
    const present = new Set(await this.#names())
    const letOthersRun = takingTurns()
    for (const path of paths) {
      const manifest = present.has(fileNameOf(path)) ? this.#readNow(path) : null
      if (manifest !== null) manifests.set(path, manifest)
      await letOthersRun()
    }
    return manifests
  }

  async save(manifest: Manifest): Promise<void> {
    const { modes } = this.#options
    await explainingDiskErrors(`Writing the manifest of ${manifest.path}`, async () => {
      await makeFolder(this.#folder, modes.folder)
      await writeFileDurably(this.#fileOf(manifest.path), `${JSON.stringify(manifest)}\n`, modes)
    })
  }

  async update(path: string, change: (manifest: Manifest) => Manifest): Promise<Manifest | null> {
    const updating = this.#lastUpdate.then(async () => {
      const manifest = this.#readNow(path)
      if (manifest === null) return null
      const changed = change(manifest)
      await this.save(changed)
      return changed
    })
    // The next update waits for this one, whether it succeeds or not; its caller hears how it went.
    this.#lastUpdate = Promise.allSettled([updating])
    return await updating
  }

  async remove(path: string): Promise<void> {
    await explainingDiskErrors(`Removing the manifest of ${path}`, () =>
      rm(this.#fileOf(path), { force: true }),
    )
  }

  async removeOrphans(existing: ReadonlySet<string>): Promise<number> {
    const needed = new Set([...existing].map(fileNameOf))
    const names = await this.#names()
    const orphans = names.filter((name) => isFileName(name) && !needed.has(name))
    const halves = names.filter((name) => name.startsWith(temporaryPrefix))
    await explainingDiskErrors('Removing manifests without a backup', async () => {
      for (const name of orphans) await rm(join(this.#folder, name), { force: true })
      for (const name of halves) await this.#removeIfOld(join(this.#folder, name))
      if (orphans.length > 0) await syncFolder(this.#folder)
    })
    return orphans.length
  }

  #readNow(path: string): Manifest | null {
    const { onProblem } = this.#options
    const file = this.#fileOf(path)
    const manifest = readJson(file, { shape: manifestShape, onProblem })
    if (manifest === null || manifest.path === path) return manifest
    onProblem(`${file} is not used: it is the manifest of ${manifest.path}, not of ${path}.`)
    return null
  }

  /** One that is young may be in the making by a verification, which needs no lock. */
  async #removeIfOld(path: string): Promise<void> {
    try {
      const { mtimeMs } = await stat(path)
      if (this.#options.clock.now().getTime() - mtimeMs > anHourMs) await rm(path)
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder)
    } catch (error) {
      if (isCode(error, 'ENOENT')) return []
      if (!isCode(error, 'EACCES')) throw error
      this.#options.onProblem(`${this.#folder} cannot be read: permission denied.`)
      return []
    }
  }

  #fileOf(path: string): string {
    return join(this.#folder, fileNameOf(path))
  }
}

function fileNameOf(path: string): string {
  return `${hash('sha256', path).slice(0, 32)}.json`
}

function isFileName(name: string): boolean {
  return /^[0-9a-f]{32}\.json$/u.test(name)
}
