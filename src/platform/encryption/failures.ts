/** None of the keys at hand opens it, or there is none: this says nothing about the bytes. */
export class NoKey extends Error {
  override readonly name = 'NoKey'
  /** What the reader can do now. */
  readonly advice: string

  constructor(message: string, advice: string) {
    super(message)
    this.advice = advice
  }
}

/** The bytes are not what was encrypted: some are missing, changed, or too many. */
export class BadCiphertext extends Error {
  override readonly name = 'BadCiphertext'
}
