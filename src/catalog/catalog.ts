import { join } from 'node:path'
import type { Clock, Manifest, RunDocument } from '../model/index.ts'
import type { Modes } from '../platform/index.ts'
import { ManifestFolder } from './manifest-folder.ts'
import { Reserve } from './reserve.ts'
import { RunFolder } from './run-folder.ts'

export interface CatalogOptions {
  readonly modes: Modes
  readonly clock: Clock
  /** Hears of files that are there but cannot be used. They count as absent. */
  readonly onProblem?: (text: string) => void
}

/**
 * Manifests and run documents. Paths are those of backups, relative to the root. Methods that
 * write are durable when they settle, and throw a Refusal where the volume does not let them.
 */
export interface Catalog {
  /** `<root>/.catalog`, absolute if the root is; also the place of the lock. */
  readonly folder: string
  /** null: none, or none that can be used. */
  read(path: string): Promise<Manifest | null>
  /** The manifests of these backups, by path, as far as there are any. */
  readAll(paths: readonly string[]): Promise<ReadonlyMap<string, Manifest>>
  /** Creates or replaces the manifest of `manifest.path`. */
  save(manifest: Manifest): Promise<void>
  /** Replaces a manifest by its change; null when there is none. One at a time in this process. */
  update(path: string, change: (manifest: Manifest) => Manifest): Promise<Manifest | null>
  /** A manifest that is not there is no error. */
  remove(path: string): Promise<void>
  /**
   * Removes all manifests but those of `existing` backups: left-overs of a kill between manifest
   * and file. For holders of the lock.
   * @returns how many.
   */
  removeOrphans(existing: ReadonlySet<string>): Promise<number>
  /** Creates or replaces the document of a run; on a full volume, in room that is kept for it. */
  saveRun(document: RunDocument): Promise<void>
  /** Newest first. */
  recentRuns(wanted: { readonly limit: number }): Promise<readonly RunDocument[]>
  /** Removes the documents of runs that started more than `days` ago (`JOURNAL_DAYS`). */
  removeOldRuns(age: { readonly days: number }): Promise<number>
}

/** The catalog of a volume. Touches nothing before it is used. */
export function openCatalog(root: string, options: CatalogOptions): Catalog {
  const { modes, clock, onProblem = ignore } = options
  const folder = join(root, '.catalog')
  const manifests = new ManifestFolder(join(folder, 'manifests'), { modes, clock, onProblem })
  const reserve = new Reserve(folder, modes)
  const runs = new RunFolder(join(folder, 'runs'), { modes, clock, onProblem })
  return {
    folder,
    read: (path) => manifests.read(path),
    readAll: (paths) => manifests.readAll(paths),
    save: (manifest) => manifests.save(manifest),
    update: (path, change) => manifests.update(path, change),
    remove: (path) => manifests.remove(path),
    removeOrphans: (existing) => manifests.removeOrphans(existing),
    saveRun: async (document) => {
      await reserve.spendOn(() => runs.save(document))
      if (document.endedAt === null) await reserve.fill()
    },
    recentRuns: ({ limit }) => runs.recent(limit),
    removeOldRuns: ({ days }) => runs.removeOlderThan(days),
  }
}

function ignore(): void {
  // Reading commands that nobody asked about the catalog have no place to tell of its problems.
}
