const keptLines = 20
const keptBytes = 16_384

/** The last lines of a text that may go on for hours; memory stays the same. */
export class TextTail {
  #kept = Buffer.alloc(0)

  add(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-keptBytes)
  }

  /** At most 20 lines, without empty ones. */
  lines(): readonly string[] {
    return this.#kept
      .toString('utf8')
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .slice(-keptLines)
  }
}
