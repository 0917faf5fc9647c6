import { join } from 'node:path'
import type { Appraisal, Clock, Manifest, RunDocument } from '../model/index.ts'
import type { Modes } from '../platform/index.ts'
import { appraisalShape, manifestShape } from './manifest-shape.ts'
import { PathDocuments } from './path-documents.ts'
import { Reserve } from './reserve.ts'
import { RunFolder } from './run-folder.ts'
import { Shields } from './shields.ts'

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
  /** What is known of backups without a manifest, by path. */
  readAppraisals(paths: readonly string[]): Promise<ReadonlyMap<string, Appraisal>>
  /** Creates or replaces the appraisal of `appraisal.path`. */
  saveAppraisal(appraisal: Appraisal): Promise<void>
  /** Creates or replaces the document of a run; on a full volume, in room that is kept for it. */
  saveRun(document: RunDocument): Promise<void>
  /** Which backups are being read right now. */
  readonly shields: Shields
  /** Newest first. */
  recentRuns(wanted: { readonly limit: number }): Promise<readonly RunDocument[]>
  /** Removes the documents of runs that started more than `days` ago (`JOURNAL_DAYS`). */
  removeOldRuns(age: { readonly days: number }): Promise<number>
}

/** The catalog of a volume. Touches nothing before it is used. */
export function openCatalog(root: string, options: CatalogOptions): Catalog {
  const { modes, clock, onProblem = ignore } = options
  const folder = join(root, '.catalog')
  const manifests = new PathDocuments<Manifest>(join(folder, 'manifests'), {
    modes,
    clock,
    onProblem,
    shape: manifestShape,
    noun: 'manifest',
  })
  const appraisals = new PathDocuments<Appraisal>(join(folder, 'appraisals'), {
    modes,
    clock,
    onProblem,
    shape: appraisalShape,
    noun: 'appraisal',
  })
  const reserve = new Reserve(folder, modes)
  const runs = new RunFolder(join(folder, 'runs'), { modes, clock, onProblem })
  return {
    folder,
    read: (path) => manifests.read(path),
    readAll: (paths) => manifests.readAll(paths),
    save: (manifest) => manifests.save(manifest),
    update: (path, change) => manifests.update(path, change),
    async remove(path) {
      await manifests.remove(path)
      await appraisals.remove(path)
    },
    async removeOrphans(existing) {
      await appraisals.removeOrphans(existing)
      return await manifests.removeOrphans(existing)
    },
    readAppraisals: (paths) => appraisals.readAll(paths),
    saveAppraisal: (appraisal) => appraisals.save(appraisal),
    shields: new Shields(folder, { modes, clock }),
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
