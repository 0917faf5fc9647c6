import { accountOf, type Notice, type RunEvent } from '../model/index.ts'
import { noticesOfService } from './notices-of-service.ts'
import type { Told } from './told.ts'
import { linesOf, sizeText, timeText } from './words.ts'

/** What must be known beside the event itself. */
export interface Surroundings {
  readonly at: Date
  /** Whether the backup of this absolute path was made by this run. */
  readonly isOfThisRun: (path: string) => boolean
}

type Of<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>
type Telling = {
  readonly [Kind in RunEvent['kind']]: (event: Of<Kind>, around: Surroundings) => Told | null
}

/** What people are told of an event; null: nothing. Levels as the original's (contract 7.5). */
export function noticeOf(event: RunEvent, around: Surroundings): Notice | null {
  const tell = telling[event.kind] as (event: RunEvent, around: Surroundings) => Told | null
  const told = tell(event, around)
  if (told === null) return null
  const { kind, level, message, database, figures = {} } = told
  const about =
    database === null || database === undefined
      ? { spec: null }
      : { spec: database.spec.written, engine: database.spec.engine }
  return { kind, level, at: around.at, ...about, message, figures }
}

/** A new kind of event does not compile until it is decided here whether people hear of it. */
const telling: Telling = {
  warning: ({ database, text }) => ({
    kind: 'warning',
    level: 'WARN',
    database,
    message: database === null ? text : `${database.spec.written}: ${text}`,
  }),
  remark: ({ text }) => ({ kind: 'remark', level: 'INFO', message: text }),
  anomaly: ({ database, text, path }) => ({
    kind: 'anomaly',
    level: 'WARN',
    database,
    message: `${database.spec.written}: ${text}`,
    figures: { file: path },
  }),
  'run-planned': nothing,
  'backup-skipped': nothing,
  'backup-started': nothing,
  'backup-grew': nothing,
  'backup-succeeded': tellSuccess,
  'backup-failed': ({ database, error, elapsedMs }) => ({
    kind: 'backup-failed',
    level: 'ERROR',
    database,
    message: linesOf(
      `Failed to backup ${database.spec.written}.`,
      problemText(error),
      `Elapsed time: ${timeText(elapsedMs)} - Status Code: 1`,
    ),
    figures: { durationMs: Math.round(elapsedMs), error: accountOf(error) },
  }),
  pruned: ({ database, removed }) =>
    removed.length === 0
      ? null
      : {
          kind: 'pruned',
          level: 'INFO',
          database,
          message: `Pruned ${countOf(removed.length)} of ${database.spec.written}.`,
          figures: { removed: removed.length },
        },
  'prune-failed': ({ database, error }) => ({
    kind: 'prune-failed',
    level: 'ERROR',
    database,
    message: linesOf(`Failed to prune ${database.spec.written}.`, problemText(error)),
    figures: { error: accountOf(error) },
  }),
  fetching: nothing,
  'mirror-grew': nothing,
  'records-grew': nothing,
  mirrored: tellCopy,
  'mirror-failed': ({ store, path, error }) => ({
    kind: 'mirror-failed',
    level: 'ERROR',
    message: linesOf(
      path === null ? `The mirror ${store} has a problem.` : `${path} is not in ${store}.`,
      'The backup on the volume is not affected.',
      problemText(error),
    ),
    figures: { store, ...(path === null ? {} : { file: path }), error: accountOf(error) },
  }),
  'mirror-repaired': ({ store, path }) => ({
    kind: 'warning',
    level: 'WARN',
    message: `${path} had lost bytes, and was written anew from ${store}.`,
    figures: { store, file: path },
  }),
  'mirror-pruned': ({ store, removed }) =>
    removed.length === 0
      ? null
      : {
          kind: 'pruned',
          level: 'INFO',
          message: `Pruned ${countOf(removed.length)} in ${store}.`,
          figures: { store, removed: removed.length },
        },
  'copy-given-up': ({ database, stores, path }) => ({
    kind: 'mirror-failed',
    level: 'ERROR',
    database,
    message: `${path} was pruned, and ${stores.join(', ')} never got it: MIRROR_GRACE is over.`,
    figures: { store: stores.join(', '), file: path },
  }),
  'verification-started': nothing,
  'verification-grew': nothing,
  'verification-ended': tellVerdict,
  'restore-started': nothing,
  'restore-grew': nothing,
  'restore-succeeded': tellRestored,
  'restore-failed': ({ database, path, elapsedMs }) => ({
    kind: 'restore-failed',
    level: 'ERROR',
    database,
    message: `Failed to restore ${database.spec.written} from ${path}.`,
    figures: { file: path, durationMs: Math.round(elapsedMs) },
  }),
  ...noticesOfService,
}

