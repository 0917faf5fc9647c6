import { join } from 'node:path'
import { dumpSettingsOf } from '../config/index.ts'
import { type ArchiveFile, engineOf, type RestoreTrial } from '../engines/index.ts'
import {
  accountOf,
  type Backup,
  type ConfiguredDatabase,
  firstError,
  Refusal,
  sentencesOf,
  type Trial,
  type Trigger,
  type Verification,
} from '../model/index.ts'
import { isCode } from '../platform/index.ts'
import { comparedObjects, judge, rowsAreCompared } from '../verification/index.ts'
import { type Appliance, engineContext } from './appliance.ts'
import { backupToVerify, newestIsBad } from './backup-to-verify.ts'
import { Gone } from './bring.ts'
import { takeInventory } from './inventory.ts'
import { openArchive } from './opened-archive.ts'
import { isProof, refusalFor } from './proof.ts'
import { recordVerification } from './record-findings.ts'
import { RunRecord } from './run-record.ts'
import { progressTeller } from './tell-progress.ts'
import { takeVerificationPlace, type VerificationPlace } from './verification-place.ts'
import { whileShielded } from './while-shielded.ts'

export interface VerifyRequest {
  readonly databases: readonly ConfiguredDatabase[]
  /** A filter over path and time; null: the newest good backup of each database. */
  readonly filter: string | null
  readonly ignoreErrors: boolean
  readonly trigger: Trigger
}

/** What a verification of one database found. */
export interface VerifyResult {
  readonly database: ConfiguredDatabase
  /** null: there is no backup to verify, which is a failure (D-23). */
  readonly backup: Backup | null
  readonly verification: Verification
  /** That the newest backup is bad, and an older one was verified; null otherwise. */
  readonly newestBad: string | null
  readonly elapsedMs: number
}

/**
 * Restores the newest good backup of each database on a scratch server and compares. Needs no
 * backup lock: what it reads is shielded from pruning.
 * @throws {Refusal} exit status 3 when another verification uses the same VERIFICATION_DIR.
 */
export async function verifyAll(
  appliance: Appliance,
  request: VerifyRequest,
): Promise<readonly VerifyResult[]> {
  appliance.tell({ kind: 'run-planned', databases: request.databases })
  await using place = await takeVerificationPlace(appliance, request.trigger)
  const signal = AbortSignal.any([appliance.signal, ...place.lost])
  const run = { appliance: { ...appliance, signal }, request, place, told: new Set<string>() }
  const record = await RunRecord.begin(appliance, { verb: 'verify', trigger: request.trigger })
  try {
    const inventory = await takeInventory(appliance)
    const results: VerifyResult[] = []
    for (const database of request.databases) {
      signal.throwIfAborted()
      const backup = backupToVerify(appliance, { inventory, database, filter: request.filter })
      const own = request.filter === null ? (inventory.of.get(database) ?? []) : []
      const newestBad = newestIsBad(own, backup)
      results.push(await verifyOne(run, { database, backup, newestBad, record }))
    }
    return results
  } finally {
    await record.end()
  }
}

interface Run {
  readonly appliance: Appliance
  readonly request: VerifyRequest
  readonly place: VerificationPlace
  /** Warnings that were told; most are about the tools, and the same for every database. */
  readonly told: Set<string>
}

function tellOnce({ appliance, told }: Run, warnings: readonly string[]): void {
  for (const text of warnings) {
    if (!told.has(text)) appliance.tell({ kind: 'remark', text })
    told.add(text)
  }
}

interface Turn {
  readonly database: ConfiguredDatabase
  readonly backup: Backup | null
  readonly newestBad: VerifyResult['newestBad']
  readonly record: RunRecord
}

async function verifyOne(run: Run, turn: Turn): Promise<VerifyResult> {
  const { appliance } = run
  const { database, backup, newestBad, record } = turn
  const path = backup === null ? null : appliance.volume.label(backup.path)
  const started = performance.now()
  await record.started(database, backup?.path ?? '')
  if (path !== null) appliance.tell({ kind: 'verification-started', database, path })
  const verification = await verificationOf(run, turn)
  const elapsedMs = performance.now() - started
  await recordVerdict(appliance, turn, verification)
  const found = { verification, newestBad, elapsedMs }
  appliance.tell({ kind: 'verification-ended', database, path, ...found })
  return { database, backup, ...found }
}

