/** Lets every byte through, and keeps them as long as there are no more than `most`. */
export class SmallCopy {
  readonly #most: number
  #chunks: Uint8Array[] | null = []
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  async *of(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      this.#bytes += chunk.length
      if (this.#bytes > this.#most) this.#chunks = null
      this.#chunks?.push(chunk)
      yield chunk
    }
  }

  /** All bytes; null: there were more. */
  bytes(): Buffer | null {
    return this.#chunks === null ? null : Buffer.concat(this.#chunks)
  }
}
