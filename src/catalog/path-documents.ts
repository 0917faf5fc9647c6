import { hash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../model/index.ts'
import {
  explainingDiskErrors,
  isCode,
  type Modes,
  makeFolder,
  syncFolder,
  takingTurns,
  writeFileDurably,
} from '../platform/index.ts'
import { removeOldHalves } from './old-halves.ts'
import { readJson } from './read-json.ts'
import type { Shape } from './shape.ts'

interface Options<Document> {
  readonly shape: Shape<Document>
  /** For messages: `manifest`. */
  readonly noun: string
  readonly modes: Modes
  readonly clock: Clock
  readonly onProblem: (text: string) => void
}

/**
 * One document per backup, in files `<hash of its path>.json`: no name of a database may occur in
 * their paths.
 */
export class PathDocuments<Document extends { readonly path: string }> {
  readonly #folder: string
  readonly #options: Options<Document>
  #lastUpdate: Promise<unknown> = Promise.resolve()

  constructor(folder: string, options: Options<Document>) {
    this.#folder = folder
    this.#options = options
  }

  async read(path: string): Promise<Document | null> {
    return this.#readNow(path)
  }

  async readAll(paths: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    const documents = new Map<string, Document>()
    const present = new Set(await this.#names())
    const letOthersRun = takingTurns()
    for (const path of paths) {
      const document = present.has(fileNameOf(path)) ? this.#readNow(path) : null
      if (document !== null) documents.set(path, document)
      await letOthersRun()
    }
    return documents
  }

  async save(document: Document): Promise<void> {
    const { modes } = this.#options
    await explainingDiskErrors(
      `Writing the ${this.#options.noun} of ${document.path}`,
      async () => {
        await makeFolder(this.#folder, modes.folder)
        await writeFileDurably(this.#fileOf(document.path), `${JSON.stringify(document)}\n`, modes)
      },
    )
  }

  async update(path: string, change: (document: Document) => Document): Promise<Document | null> {
    const updating = this.#lastUpdate.then(async () => {
      const document = this.#readNow(path)
      if (document === null) return null
      const changed = change(document)
      await this.save(changed)
      return changed
    })
    // The next update waits for this one, whether it succeeds or not; its caller hears how it went.
    this.#lastUpdate = Promise.allSettled([updating])
    return await updating
  }

  async remove(path: string): Promise<void> {
    await explainingDiskErrors(`Removing the ${this.#options.noun} of ${path}`, () =>
      rm(this.#fileOf(path), { force: true }),
    )
  }

  async removeOrphans(existing: ReadonlySet<string>): Promise<number> {
    const needed = new Set([...existing].map(fileNameOf))
    const names = await this.#names()
    const orphans = names.filter((name) => isFileName(name) && !needed.has(name))
    await explainingDiskErrors(`Removing each ${this.#options.noun} without a backup`, async () => {
      for (const name of orphans) await rm(join(this.#folder, name), { force: true })
      await removeOldHalves(this.#folder, names, this.#options.clock)
      if (orphans.length > 0) await syncFolder(this.#folder)
    })
    return orphans.length
  }

  #readNow(path: string): Document | null {
    const { onProblem, shape, noun } = this.#options
    const file = this.#fileOf(path)
    const document = readJson<Document>(file, { shape, onProblem })
    if (document === null || document.path === path) return document
    onProblem(`${file} is not used: it is the ${noun} of ${document.path}, not of ${path}.`)
    return null
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

/** The file of a document about this path. */
export function fileNameOf(path: string): string {
  return `${hash('sha256', path).slice(0, 32)}.json`
}

function isFileName(name: string): boolean {
  return /^[0-9a-f]{32}\.json$/u.test(name)
}
