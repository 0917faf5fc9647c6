/**
 * The items of `source`, until `signal` aborts: then it rejects with the signal's reason, even if
 * the source never sends another item.
 */
export async function* untilAborted<Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = await orAbort(items.next(), signal)
      ended = next.done === true
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // Not awaited: a source that hangs never answers, and what ended it early is already known.
    if (!ended) void Promise.resolve(items.return?.()).catch(() => undefined)
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
  // It may have aborted while the source was asked.
  if (signal.aborted) abort()
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
