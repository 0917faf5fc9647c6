import { basename } from 'node:path'
import { engineOf } from '../engines/index.ts'
import {
  accountOf,
  type Backup,
  type Check,
  type ConfiguredDatabase,
  firstError,
  identityOf,
  Refusal,
  sumOnRecord,
} from '../model/index.ts'
import { isCode } from '../platform/index.ts'
import { type Appliance, engineContext } from './appliance.ts'
import { Gone } from './bring.ts'
import { takeInventory } from './inventory.ts'
import type { MissingCopy } from './mirrors/missing-copies.ts'
import { isAsSealed, notAsSealed, type Opened, openArchive } from './opened-archive.ts'
import { recordCheck } from './record-findings.ts'
import { RunRecord } from './run-record.ts'
import { whileShielded } from './while-shielded.ts'

/** What a check of one backup found. */
export interface CheckResult {
  readonly database: ConfiguredDatabase
  readonly backup: Backup
  readonly ok: boolean
  readonly problem: string | null
  /** What could not be looked at, in words; null: everything was. */
  readonly limits: string | null
}

interface Checking {
  readonly onResult?: ((result: CheckResult) => void) | undefined
  /** Copies that should be there and are not: the check fails with them, too. */
  readonly missing?: readonly MissingCopy[]
}

/**
 * Reads every byte of every retained backup of these databases: checksum, decompression, end
 * marker. No server takes part. Of an encrypted one without its key only the checksum can be looked
 * at, which the result says. A backup without a manifest that passes counts as good from now on.
 */
export async function checkAll(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
  { onResult = () => {}, missing = [] }: Checking = {},
): Promise<readonly CheckResult[]> {
  const record = await RunRecord.begin(appliance, { verb: 'check', trigger: 'user' })
  try {
    const inventory = await takeInventory(appliance)
    const results: CheckResult[] = []
    for (const database of databases) {
      const ofDatabase: CheckResult[] = []
      for (const backup of inventory.of.get(database) ?? []) {
        appliance.signal.throwIfAborted()
        const result = await checkOne(appliance, database, backup)
        if (result === null) continue
        onResult(result)
        ofDatabase.push(result)
      }
      const spec = identityOf(database.spec)
      const gone = missing.filter((copy) => copy.spec === spec)
      await recordOutcome(record, database, { results: ofDatabase, gone })
      results.push(...ofDatabase)
    }
    return results
  } finally {
    await record.end()
  }
}

/** null: pruned meanwhile. */
async function checkOne(
  appliance: Appliance,
  database: ConfiguredDatabase,
  backup: Backup,
): Promise<CheckResult | null> {
  const found = await whileShielded(appliance, backup, () =>
    findingOf(appliance, database, backup),
  ).catch((error: unknown) => notBrought(appliance, error))
  if (found === 'gone') return null
  const { problem, limits, isOfBackup } = found
  const ok = problem === null
  const at = appliance.clock.now().toISOString()
  const check: Check = { ok, at, problem, ...(limits === null ? {} : { limits }) }
  // What the volume did not let us read says nothing about the bytes.
  if (isOfBackup) await recordCheck(appliance, backup, check)
  return { database, backup, ok, problem, limits }
}

interface Finding {
  readonly problem: string | null
  readonly limits: string | null
  readonly isOfBackup: boolean
}

const whole: Finding = { problem: null, limits: null, isOfBackup: true }

async function findingOf(
  appliance: Appliance,
  database: ConfiguredDatabase,
  backup: Backup,
): Promise<Finding | 'gone'> {
  const scratch = appliance.volume.scratch
  try {
    await using opened = await openArchive(appliance, backup, scratch)
    if (opened.kind === 'locked') return await fromOutside(appliance, backup, opened)
    if (opened.kind === 'damaged') throw opened.refusal
    await engineOf(database).checkArchive(opened.file, engineContext(appliance))
    // With a manifest, the engine has compared the checksum already.
    const isSame = backup.manifest !== null || (await isAsSealed(appliance, backup))
    return isSame ? whole : changed(backup)
  } catch (error) {
    appliance.signal.throwIfAborted()
    if (isCode(error, 'ENOENT')) return 'gone'
    if (isCode(error, 'EIO', 'EACCES', 'ESTALE', 'EPERM')) {
      return { problem: (error as Error).message, limits: null, isOfBackup: false }
    }
    if (!(error instanceof Refusal)) throw error
    return { problem: textOf(error), limits: null, isOfBackup: true }
  }
}

/** What could not be brought here has not been looked at; the next one may be. */
function notBrought({ signal }: Appliance, thrown: unknown): Finding | 'gone' {
  signal.throwIfAborted()
  const error = firstError(thrown)
  if (error instanceof Gone) return 'gone'
  if (!(error instanceof Refusal)) throw thrown
  return { problem: textOf(error), limits: null, isOfBackup: false }
}

/** Where nobody can look inside, the checksum of what was sealed is all there is to compare. */
async function fromOutside(
  appliance: Appliance,
  backup: Backup,
  { refusal, sumAgrees }: Extract<Opened, { kind: 'locked' }>,
): Promise<Finding> {
  const why = textOf(refusal)
  if (sumOnRecord(backup) === undefined) {
    const problem = `${why} It has no manifest either, so nothing about it can be checked.`
    return { problem, limits: null, isOfBackup: false }
  }
  if (sumAgrees || (await isAsSealed(appliance, backup))) {
    return { problem: null, limits: `only its checksum was looked at. ${why}`, isOfBackup: true }
  }
  return changed(backup)
}

function changed(backup: Backup): Finding {
  const what = notAsSealed(backup)
  const why = `${what.charAt(0).toUpperCase()}${what.slice(1)}.`
  const problem = `The archive ${basename(backup.path)} is damaged. ${why}`
  return { problem, limits: null, isOfBackup: true }
}

function textOf(refusal: Refusal): string {
  const { message, reason } = accountOf(refusal)
  return [message, reason].filter((part) => part !== '').join(' ')
}

async function recordOutcome(
  record: RunRecord,
  database: ConfiguredDatabase,
  { results, gone }: { results: readonly CheckResult[]; gone: readonly MissingCopy[] },
): Promise<void> {
  const bad = [
    ...results.filter(({ ok }) => !ok).map(({ backup: { path }, problem }) => ({ path, problem })),
    ...gone.filter(({ path }) => !results.some(({ backup, ok }) => !ok && backup.path === path)),
  ]
  const newest = results[0]
  if (bad.length === 0) {
    await record.succeeded(database, newest?.backup.path ?? '', newest?.backup.bytes ?? 0)
    return
  }
  await record.failed(
    database,
    new Refusal(`${bad.length} of ${countOf(results, gone)} backups failed their check.`, {
      reason: bad.map(({ path, problem }) => `${path}: ${problem}`).join('; '),
      advice: 'Take a new backup, and look at the volume.',
    }),
  )
}

/** How many backups were looked at, or should have been there to be. */
export function countOf(results: readonly CheckResult[], gone: readonly MissingCopy[]): number {
  return new Set([...results.map(({ backup }) => backup.path), ...gone.map(({ path }) => path)])
    .size
}
