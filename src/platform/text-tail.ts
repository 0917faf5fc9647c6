const keptLines = 20
const keptBytes = 16_384

/** The last lines of a text that may go on for hours; memory stays the same. */
export class TextTail {
  #kept = Buffer.alloc(0)
  #isCut = false

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#kept, chunk])
    this.#isCut ||= all.length > keptBytes
    this.#kept = all.subarray(-keptBytes)
  }

  /** At most 20 lines, whole and without empty ones: half a line could hold half a secret. */
  lines(): readonly string[] {
    const lines = this.#kept.toString('utf8').split('\n')
    const whole = this.#isCut && lines.length > 1 ? lines.slice(1) : lines
    return whole
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .slice(-keptLines)
  }
}