function nothing(): null {
  return null
}

/** The original's five lines (contract 7.3). */
function tellSuccess({ database, path, manifest, elapsedMs }: Of<'backup-succeeded'>): Told {
  const { bytes, databaseBytes, fingerprint } = manifest
  const { tables } = fingerprint
  const counts = tables && {
    tables: tables.length,
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
  }
  return {
    kind: 'backup-succeeded',
    level: 'INFO',
    database,
    message: linesOf(
      `Successfully backed up ${database.spec.written}.`,
      `Backup written to ${path}.`,
      databaseBytes === null ? null : `Database Size: ${sizeText(databaseBytes)}`,
      `Backup Size: ${sizeText(bytes)}`,
      `Elapsed time: ${timeText(elapsedMs)} - Status Code: 0`,
    ),
    figures: {
      file: path,
      bytes,
      ...(databaseBytes === null ? {} : { databaseBytes }),
      durationMs: Math.round(elapsedMs),
      ...counts,
    },
  }
}

/** A backup of an earlier run goes to a mirror now: it was away, and is back. */
function tellCopy(
  { database, store, path, bytes, elapsedMs }: Of<'mirrored'>,
  { isOfThisRun }: Surroundings,
): Told {
  const isNew = isOfThisRun(path)
  const figures = `${sizeText(bytes)} in ${timeText(elapsedMs)}`
  return {
    kind: isNew ? 'mirror-succeeded' : 'mirror-caught-up',
    level: 'INFO',
    database,
    message: `Copied ${path} to ${store}${isNew ? '' : ', which had lacked it'} (${figures}).`,
    figures: { store, file: path, bytes, durationMs: Math.round(elapsedMs) },
  }
}

function tellVerdict(event: Of<'verification-ended'>): Told {
  const { database, path, verification, newestBad, elapsedMs } = event
  const { verdict, differences, tables, rows } = verification
  const isVerified = verdict === 'verified' || verdict === 'verified-with-exceptions'
  const isGood = isVerified && newestBad === null
  const spec = database.spec.written
  return {
    kind: isGood ? 'verification-succeeded' : 'verification-failed',
    level: isGood ? 'INFO' : 'ERROR',
    database,
    message: linesOf(
      isGood ? `Successfully verified backup of ${spec}.` : `Failed to verify backup of ${spec}.`,
      newestBad,
      path,
      `Verdict: ${verdict}`,
      ...differences.map((difference) => `- ${difference}`),
      `Elapsed time: ${timeText(elapsedMs)}`,
    ),
    figures: {
      ...(path === null ? {} : { file: path }),
      verdict,
      durationMs: Math.round(elapsedMs),
      ...(tables === undefined ? {} : { tables }),
      ...(rows === undefined ? {} : { rows }),
    },
  }
}

function tellRestored(event: Of<'restore-succeeded'>): Told {
  const { database, path, keptAs, errors, missing, elapsedMs } = event
  const hasLosses = missing.length > 0
  const passedOver = errors.length === 0 ? 'INFO' : 'WARN'
  return {
    kind: 'restore-succeeded',
    level: hasLosses ? 'ERROR' : passedOver,
    database,
    message: linesOf(
      `Restored ${database.spec.written}${hasLosses ? ' with losses' : ''} from ${path}.`,
      ...missing.map((text) => `- ${text}`),
      keptAs === null ? null : `The database that was there is now ${keptAs}.`,
      ...errors.map((error) => `- passed over: ${error}`),
      `Elapsed time: ${timeText(elapsedMs)}`,
    ),
    figures: { file: path, durationMs: Math.round(elapsedMs) },
  }
}

export function problemText(error: unknown): string {
  const { message, reason, advice } = accountOf(error)
  return linesOf(message, reason, advice)
}

function countOf(backups: number): string {
  return backups === 1 ? '1 backup' : `${backups} backups`
}
