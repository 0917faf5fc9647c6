import { type Clock, type Records, type RunDocument, safeName } from '../model/index.ts'
import { explainingDiskErrors } from '../platform/index.ts'
import { valueOf } from './read-json.ts'
import { runShape } from './run-shape.ts'

interface Options {
  readonly clock: Clock
  readonly onProblem: (text: string) => void
}

const aDayMs = 86_400_000

/** How many are read at a time when the newest are looked for. */
const batch = 50

/** The files `runs/<YYYY-MM>/<start>-<id>.json`; the order of their names is that of their starts. */
export class RunFolder {
  readonly #records: Records
  readonly #options: Options

  constructor(records: Records, options: Options) {
    this.#records = records
    this.#options = options
  }

  async save(document: RunDocument): Promise<void> {
    const { startedAt, id } = document
    const month = startedAt.slice(0, 'YYYY-MM'.length)
    const file = `runs/${month}/${inFileName(startedAt)}-${safeName(id)}.json`
    await explainingDiskErrors('Writing the record of this run', () =>
      this.#records.write(file, `${JSON.stringify(document)}\n`),
    )
  }

  async recent(limit: number): Promise<readonly RunDocument[]> {
    const documents: RunDocument[] = []
    for (const month of (await this.#months()).toReversed()) {
      const files = (await this.#namesIn(month)).toReversed().map((name) => `runs/${month}/${name}`)
      while (files.length > 0) {
        const left = limit - documents.length
        if (left <= 0) return documents
        documents.push(...(await this.#read(files.splice(0, Math.min(batch, left)))))
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
        const names = (await this.#namesIn(month)).filter((name) => name < oldest)
        for (const name of names) await this.#records.remove(`runs/${month}/${name}`)
        removed += names.length
        await this.#records.tidy(`runs/${month}`, { mayGo: names.length > 0 })
      }
    })
    return removed
  }

  async #read(files: readonly string[]): Promise<readonly RunDocument[]> {
    const { onProblem } = this.#options
    const documents: RunDocument[] = []
    for await (const [file, reading] of this.#records.readMany(files)) {
      const label = this.#records.label(file)
      const document = valueOf(label, reading, { shape: runShape, onProblem })
      if (document !== null) documents.push(document)
    }
    return documents
  }

  /** Oldest first. */
  async #months(): Promise<readonly string[]> {
    const names = await this.#records.folders('runs')
    return names.filter((name) => /^\d{4}-\d{2}$/u.test(name)).toSorted()
  }

  /** Oldest first. */
  async #namesIn(month: string): Promise<readonly string[]> {
    const names = await this.#records.names(`runs/${month}`)
    return names.filter((name) => /^\d{4}-\d{2}-\d{2}T[\d.-]+Z-.*\.json$/u.test(name)).toSorted()
  }
}

/** Without the colons that some file systems do not take. */
function inFileName(iso: string): string {
  return iso.replaceAll(':', '-')
}
