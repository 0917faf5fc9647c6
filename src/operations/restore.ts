import { dumpSettingsOf } from '../config/index.ts'
import {
  type ArchiveFile,
  engineOf,
  type RestoreOrder,
  type RestorePlan,
  type RestoreReport,
} from '../engines/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  type Credentials,
  Refusal,
  type Trigger,
} from '../model/index.ts'
import { explainingDiskErrors } from '../platform/index.ts'
import { type Appliance, engineContext } from './appliance.ts'
import { learningOfDamage } from './learning-of-damage.ts'
import { type Opened, openArchive } from './opened-archive.ts'
import { RunRecord } from './run-record.ts'
import { progressTeller } from './tell-progress.ts'
import { whileShielded } from './while-shielded.ts'

export interface RestoreRequest {
  readonly backup: Backup
  /** Whose backup was asked for. */
  readonly source: ConfiguredDatabase
  readonly target: ConfiguredDatabase
  /** Who may create databases on the target's server; null: its own credentials. */
  readonly admin: Credentials | null
  readonly roles: boolean
  readonly keepOld: boolean
  readonly inPlace: boolean
  readonly ignoreErrors: boolean
  readonly trigger: Trigger
}

export interface RestoreResult {
  readonly plan: RestorePlan
  readonly report: RestoreReport
  readonly elapsedMs: number
}

/** Checks everything that a restore needs, and touches nothing. @throws {Refusal} */
export async function planRestore(
  appliance: Appliance,
  request: RestoreRequest,
): Promise<RestorePlan> {
  const { backup, target } = request
  return await learningOfDamage(appliance, request, () =>
    whileShielded(appliance, backup, async () => {
      await using opened = await open(appliance, backup)
      const order = orderFor(appliance, request, fileOf(opened))
      await using prepared = await engineOf(target).prepareRestore(order, engineContext(appliance))
      return prepared.plan
    }),
  )
}

/**
 * Restores one backup. Needs no backup lock: the archive is shielded from pruning instead.
 * @throws {Refusal} when it failed; the database is as it was then, unless it was `inPlace`.
 */
export async function restore(
  appliance: Appliance,
  request: RestoreRequest,
): Promise<RestoreResult> {
  const { backup, target, trigger } = request
  const started = performance.now()
  const path = appliance.volume.label(backup.path)
  const record = await RunRecord.begin(appliance, { verb: 'restore', trigger })
  try {
    await record.started(target, backup.path)
    appliance.tell({ kind: 'restore-started', database: target, path })
    const { plan, report } = await learningOfDamage(appliance, request, () =>
      whileShielded(appliance, backup, () => carryOut(appliance, request)),
    )
    const elapsedMs = performance.now() - started
    const { keptAs, missing } = report
    if (missing.length === 0) await record.succeeded(target, backup.path, backup.bytes)
    else await record.failed(target, withLosses(target, missing))
    const errors = report.errors.map(({ message, line }) =>
      line === null ? message : `${message} (line ${line} of the dump)`,
    )
    const after = { keptAs, errors, missing, elapsedMs }
    appliance.tell({ kind: 'restore-succeeded', database: target, path, ...after })
    return { plan, report, elapsedMs }
  } catch (error) {
    await record.failed(target, error)
    const elapsedMs = performance.now() - started
    appliance.tell({ kind: 'restore-failed', database: target, path, elapsedMs })
    throw error
  } finally {
    await record.end()
  }
}

/** For the record: what was asked for is there, but not all of it. */
function withLosses({ spec }: ConfiguredDatabase, missing: readonly string[]): Refusal {
  return new Refusal(`${spec.written} was restored with losses.`, {
    reason: missing.join(' '),
    advice: 'Look at what is missing, or restore another backup.',
  })
}

async function carryOut(
  appliance: Appliance,
  request: RestoreRequest,
): Promise<{ readonly plan: RestorePlan; readonly report: RestoreReport }> {
  const { target } = request
  await refuseIfGone(appliance, request.backup)
  await using opened = await open(appliance, request.backup)
  const order = orderFor(appliance, request, fileOf(opened))
  await using prepared = await engineOf(target).prepareRestore(order, engineContext(appliance))
  const warn = (texts: readonly string[]): void => {
    for (const text of texts) appliance.tell({ kind: 'warning', database: target, text })
  }
  warn(prepared.plan.warnings)
  using progress = progressTeller((bytes, expectedBytes) =>
    appliance.tell({ kind: 'restore-grew', database: target, bytes, expectedBytes }),
  )
  const report = await prepared.run(progress.heard)
  warn(report.warnings)
  return { plan: prepared.plan, report }
}

/** It may have been pruned between its choice and its shield. */
async function refuseIfGone({ volume, signal }: Appliance, { path }: Backup): Promise<void> {
  const files = await volume.list(signal)
  if (files.some((file) => file.path === path)) return
  throw new Refusal(`The backup ${path} is not there any more.`, {
    reason: 'It was deleted while you were asked. Nothing was touched.',
    advice: 'Run it again; backup.sh -l lists what there is.',
  })
}

async function open(appliance: Appliance, backup: Backup): Promise<Opened> {
  return await explainingDiskErrors(`Reading ${backup.path}`, () =>
    openArchive(appliance, backup, appliance.volume.scratch),
  )
}

function fileOf(opened: Opened): ArchiveFile {
  if (opened.kind === 'open') return opened.file
  const { message, reason, advice } = opened.refusal
  const isDamage = opened.kind === 'damaged'
  throw new Refusal(message, { reason: `${reason} Nothing was touched.`, advice, isDamage })
}

function orderFor(
  { volume, clock, configuration }: Appliance,
  { backup: _backup, ...request }: RestoreRequest,
  file: ArchiveFile,
): RestoreOrder {
  return {
    ...request,
    ...file,
    scratchFolder: volume.scratch,
    jobs: dumpSettingsOf(request.target, configuration.settings).jobs,
    now: clock.now(),
  }
}
