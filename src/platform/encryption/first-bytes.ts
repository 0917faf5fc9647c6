/** What is closed with its disposal, whether or not anybody came to read `all`. */
interface Ahead extends AsyncDisposable {
  /** The whole stream, from its first byte on. */
  readonly all: AsyncGenerator<Uint8Array>
}

/** The first bytes of a stream, up to `count`, and the whole stream, these included. */
export async function firstBytes(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): Promise<Ahead & { readonly first: Buffer }> {
  const { read, ...ahead } = await readAhead(bytes, (length) => length >= count)
  return { first: Buffer.concat(read).subarray(0, count), ...ahead }
}

/** Reads chunks until there is `enough` of them, or no more; `all` begins with these. */
export async function readAhead(
  bytes: AsyncIterable<Uint8Array>,
  enough: (length: number) => boolean,
): Promise<Ahead & { readonly read: readonly Uint8Array[] }> {
  const iterator = bytes[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  for (let length = 0; !enough(length); ) {
    const next = await iterator.next()
    if (next.done === true) break
    read.push(next.value)
    length += next.value.length
  }
  return {
    read,
    all: joined(read, iterator),
    async [Symbol.asyncDispose]() {
      await iterator.return?.()
    },
  }
}

async function* joined(
  read: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* read
  for (;;) {
    const next = await iterator.next()
    if (next.done === true) break
    yield next.value
  }
}
