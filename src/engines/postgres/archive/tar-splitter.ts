import { Damage } from './damage.ts'

const block = 512

/** A file in a tar, as its bytes come by. */
export interface TarEntry {
  /** Without folders. */
  readonly name: string
  /** Where its bytes begin in the tar. */
  readonly from: number
  readonly bytes: number
}

export interface TarEvents {
  begin(entry: TarEntry): void
  data(chunk: Buffer): void
  end(): void
}

/** Types of headers that describe the next entry (GNU's long names, POSIX's extensions). */
const descriptive: ReadonlySet<string> = new Set(['L', 'K', 'x', 'g'])

/** Takes a tar apart as it streams by. Names that are too long for a header are not looked up. */
export class TarSplitter {
  readonly #events: TarEvents
  #offset = 0
  #header = Buffer.alloc(0)
  /** Bytes of the entry, and of its padding, that are still to come. */
  #left = 0
  #padding = 0
  #isFile = false
  #zeroBlocks = 0

  constructor(events: TarEvents) {
    this.#events = events
  }

  /** Whether these first bytes are those of a tar. */
  static isTar(start: Buffer): boolean {
    return (
      start.length >= block && start.toString('latin1', 257, 262) === 'ustar' && hasChecksum(start)
    )
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const taken = this.#take(chunk, at)
      at += taken
      this.#offset += taken
    }
  }

  end(): void {
    const isWhole = this.#left === 0 && this.#padding === 0 && this.#header.length === 0
    if (!isWhole || this.#zeroBlocks === 0) throw new Damage('the tar in it is cut off')
  }

  #take(chunk: Buffer, at: number): number {
    if (this.#left > 0) return this.#data(chunk, at)
    return this.#padding > 0 ? this.#skip(chunk, at) : this.#head(chunk, at)
  }

  #data(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + this.#left)
    if (this.#isFile) this.#events.data(part)
    this.#left -= part.length
    if (this.#left === 0 && this.#isFile) this.#events.end()
    return part.length
  }

  #skip(chunk: Buffer, at: number): number {
    const skipped = Math.min(this.#padding, chunk.length - at)
    this.#padding -= skipped
    return skipped
  }

  #head(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + block - this.#header.length)
    this.#header = Buffer.concat([this.#header, part])
    if (this.#header.length === block) {
      this.#open(this.#header, this.#offset + part.length)
      this.#header = Buffer.alloc(0)
    }
    return part.length
  }

  #open(header: Buffer, from: number): void {
    if (header.every((byte) => byte === 0)) {
      this.#zeroBlocks += 1
      return
    }
    if (this.#zeroBlocks > 0 || !hasChecksum(header))
      throw new Damage('a header in its tar is damaged')
    const bytes = sizeIn(header)
    const type = header.toString('latin1', 156, 157)
    this.#left = bytes
    this.#padding = (block - (bytes % block)) % block
    this.#isFile = (type === '0' || type === '\0') && !descriptive.has(type)
    if (!this.#isFile) return
    const name = textAt(header, 0, 100).split('/').at(-1) ?? ''
    this.#events.begin({ name, from, bytes })
    if (bytes === 0) this.#events.end()
  }
}

/** Octal digits, or, with the first bit set, a number in base 256. */
function sizeIn(header: Buffer): number {
  const field = header.subarray(124, 136)
  if (((field[0] ?? 0) & 0x80) !== 0) return Number(BigInt(`0x${field.toString('hex', 4)}`))
  return Number.parseInt(field.toString('latin1').replaceAll('\0', ' ').trim() || '0', 8)
}

function hasChecksum(header: Buffer): boolean {
  const told = Number.parseInt(textAt(header, 148, 8).trim(), 8)
  let sum = 8 * 0x20
  for (let at = 0; at < block; at += 1) if (at < 148 || at >= 156) sum += header[at] ?? 0
  return told === sum
}

function textAt(header: Buffer, at: number, length: number): string {
  const field = header.toString('utf8', at, at + length)
  const end = field.indexOf('\0')
  return end === -1 ? field : field.slice(0, end)
}
