import type { Range } from './dump-parts.ts'

const mostBytes = 16 * 1024 * 1024

/** Bytes of an archive that are held in memory, as long as they are few. */
export class KeptBytes {
  #pieces: { readonly from: number; readonly bytes: Buffer }[] | null = []
  #bytes = 0

  /** Copies them, in the order of the archive. */
  add(bytes: Buffer, from: number): void {
    if (this.#pieces === null || bytes.length === 0) return
    this.#pieces.push({ from, bytes: Buffer.from(bytes) })
    this.#bytes += bytes.length
    if (this.#bytes > mostBytes) this.giveUp()
  }

  /** Forgets what lies between two offsets; nothing behind `from` but rows may have been added. */
  forget({ from, to }: Range): void {
    if (this.#pieces === null) return
    const later = []
    for (let last = this.#pieces.pop(); last !== undefined; last = this.#pieces.pop()) {
      const { from: at, bytes } = last
      const end = at + bytes.length
      this.#bytes -= bytes.length
      if (end > to) {
        const kept = Math.max(at, to)
        later.unshift({ from: kept, bytes: Buffer.from(bytes.subarray(kept - at)) })
      }
      if (at < from) later.unshift({ from: at, bytes: bytes.subarray(0, from - at) })
      if (at <= from) break
    }
    for (const { from: at, bytes } of later) this.add(bytes, at)
  }

  /** Too much, or not what was wanted: there is nothing then. */
  giveUp(): void {
    this.#pieces = null
  }

  within(ranges: readonly Range[]): readonly Buffer[] | null {
    if (this.#pieces === null) return null
    return this.#pieces.flatMap(({ from, bytes }) =>
      ranges
        .map((range) =>
          bytes.subarray(Math.max(0, range.from - from), Math.max(0, range.to - from)),
        )
        .filter((slice) => slice.length > 0),
    )
  }
}
