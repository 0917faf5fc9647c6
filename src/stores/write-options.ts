export interface WriteOptions {
  readonly signal: AbortSignal
  /** Told after every chunk: the bytes written so far. */
  readonly onBytes?: (bytes: number) => void
}
