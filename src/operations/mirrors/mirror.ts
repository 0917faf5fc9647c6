import type { EncryptionKeys, MirrorName, Store } from '../../model/index.ts'

/** A place for copies, as it is configured. */
export interface Mirror {
  readonly name: MirrorName
  /**
   * `contents`: it removes duplicates by itself, so it gets dumps decompressed, under the name of
   * an archive without compression.
   */
  readonly keeps: 'archives' | 'contents'
  /** Every so manieth copy is read back whole after it was sent; 0: none, only sizes count. */
  readonly readBackEvery: number
  /** What archives that lie on the volume in clear are encrypted with; null: nothing. */
  readonly encryption: EncryptionKeys | null
  /** Whether retention deletes there (`<MIRROR>_PRUNE_BACKUPS`). */
  readonly prunes: boolean
  /** Opens it, at the first call; touches the network when it is used. */
  readonly open: () => Promise<MirrorStore>
}

/** What a store of copies may be able to do beyond those of the model. */
export interface MirrorStore extends Store {
  /**
   * Removes unfinished files of dead runs that are older than a day, among those that the last
   * listing saw. @returns their paths.
   */
  readonly removeLeftovers?: (
    isOurs: (core: string) => boolean,
    signal: AbortSignal,
  ) => Promise<readonly string[]>
  /** Frees the room of what was removed. */
  readonly prune?: (signal: AbortSignal) => Promise<void>
  /** Whether there is anything to read from, be it empty. @throws {Refusal} when there is not. */
  readonly mustExist?: (signal: AbortSignal) => Promise<void>
  /** Lets the store check itself. @throws {Refusal} with what it found. */
  readonly check?: (signal: AbortSignal) => Promise<void>
}
