import type { FileHandle } from 'node:fs/promises'

const flushEvery = 32 * 1024 * 1024

/**
 * Has the system write to the disk early while more bytes come in, so that the flush at the end
 * is short. One flush at a time; its failure is the failure of the file, whatever comes after.
 */
export class Writeback {
  readonly #file: FileHandle
  #unflushed = 0
  #flushing: Promise<void> | null = null
  #failure: { readonly error: unknown } | null = null

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** @throws the error of an earlier flush. */
  wrote(bytes: number): void {
    this.#throwFailure()
    this.#unflushed += bytes
    if (this.#unflushed < flushEvery || this.#flushing !== null) return
    this.#unflushed = 0
    this.#flushing = this.#flush()
  }

  /** Waits for the last early flush. @throws its error. */
  async end(): Promise<void> {
    await this.#flushing
    this.#throwFailure()
  }

  async #flush(): Promise<void> {
    try {
      await this.#file.datasync()
    } catch (error) {
      // The system reports a lost write only once, so it must not be forgotten.
      this.#failure = { error }
    } finally {
      this.#flushing = null
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error
  }
}
