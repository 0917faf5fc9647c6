/** A file in a store, as its listing shows it. */
export interface StoredFile {
  /** Relative to the store's root, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly modifiedAt: Date
}

/** A place that holds backups: the volume, and every mirror. */
export interface Store {
  readonly name: string
  /** Files that may be backups, in no order; partial files and our own records are not among them. */
  list(signal: AbortSignal): Promise<readonly StoredFile[]>
  /** The bytes of one file. Rejects when it is not there. */
  open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** Stores all bytes under `path`, or nothing. */
  put(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  /** Removes one file; one that is not there is no error. */
  remove(path: string): Promise<void>
}
