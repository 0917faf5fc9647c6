/** Longer statements (rows as INSERT, large objects) are of no interest, and cost no memory. */
const mostBytes = 65_536

/** The text of the statement that a scan is in, piece by piece. */
export class TextOfStatement {
  #pieces: Buffer[] = []
  #bytes = 0
  #tooLong = false

  /** Copies, because the chunk will be reused or freed. */
  add(piece: Buffer): void {
    if (piece.length === 0 || this.#tooLong) return
    if (this.#bytes + piece.length > mostBytes) {
      this.#tooLong = true
      this.#pieces = []
      return
    }
    this.#pieces.push(Buffer.from(piece))
    this.#bytes += piece.length
  }

  /** Whether anything but blanks has been seen. */
  get isEmpty(): boolean {
    return !this.#tooLong && this.#pieces.every((piece) => piece.toString('latin1').trim() === '')
  }

  /** The whole text without blanks around it, '' when it was too long; then begins anew. */
  take(): string {
    const text = this.#tooLong ? '' : Buffer.concat(this.#pieces).toString('utf8').trim()
    this.#pieces = []
    this.#bytes = 0
    this.#tooLong = false
    return text
  }
}
