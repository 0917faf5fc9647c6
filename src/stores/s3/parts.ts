const mib = 1024 * 1024
const smallest = 8 * mib
/** Servers take 10 000 parts; the rest is left for a source that is longer than it said. */
const mostParts = 9_000
const partsOfASize = 1_000

/**
 * How large each part is, counted from 0. Of a known length all are alike, as some servers want
 * it. Of an unknown one they double every 1 000 parts: 100 GB in parts of up to 64 MiB, 5 TB in
 * less than 10 000 parts.
 */
export function partSizes(bytes: number | null): (part: number) => number {
  if (bytes === null) return (part) => smallest * 2 ** Math.floor(part / partsOfASize)
  const size = Math.max(smallest, Math.ceil(bytes / mostParts / mib) * mib)
  return () => Math.max(1, Math.min(size, bytes))
}

export interface Cutting {
  readonly sizeOf: (part: number) => number
  /** Buffers of parts that are done with, which are used again: memory stays at a few of them. */
  readonly spare: Buffer[]
}

/** The same bytes in pieces of exactly these sizes; the last one may be smaller. */
export async function* inParts(
  source: AsyncIterable<Uint8Array>,
  { sizeOf, spare }: Cutting,
): AsyncGenerator<Buffer> {
  let number = 0
  let part: Buffer | null = null
  let filled = 0
  for await (const chunk of source) {
    for (let taken = 0; taken < chunk.length; ) {
      part ??= bufferOf(sizeOf(number), spare)
      const piece = chunk.subarray(taken, taken + part.length - filled)
      part.set(piece, filled)
      filled += piece.length
      taken += piece.length
      if (filled < part.length) continue
      yield part
      number += 1
      part = null
      filled = 0
    }
  }
  if (part !== null) yield part.subarray(0, filled)
}

function bufferOf(size: number, spare: Buffer[]): Buffer {
  const used = spare.pop()
  return used?.length === size ? used : Buffer.allocUnsafe(size)
}
