import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Configuration } from '../config/index.ts'

/**
 * The last `backup.conf` that was right, as a file for the jobs of a service whose file is broken
 * now: it goes on to back up what it did, rather than nothing or something else.
 */
export class HeldConf implements AsyncDisposable {
  #folder: string | null = null
  #path: string | null = null

  /** null: the file itself is right. */
  get path(): string | null {
    return this.#path
  }

  /** @throws the error of the file system, when there is no place for temporary files. */
  async hold({ confText }: Configuration): Promise<void> {
    if (this.#path !== null || confText === null) return
    this.#folder ??= await mkdtemp(join(tmpdir(), 'backup-container-'))
    const path = join(this.#folder, 'backup.conf')
    await writeFile(path, confText.reveal(), { mode: 0o600 })
    this.#path = path
  }

  /** From now on the file itself is right. Jobs that are reading the copy may go on to do so. */
  letGo(): void {
    this.#path = null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true })
  }
}
