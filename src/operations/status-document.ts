import { type Backup, copiesOnRecord, lastVerification } from '../model/index.ts'
import type { LastRun } from './last-runs.ts'
import type { Sizing, VolumeSizing } from './sizing.ts'
import type { DatabaseStatus } from './status.ts'

/**
 * The promised shape of `--status --json` and `/status.json` (design section 3).
 * @param runs the last runs of a database, for those of which they were asked for.
 */
export function statusDocument(
  { statuses, sizing }: { readonly statuses: readonly DatabaseStatus[]; readonly sizing: Sizing },
  runs: readonly LastRun[] | null = null,
): { readonly databases: readonly unknown[]; readonly sizing: object } {
  return {
    sizing: sizingDocument(sizing),
    databases: statuses.map((status) => ({
      ...stateDocument(status),
      ...(runs === null
        ? {}
        : { backups: status.backups.map(backupDocument), runs: runs.map(runDocument) }),
    })),
  }
}

function sizingDocument({ backups, verification, unknown }: Sizing): object {
  return {
    backups: volumeDocument(backups),
    verification: volumeDocument(verification),
    unknown: unknown.map(({ spec }) => spec.written),
  }
}

function volumeDocument({ folder, enough, ...bytes }: VolumeSizing): object {
  const { needed: neededBytes, total: totalBytes, free: freeBytes } = bytes
  return { folder, neededBytes, totalBytes, freeBytes, enough }
}

function stateDocument({ database, lastGood, ...status }: DatabaseStatus): object {
  return {
    spec: database.spec.written,
    state: status.state,
    ok: status.ok,
    lastGood: lastGood?.takenAt.toISOString() ?? null,
    ageSeconds: status.ageSeconds,
    bytes: lastGood?.bytes ?? null,
    verdict: status.verdict ?? 'none',
    verifiedAt: status.verifiedAt,
    nextRun: status.nextRun?.toISOString() ?? null,
    frequency: status.frequency?.written ?? null,
    problem: status.problem,
    ...copiesDocument(lastGood, status.storeLags),
  }
}

function copiesDocument(lastGood: Backup | null, lags: DatabaseStatus['storeLags']): object {
  return {
    copies: lastGood === null ? [] : copiesOf(lastGood),
    mirrors: lags.map(({ store, backups, seconds }) => ({
      store,
      lacks: backups,
      lagSeconds: seconds,
    })),
  }
}

function backupDocument(backup: Backup): object {
  const { path, takenAt, bytes, quality } = backup
  const verdict = lastVerification(backup)?.verdict ?? 'none'
  return { path, takenAt: takenAt.toISOString(), bytes, verdict, quality, copies: copiesOf(backup) }
}

/** Where a backup is, the volume included. */
export function copiesOf(
  backup: Backup,
): readonly { readonly store: string; readonly ok: boolean }[] {
  return [{ store: 'volume', ok: backup.quality !== 'bad' }, ...copiesElsewhere(backup)]
}

export function copiesElsewhere(
  backup: Backup,
): readonly { readonly store: string; readonly ok: boolean }[] {
  return copiesOnRecord(backup).map(({ store, lostAt }) => ({ store, ok: lostAt === undefined }))
}

function runDocument({ run, outcome, state }: LastRun): unknown {
  return {
    startedAt: outcome.startedAt ?? run.startedAt,
    endedAt: outcome.endedAt,
    verb: run.verb,
    trigger: run.trigger,
    who: run.who,
    host: run.host,
    state,
    path: outcome.path,
    bytes: outcome.bytes,
    error: outcome.error,
  }
}
