import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Clock, type RunDocument, safeName } from '../model/index.ts'
import {
  explainingDiskErrors,
  isCode,
  type Modes,
  makeFolder,
  writeFileDurably,
} from '../platform/index.ts'
import { removeOldHalves } from './old-halves.ts'
import { readJson } from './read-json.ts'
import { runShape } from './run-shape.ts'

interface Options {
  readonly modes: Modes
  readonly clock: Clock
  readonly onProblem: (text: string) => void
}

const aDayMs = 86_400_000

/** The files `runs/<YYYY-MM>/<start>-<id>.json`; the order of their names is that of their starts. */
export class RunFolder {
  readonly #folder: string
  readonly #options: Options

  constructor(folder: string, options: Options) {
    this.#folder = folder
    this.#options = options
  }

  async save(document: RunDocument): Promise<void> {
    const { modes } = this.#options
    const { startedAt, id } = document
    const month = startedAt.slice(0, 'YYYY-MM'.length)
    const file = join(this.#folder, month, `${inFileName(startedAt)}-${safeName(id)}.json`)
    await explainingDiskErrors('Writing the record of this run', async () => {
      await makeFolder(dirname(file), modes.folder)
      await writeFileDurably(file, `${JSON.stringify(document)}\n`, modes)
    })
  }

  async recent(limit: number): Promise<readonly RunDocument[]> {
    const { onProblem } = this.#options
    const documents: RunDocument[] = []
    for (const month of (await this.#months()).toReversed()) {
      for (const name of (await this.#namesIn(month)).toReversed()) {
        if (documents.length >= limit) return documents
        const file = join(this.#folder, month, name)
        const document = readJson(file, { shape: runShape, onProblem })
        if (document !== null) documents.push(document)
      }
    }
    return documents
  }

  async removeOlderThan(days: number): Promise<number> {
    const oldest = inFileName(
      new Date(this.#options.clock.now().getTime() - days * aDayMs).toISOString(),
    )
    let removed = 0
    await explainingDiskErrors('Removing old records of runs', async () => {
      for (const month of await this.#months()) {
        const folder = join(this.#folder, month)
        await removeOldHalves(folder, await namesOf(folder), this.#options.clock)
        const names = (await this.#namesIn(month)).filter((name) => name < oldest)
        for (const name of names) await rm(join(folder, name), { force: true })
        removed += names.length
        if (names.length > 0) await removeIfEmpty(folder)
      }
    })
    return removed
  }

  /** Oldest first. */
  async #months(): Promise<readonly string[]> {
    return (await namesOf(this.#folder)).filter((name) => /^\d{4}-\d{2}$/u.test(name)).toSorted()
  }

  /** Oldest first. */
  async #namesIn(month: string): Promise<readonly string[]> {
    const names = await namesOf(join(this.#folder, month))
    return names.filter((name) => /^\d{4}-\d{2}-\d{2}T[\d.-]+Z-.*\.json$/u.test(name)).toSorted()
  }
}

/** Without the colons that some file systems do not take. */
function inFileName(iso: string): string {
  return iso.replaceAll(':', '-')
}

async function namesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (!isCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error
  }
}
