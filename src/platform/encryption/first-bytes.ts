/** The first bytes of a stream, up to `count`, and the whole stream, these included. */
export async function firstBytes(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ readonly first: Buffer; readonly all: AsyncGenerator<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let length = 0
  while (length < count) {
    const next = await iterator.next()
    if (next.done === true) break
    chunks.push(next.value)
    length += next.value.length
  }
  const read = Buffer.concat(chunks)
  return { first: read.subarray(0, count), all: joined(read, iterator) }
}

async function* joined(
  read: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let isOver = false
  try {
    if (read.length > 0) yield read
    for (;;) {
      const next = await iterator.next()
      if (next.done === true) break
      yield next.value
    }
    isOver = true
  } finally {
    if (!isOver) await iterator.return?.()
  }
}
