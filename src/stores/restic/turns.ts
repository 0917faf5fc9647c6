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

/** What the promise brings, unless the signal aborts first: then it rejects with its reason. */
export async function orAbort<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return await promise
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
