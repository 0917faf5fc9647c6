import type {
  BackupName,
  Manifest,
  OpenBackup,
  SealedBackup,
  Store,
  WrittenBackup,
} from '../model/index.ts'
import type { DiskEntry, DiskSpace, HeldLock, LockHolder, LockOptions } from '../platform/index.ts'
import type { WriteOptions } from './write-options.ts'

/**
 * The store that new backups go to, called `volume` wherever it is: a folder of a volume, or a
 * prefix of a bucket. It knows the way of a new backup through its states, open → written → sealed,
 * and keeps the lock. Paths are relative to the root. Where it is full, read-only, away or not
 * ours, methods throw a Refusal, and no partial file stays behind.
 */
export interface Primary extends Store {
  readonly name: 'volume'
  /** Where it is, as `BACKUP_DIR` says: an absolute folder, or `s3://bucket/prefix`. */
  readonly root: string
  /**
   * A folder of this machine for what cannot go straight from one place to the other; nothing
   * counts what is in it as a backup. Absolute.
   */
  readonly scratch: string
  /** Whether backups are files of this machine. */
  readonly isLocal: boolean
  /** Where a backup is in the file system of this machine, if it is there, or once it is fetched. */
  absolute(path: string): string
  /** Where a backup is, in words for people. */
  label(path: string): string
  /** The bytes of a finished backup from the one at `start` on. */
  openAt(path: string, start: number, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Partial files, of live runs and dead ones. */
  listPartials(signal: AbortSignal): Promise<readonly string[]>
  /** The name that `begin` would give: this one, or that of the next second that is free. */
  freeName(name: BackupName): Promise<BackupName>
  /** Makes room for a dump under a name that no other backup has. */
  begin(name: BackupName): Promise<OpenBackup>
  /** Takes all bytes of the dump and makes them durable, in memory that does not grow with them. */
  write(
    backup: OpenBackup,
    source: AsyncIterable<Uint8Array>,
    options: WriteOptions,
  ): Promise<WrittenBackup>
  /** Gives a backup its name once `save` has made its manifest durable. */
  seal(
    backup: WrittenBackup,
    manifest: Manifest,
    save: (manifest: Manifest) => Promise<void>,
  ): Promise<SealedBackup>
  /** Removes what there is of a backup that will not be sealed; may be called again. */
  discard(backup: OpenBackup | WrittenBackup): Promise<void>
  /**
   * Removes partial files of dead runs, of databases whose core name is ours. Only for holders of
   * the lock. A file that a process on this machine still has open stays.
   * @returns the paths of what was removed.
   */
  removeLeftovers(isOurs: (core: string) => boolean): Promise<readonly string[]>
  /**
   * Takes the one lock of this root, across processes, containers and machines.
   * @throws {Refusal} exit status 3 when somebody else holds it until `waitMs` is over; the reason
   *   of `signal` when that aborts.
   */
  acquireLock(wish: LockWish): Promise<HeldLock>
  /** Who holds the lock, or null when nobody alive does. For commands that only read. */
  readLock(): Promise<LockHolder | null>
  /**
   * Whether it can be written, by writing. false: nothing of ours is there yet, but could be.
   * @throws what is in the way.
   */
  probe(): Promise<boolean>
  /** Whether there is such a place at all. */
  exists(): Promise<boolean>
  /** Every file and folder of backups, each folder after what it holds and the root last. */
  usage(signal: AbortSignal): Promise<readonly DiskEntry[]>
  /** In bytes; null where there is no such number, or no folder yet. */
  space(): Promise<DiskSpace | null>
}

export type LockWish = Omit<LockOptions, 'modes'>
