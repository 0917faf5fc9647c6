/** How many bytes of a dump are on their way into the database. */
export class BytesSent {
  readonly #tell: (bytes: number) => void
  #read = 0
  #passedOver = 0
  #told = 0

  constructor(tell: (bytes: number) => void) {
    this.#tell = tell
  }

  read(bytes: number): void {
    this.#read += bytes
  }

  /** Rows that somebody else sends count when they are sent. */
  passOver(bytes: number): void {
    this.#passedOver += bytes
  }

  /** @param byOthers bytes that others have sent so far; what is told never goes back. */
  tell(byOthers: number): void {
    const bytes = this.#read - this.#passedOver + byOthers
    if (bytes <= this.#told) return
    this.#told = bytes
    this.#tell(bytes)
  }
}
