import { pauseUnless } from '../../platform/index.ts'
import { isLost } from './errors.ts'

/** A try that came so many bytes further was none in vain. */
const worthwhile = 1024 * 1024

/** How often, and after which pauses, a transfer that was cut off goes on. */
export class Patience {
  readonly #pausesMs: readonly number[]
  readonly #signal: AbortSignal
  #tries = 0
  #reached = 0

  constructor(pausesMs: readonly number[], signal: AbortSignal) {
    this.#pausesMs = pausesMs
    this.#signal = signal
  }

  /**
   * Waits until it is time for the next try.
   * @throws `error` when another try makes no sense, or the last one has been made.
   */
  async waitOrThrow(error: unknown, reached: number): Promise<void> {
    this.#signal.throwIfAborted()
    if (!isLost(error)) throw error
    if (reached - this.#reached >= worthwhile) {
      this.#tries = 0
      this.#reached = reached
    }
    const pause = this.#pausesMs[this.#tries]
    if (pause === undefined) throw error
    this.#tries += 1
    await pauseUnless(this.#signal, pause)
  }
}
