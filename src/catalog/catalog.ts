import { join } from 'node:path'
import {
  type Acceptance,
  type Appraisal,
  allEnded,
  type Clock,
  type Manifest,
  ownFolder,
  type Records,
  type RunDocument,
  type Signs,
} from '../model/index.ts'
import type { Modes } from '../platform/index.ts'
import { fileRecords } from './file-records.ts'
import { acceptanceShape, appraisalShape, manifestShape } from './manifest-shape.ts'
import { fileNameOf, PathDocuments } from './path-documents.ts'
import { Reserve } from './reserve.ts'
import { RunFolder } from './run-folder.ts'
import {
  appraisalWithoutSecrets,
  manifestWithoutSecrets,
  runWithoutSecrets,
} from './without-secrets.ts'

interface RecordsOptions {
  readonly clock: Clock
  /** Hears of files that are there but cannot be used. They count as absent. */
  readonly onProblem?: (text: string) => void
  /** Takes secrets out of what people and tools said, before it is written. */
  readonly redacted?: (text: string) => string
}

export interface CatalogOptions extends RecordsOptions {
  readonly modes: Modes
}

/**
 * Manifests and run documents. Paths are those of backups, relative to the root. Methods that
 * write are durable when they settle, and throw a Refusal where the volume does not let them.
 */
export interface Catalog {
  /** null: none, or none that can be used. */
  read(path: string): Promise<Manifest | null>
  /** What there is of these backups, whose paths may still be on their way. */
  recordsOf(paths: readonly string[] | Promise<readonly string[]>): Promise<BackupRecords>
  /** Creates or replaces the manifest of `manifest.path`. */
  save(manifest: Manifest): Promise<void>
  /** Replaces a manifest by its change; null when there is none. One at a time in this process. */
  update(path: string, change: (manifest: Manifest) => Manifest): Promise<Manifest | null>
  /** A manifest that is not there is no error. */
  remove(path: string): Promise<void>
  /**
   * Removes all manifests but those of `existing` backups: left-overs of a kill between manifest
   * and file. For holders of the lock.
   * @returns what they said, as far as they could be read.
   */
  removeOrphans(
    existing: ReadonlySet<string> | Promise<ReadonlySet<string>>,
  ): Promise<readonly Manifest[]>
  /**
   * Changes what is known of a backup without a manifest; of one that nobody knew yet, or that had
   * other bytes then, nothing is known before. One at a time in this process.
   */
  appraise(
    file: Pick<Appraisal, 'path' | 'bytes'>,
    change: (before: Appraisal) => Appraisal,
  ): Promise<void>
  /** What a person has accepted of a database, by `identityOf` it; null: nothing. */
  readAcceptance(identity: string): Promise<Acceptance | null>
  /** Creates or replaces the acceptance of a database. */
  saveAcceptance(acceptance: Acceptance): Promise<void>
  /** Creates or replaces the document of a run; on a full volume, in room that is kept for it. */
  saveRun(document: RunDocument): Promise<void>
  /**
   * Which backups are being read right now, by restores and verifications of any process, by their
   * paths. Pruning leaves these alone, so reading needs no lock. Look that a backup is still there
   * after its sign is held.
   */
  readonly shields: Signs
  /** Newest first. */
  recentRuns(wanted: { readonly limit: number }): Promise<readonly RunDocument[]>
  /** Removes the documents of runs that started more than `days` ago (`JOURNAL_DAYS`). */
  removeOldRuns(age: { readonly days: number }): Promise<number>
}

/** By the path of the backup. */
export interface BackupRecords {
  readonly manifests: ReadonlyMap<string, Manifest>
  /** What is known of those without a manifest. */
  readonly appraisals: ReadonlyMap<string, Appraisal>
}

/** The catalog of a volume. Touches nothing before it is used. */
export function openCatalog(root: string, options: CatalogOptions): Catalog {
  const folder = join(root, ownFolder)
  const reserve = new Reserve(folder, options.modes)
  const catalog = openCatalogOn(fileRecords(folder, options), options)
  return {
    ...catalog,
    saveRun: async (document) => {
      await reserve.spendOn(() => catalog.saveRun(document))
      if (document.endedAt === null) await reserve.fill()
    },
  }
}

/** The catalog in other records than files. */
export function openCatalogOn(records: Records, options: RecordsOptions): Catalog {
  const { clock, onProblem = ignore, redacted = asItIs } = options
  const manifests = new PathDocuments<Manifest>(records, 'manifests', {
    onProblem,
    shape: manifestShape,
    noun: 'manifest',
  })
  const appraisals = new PathDocuments<Appraisal>(records, 'appraisals', {
    onProblem,
    shape: appraisalShape,
    noun: 'appraisal',
  })
  const acceptances = new PathDocuments<Acceptance>(records, 'acceptances', {
    onProblem,
    shape: acceptanceShape,
    noun: 'acceptance',
  })
  const runs = new RunFolder(records, { clock, onProblem })
  return {
    read: (path) => manifests.read(path),
    async recordsOf(listing) {
      const [paths, ofManifests, ofAppraisals] = await allEnded([
        listing,
        manifests.names(),
        appraisals.names(),
      ])
      const isBehind = paths.some((path) => !ofManifests.has(fileNameOf(path)))
      // A backup has its manifest first: one that seems to have none may just have come.
      const present = isBehind ? await manifests.names() : ofManifests
      const found = await manifests.readAll(paths, present)
      const others = paths.filter((path) => !found.has(path))
      return { manifests: found, appraisals: await appraisals.readAll(others, ofAppraisals) }
    },
    save: (manifest) => manifests.save(manifestWithoutSecrets(manifest, redacted)),
    update: (path, change) =>
      manifests.update(path, (before) => manifestWithoutSecrets(change(before), redacted)),
    async remove(path) {
      await manifests.remove(path)
      await appraisals.remove(path)
    },
    async removeOrphans(existing) {
      const [, removed] = await allEnded([
        appraisals.removeOrphans(existing),
        manifests.removeOrphans(existing),
      ])
      return removed
    },
    appraise: (file, change) =>
      appraise(appraisals, file, (before) => appraisalWithoutSecrets(change(before), redacted)),
    readAcceptance: (identity) => acceptances.read(identity),
    saveAcceptance: (acceptance) => acceptances.save(acceptance),
    shields: records.signs('shields'),
    saveRun: (document) => runs.save(runWithoutSecrets(document, redacted)),
    recentRuns: ({ limit }) => runs.recent(limit),
    removeOldRuns: ({ days }) => runs.removeOlderThan(days),
  }
}

async function appraise(
  appraisals: PathDocuments<Appraisal>,
  { path, bytes }: Pick<Appraisal, 'path' | 'bytes'>,
  change: (before: Appraisal) => Appraisal,
): Promise<void> {
  const unknown = { version: 1, path, bytes, verifications: [], check: null } as const
  await appraisals.change(path, (before) => change(before?.bytes === bytes ? before : unknown))
}

function asItIs(text: string): string {
  return text
}

function ignore(): void {
  // Reading commands that nobody asked about the catalog have no place to tell of its problems.
}
