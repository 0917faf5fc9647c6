import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../model/index.ts'
import { createFile, isCode, type Modes } from '../platform/index.ts'

/** Enough for the record of a run and what it takes to replace one. Random: it must take up room. */
const reservedBytes = 128 * 1024

/**
 * Room on the volume that is kept for bad days: on a full one, the failure of a run must still be
 * recorded, or `--status` would go on saying "good".
 */
export class Reserve {
  readonly #path: string
  readonly #modes: Modes

  constructor(folder: string, modes: Modes) {
    this.#path = join(folder, 'reserve')
    this.#modes = modes
  }

  /** Sets the room aside unless it is already. Without room for it there is none: no error. */
  async fill(): Promise<void> {
    try {
      await using file = await createFile(this.#path, this.#modes.file)
      await file.writeFile(randomBytes(reservedBytes))
      await file.sync()
    } catch (error) {
      if (isCode(error, 'EEXIST')) return
      if (!isCode(error, 'ENOSPC', 'EDQUOT')) throw error
      await rm(this.#path, { force: true })
    }
  }

  /** Does `write`; when the volume is full, once more with the room that was set aside. */
  async spendOn(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (!(error instanceof Refusal) || !isCode(error.cause, 'ENOSPC', 'EDQUOT')) throw error
      await rm(this.#path, { force: true })
      await write()
    }
  }
}
