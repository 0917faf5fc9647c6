import { hash } from 'node:crypto'
import type { Reading, Records } from '../model/index.ts'
import { explainingDiskErrors, isCode } from '../platform/index.ts'
import { valueOf } from './read-json.ts'
import type { Shape } from './shape.ts'

interface Options<Document> {
  readonly shape: Shape<Document>
  /** For messages: `manifest`. */
  readonly noun: string
  readonly onProblem: (text: string) => void
}

/**
 * One document per backup, in files `<hash of its path>.json`: no name of a database may occur in
 * their paths.
 */
export class PathDocuments<Document extends { readonly path: string }> {
  readonly #records: Records
  readonly #folder: string
  readonly #options: Options<Document>
  #lastUpdate: Promise<unknown> = Promise.resolve()

  constructor(records: Records, folder: string, options: Options<Document>) {
    this.#records = records
    this.#folder = folder
    this.#options = options
  }

  async read(path: string): Promise<Document | null> {
    return this.#documentIn(await this.#records.read(this.#fileOf(path)), path)
  }

  /** The names of all files that there are. */
  async names(): Promise<ReadonlySet<string>> {
    return new Set(await this.#names())
  }

  /** @param present what `names` gave. */
  async readAll(
    paths: readonly string[],
    present: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, Document>> {
    const documents = new Map<string, Document>()
    const wanted = new Map(
      paths
        .filter((path) => present.has(fileNameOf(path)))
        .map((path) => [this.#fileOf(path), path]),
    )
    for await (const [file, reading] of this.#records.readMany([...wanted.keys()])) {
      const path = wanted.get(file) ?? ''
      const document = this.#documentIn(reading, path)
      if (document !== null) documents.set(path, document)
    }
    return documents
  }

  async save(document: Document): Promise<void> {
    const { path } = document
    await explainingDiskErrors(`Writing the ${this.#options.noun} of ${path}`, () =>
      this.#records.write(this.#fileOf(path), `${JSON.stringify(document)}\n`),
    )
  }

  /** @returns what `change` made of it; null when there is nothing to change. */
  async update(path: string, change: (document: Document) => Document): Promise<Document | null> {
    return await this.change(path, (before) => (before === null ? null : change(before)))
  }

  /** The same for a document that may not be there yet. What becomes null is left as it is. */
  async change(
    path: string,
    change: (before: Document | null) => Document | null,
  ): Promise<Document | null> {
    const updating = this.#lastUpdate.then(async () => {
      const changed = change(await this.read(path))
      if (changed !== null) await this.save(changed)
      return changed
    })
    // The next update waits for this one, whether it succeeds or not; its caller hears how it went.
    this.#lastUpdate = Promise.allSettled([updating])
    return await updating
  }

  async remove(path: string): Promise<void> {
    await explainingDiskErrors(`Removing the ${this.#options.noun} of ${path}`, () =>
      this.#records.remove(this.#fileOf(path)),
    )
  }

  /** @returns those of them that could be read. */
  async removeOrphans(
    existing: ReadonlySet<string> | Promise<ReadonlySet<string>>,
  ): Promise<readonly Document[]> {
    const [names, paths] = await Promise.all([this.#names(), existing])
    const needed = new Set([...paths].map(fileNameOf))
    const orphans = names.filter((name) => isFileName(name) && !needed.has(name))
    const documents = await this.#readFiles(orphans)
    await explainingDiskErrors(`Removing each ${this.#options.noun} without a backup`, async () => {
      for (const name of orphans) await this.#records.remove(`${this.#folder}/${name}`)
      await this.#records.tidy(this.#folder, { mayGo: false })
    })
    return documents
  }

  async #readFiles(names: readonly string[]): Promise<readonly Document[]> {
    const { onProblem, shape } = this.#options
    const documents: Document[] = []
    const files = names.map((name) => `${this.#folder}/${name}`)
    for await (const [file, reading] of this.#records.readMany(files)) {
      const label = this.#records.label(file)
      const document = valueOf<Document>(label, reading, { shape, onProblem })
      if (document !== null) documents.push(document)
    }
    return documents
  }

  #documentIn(reading: Reading | null, path: string): Document | null {
    const { onProblem, shape, noun } = this.#options
    const label = this.#records.label(this.#fileOf(path))
    const document = valueOf<Document>(label, reading, { shape, onProblem })
    if (document === null || document.path === path) return document
    onProblem(`${label} is not used: it is the ${noun} of ${document.path}, not of ${path}.`)
    return null
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await this.#records.names(this.#folder)
    } catch (error) {
      if (!isCode(error, 'EACCES')) throw error
      const folder = this.#records.label(this.#folder)
      this.#options.onProblem(`${folder} cannot be read: permission denied.`)
      return []
    }
  }

  #fileOf(path: string): string {
    return `${this.#folder}/${fileNameOf(path)}`
  }
}

/** The file of a document about this path. */
export function fileNameOf(path: string): string {
  return `${hash('sha256', path).slice(0, 32)}.json`
}

function isFileName(name: string): boolean {
  return /^[0-9a-f]{32}\.json$/u.test(name)
}
