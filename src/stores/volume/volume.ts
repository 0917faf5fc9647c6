import type {
  BackupName,
  Manifest,
  OpenBackup,
  SealedBackup,
  Store,
  WrittenBackup,
} from '../../model/index.ts'
import type { Modes } from '../../platform/index.ts'
import { begin, freeName } from './begin.ts'
import { absolutePath } from './place.ts'
import { remove, removeLeftovers } from './remove.ts'
import { listBackups, listPartials, listRecords } from './scan.ts'
import { seal } from './seal.ts'
import { open, put, write } from './transfer.ts'
import type { WriteOptions } from './write.ts'

/**
 * The primary store: a folder, and the way of a new backup through its states, open → written →
 * sealed. Paths are relative to the root. Where the volume is full, read-only or not ours, methods
 * throw a Refusal, and no partial file stays behind.
 */
export interface Volume extends Store {
  readonly name: 'volume'
  readonly root: string
  absolute(path: string): string
  /** Where a backup is, in words for people. */
  label(path: string): string
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
}

export interface VolumeOptions {
  readonly modes: Modes
}

/** The volume below a folder. Touches nothing before it is used. */
export function openVolume(root: string, { modes }: VolumeOptions): Volume {
  const place = { root, modes }
  return {
    name: 'volume',
    root,
    absolute: (path) => absolutePath(place, path),
    label: (path) => absolutePath(place, path),
    list: (signal) => listBackups(root, signal),
    listPartials: (signal) => listPartials(root, signal),
    open: (path, signal) => open(place, path, signal),
    listRecords: (signal) => listRecords(root, signal),
    put: (path, source, signal) => put(place, path, { source, signal }),
    remove: (path) => remove(place, path),
    freeName: (name) => freeName(place, name),
    begin: (name) => begin(place, name),
    write: (backup, source, options) => write(place, backup, { ...options, source }),
    seal: (backup, manifest, save) => seal(place, backup, { manifest, save }),
    discard: ({ partialPath }) => remove(place, partialPath),
    removeLeftovers: (isOurs) => removeLeftovers(place, isOurs),
  }
}
