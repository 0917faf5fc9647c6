export const newline = 0x0a

const newlines = 0x0a0a0a0a
const lowBits = 0x7f7f7f7f
const wordBytes = 4

/** Every row of a database is counted here, so it looks at four bytes at a time. */
export function countNewlines(bytes: Buffer, from: number, to: number): number {
  if (to - from < 2 * wordBytes) return countOneByOne(bytes, from, to)
  const firstWord = from + ((wordBytes - ((bytes.byteOffset + from) % wordBytes)) % wordBytes)
  const words = new Int32Array(
    bytes.buffer,
    bytes.byteOffset + firstWord,
    Math.floor((to - firstWord) / wordBytes),
  )
  const behindWords = firstWord + words.length * wordBytes
  return (
    countOneByOne(bytes, from, firstWord) +
    countInWords(words) +
    countOneByOne(bytes, behindWords, to)
  )
}

function countInWords(words: Int32Array): number {
  let count = 0
  const { length } = words
  for (let at = 0; at < length; at += 1) {
    const differs = (words[at] ?? 0) ^ newlines
    // The high bit of each byte that does not differ; exact, because nothing carries over.
    let found = ~(((differs & lowBits) + lowBits) | differs | lowBits)
    for (; found !== 0; found &= found - 1) count += 1
  }
  return count
}

function countOneByOne(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at += 1) if (bytes[at] === newline) count += 1
  return count
}
