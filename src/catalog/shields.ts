import { join } from 'node:path'
import type { Clock } from '../model/index.ts'
import { holdSign, type Modes, readSigns } from '../platform/index.ts'

/**
 * Which backups are being read right now, by restores and verifications of any process: a file per
 * reader under `.catalog/shields`. Pruning leaves these backups alone, so reading needs no lock.
 */
export class Shields {
  readonly #folder: string
  readonly #options: { readonly modes: Modes; readonly clock: Clock }

  constructor(catalogFolder: string, options: { readonly modes: Modes; readonly clock: Clock }) {
    this.#folder = join(catalogFolder, 'shields')
    this.#options = options
  }

  /**
   * Shields a backup until the result is disposed of. Look that the backup is still there after.
   * @throws the error of the file system where the volume cannot be written.
   */
  async hold(path: string): Promise<AsyncDisposable> {
    return await holdSign(this.#folder, { ...this.#options, what: path })
  }

  /** Paths, relative to the root. */
  async read(): Promise<ReadonlySet<string>> {
    return await readSigns(this.#folder)
  }
}
