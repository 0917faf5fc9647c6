/** Finds a few bytes in a stream of chunks, also where they lie across two of them. */
export class Finder {
  readonly #needle: Buffer
  #tail: Buffer

  /** `before` is what came right before the first chunk, and may be the needle's beginning. */
  constructor(needle: Buffer, before: Buffer = Buffer.alloc(0)) {
    this.#needle = needle
    this.#tail = before
  }

  /** The position behind the needle, or -1 when it is not in this chunk from `from` on. */
  find(chunk: Buffer, from: number): number {
    const across = this.#findAcross(chunk, from)
    if (across !== -1) return across
    const at = chunk.indexOf(this.#needle, from)
    if (at !== -1) return at + this.#needle.length
    this.#remember(chunk, from)
    return -1
  }

  #findAcross(chunk: Buffer, from: number): number {
    if (this.#tail.length === 0) return -1
    const seam = Buffer.concat([this.#tail, chunk.subarray(from, from + this.#needle.length - 1)])
    const at = seam.indexOf(this.#needle)
    return at === -1 ? -1 : from + at + this.#needle.length - this.#tail.length
  }

  #remember(chunk: Buffer, from: number): void {
    const kept = this.#needle.length - 1
    const end = chunk.subarray(Math.max(from, chunk.length - kept))
    this.#tail = Buffer.concat([this.#tail, end]).subarray(-kept)
  }
}
