import { orAbort } from '../until-aborted.ts'

/** One after the other: restic's own locks would let two changes at once fail each other. */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Does `work` when all before it are done; an abort leaves the queue at once. */
  async take<Result>(
    signal: AbortSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    signal?.throwIfAborted()
    const before = this.#last
    const done = Promise.withResolvers<void>()
    this.#last = before.then(() => done.promise)
    try {
      await orAbort(before, signal)
      return await work()
    } finally {
      done.resolve()
    }
  }
}