async function recordVerdict(
  appliance: Appliance,
  turn: Turn,
  verification: Verification,
): Promise<void> {
  const { database, backup, newestBad, record } = turn
  if (backup !== null) await recordVerification(appliance, backup, verification)
  if (backup !== null && isProof({ verification, newestBad })) {
    await record.succeeded(database, backup.path, backup.bytes)
  } else {
    await record.failed(database, refusalFor(database, { verification, newestBad }))
  }
}

async function verificationOf(run: Run, turn: Turn): Promise<Verification> {
  const { appliance, place, request } = run
  const at = appliance.clock.now().toISOString()
  const { backup, database } = turn
  if (backup === null) {
    const difference =
      request.filter === null
        ? 'there is no backup to verify'
        : `there is no backup that matches ${JSON.stringify(request.filter)}`
    return { verdict: 'failed', at, differences: [difference] }
  }
  if (place.problem !== null) {
    const { message, reason } = accountOf(place.problem)
    return { verdict: 'could-not-verify', at, differences: [`${message} ${reason}`.trim()] }
  }
  const started = performance.now()
  const { trial, phases, warnings } = await whileShielded(appliance, backup, () =>
    openAndTry(run, database, backup),
  ).catch((error: unknown) => notBrought(appliance, error))
  tellOnce(run, warnings)
  const { manifest } = backup
  const judgement = judge({ trial, manifest, ignoreErrors: request.ignoreErrors })
  const durationMs = Math.round(performance.now() - started)
  return { ...judgement, at, durationMs, phases, ...numbersOf(trial, manifest) }
}

/** What cannot be opened here was not found to be bad; what is damaged was. */
async function openAndTry(
  run: Run,
  database: ConfiguredDatabase,
  backup: Backup,
): Promise<RestoreTrial> {
  const { appliance, place } = run
  try {
    await using opened = await openArchive(appliance, backup, place.folder)
    if (opened.kind === 'open') return await tryRestore(run, database, opened.file)
    const { message, reason, advice } = opened.refusal
    const isLocked = opened.kind === 'locked'
    const text = [message, reason, ...(isLocked ? [advice] : [])].join(' ')
    const trial: Trial = isLocked
      ? { kind: 'trouble', reason: text, log: [] }
      : { kind: 'broken', reason: text }
    return { trial, phases: [], warnings: [] }
  } catch (error) {
    appliance.signal.throwIfAborted()
    if (!isCode(error, 'EIO', 'EACCES', 'ENOENT', 'ESTALE', 'EPERM')) throw error
    const trial: Trial = { kind: 'trouble', reason: (error as Error).message, log: [] }
    return { trial, phases: [], warnings: [] }
  }
}

/** A store that is away says nothing about the backup, and the next database may have more luck. */
function notBrought({ signal }: Appliance, thrown: unknown): RestoreTrial {
  signal.throwIfAborted()
  const error = firstError(thrown)
  const isOfStore = error instanceof Refusal && (error.mayPass || error.concernsStore)
  if (!isOfStore && !(error instanceof Gone)) throw thrown
  const { message, reason } = accountOf(error)
  const trial: Trial = { kind: 'trouble', reason: sentencesOf(message, reason), log: [] }
  return { trial, phases: [], warnings: [] }
}

async function tryRestore(
  { appliance, request, place }: Run,
  database: ConfiguredDatabase,
  file: ArchiveFile,
): Promise<RestoreTrial> {
  const { settings } = appliance.configuration
  const checks = settings.verifyChecks === null ? null : join(settings.verifyChecks, database.core)
  using progress = progressTeller((bytes, expectedBytes) =>
    appliance.tell({ kind: 'verification-grew', database, bytes, expectedBytes }),
  )
  return await engineOf(database).tryRestore(
    {
      ...file,
      folder: place.folder,
      checks,
      schema: database.options['verifySchema'] ?? settings.tableSchema,
      ignoreErrors: request.ignoreErrors,
      timeoutMs: settings.databaseServerTimeout.seconds * 1000,
      jobs: dumpSettingsOf(database, settings).jobs,
      onProgress: progress.heard,
    },
    engineContext(appliance, appliance.signal),
  )
}

function numbersOf(
  trial: RestoreTrial['trial'],
  manifest: Backup['manifest'],
): Pick<
  Verification,
  'serverVersion' | 'tables' | 'rows' | 'rowsCompared' | 'objects' | 'databaseBytes'
> {
  if (trial.kind !== 'restored') return {}
  const { serverVersion, tables, databaseBytes } = trial.facts
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const objects = comparedObjects(trial.facts, manifest)
  const rowsCompared = rowsAreCompared(trial.facts, manifest)
  return { serverVersion, tables: tables.length, rows, rowsCompared, objects, databaseBytes }
}
