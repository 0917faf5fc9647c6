/** A file in a store, as its listing shows it. */
export interface StoredFile {
  /** Relative to the store's root, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly modifiedAt: Date
  /** Its name in the store, where that is not its path: as the original sent it. */
  readonly storedAs?: string
}

/** What is to be stored. */
export interface Source {
  /** null: known only at its end, and it can be opened once. */
  readonly bytes: number | null
  /** The bytes from the one at `start` on; more than once, for a try that has to be repeated. */
  open(start: number): AsyncIterable<Uint8Array>
}

/**
 * A place that holds backups: the volume, and every mirror. Paths are relative to its root: those
 * of backups, and below `recordsFolder` those of the manifests that travel beside them. What the
 * user can put right is a Refusal; `mayPass` says that another try makes sense.
 */
export interface Store {
  readonly name: string
  /** Files that may be backups, in no order; partial files and our own records are not among them. */
  list(signal: AbortSignal): Promise<readonly StoredFile[]>
  /** The files below `recordsFolder`, in no order. */
  listRecords(signal: AbortSignal): Promise<readonly StoredFile[]>
  /** The bytes of one file. Rejects when it is not there. */
  open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /**
   * Stores all bytes under `path`, or nothing: on failure what was there before stays. Rejects
   * when the store does not hold as many bytes as it was given.
   */
  put(path: string, source: Source, signal: AbortSignal): Promise<void>
  /** Removes one file; one that is not there is no error. */
  remove(path: string, signal?: AbortSignal): Promise<void>
}

/** Stores that copies go to, by their names on the command line. */
export const mirrorNames = ['ftp', 's3', 'restic'] as const
export type MirrorName = (typeof mirrorNames)[number]
/** Every store that can be named. */
export type StoreName = 'volume' | MirrorName

/** Where our own files are, below the root of a store; no backup is there. */
export const ownFolder = '.catalog'
/** Where a store keeps the manifests, `<hash of the backup's path>.json`. */
export const recordsFolder = `${ownFolder}/manifests`

/** Bytes in memory as a source. */
export function sourceOf(bytes: Uint8Array): Source {
  return {
    bytes: bytes.length,
    async *open(start) {
      if (start < bytes.length) yield bytes.subarray(start)
    },
  }
}
