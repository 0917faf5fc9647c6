import { engineOf } from '../engines/index.ts'
import {
  accountOf,
  type Backup,
  type Check,
  type ConfiguredDatabase,
  Refusal,
} from '../model/index.ts'
import { isCode } from '../platform/index.ts'
import { type Appliance, engineContext } from './appliance.ts'
import { takeInventory } from './inventory.ts'
import { recordCheck } from './record-findings.ts'
import { RunRecord } from './run-record.ts'
import { whileShielded } from './while-shielded.ts'

/** What a check of one backup found. */
export interface CheckResult {
  readonly database: ConfiguredDatabase
  readonly backup: Backup
  readonly ok: boolean
  readonly problem: string | null
}

/**
 * Reads every byte of every retained backup of these databases: checksum, decompression, end
 * marker. No server takes part. A backup without a manifest that passes counts as good from now on.
 */
export async function checkAll(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
  onResult: (result: CheckResult) => void = () => {},
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
      await recordOutcome(record, database, ofDatabase)
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
  const problem = await whileShielded(appliance, backup.path, () =>
    problemOf(appliance, database, backup),
  )
  if (problem === 'gone') return null
  const check: Check = {
    ok: problem === null,
    at: appliance.clock.now().toISOString(),
    problem: problem === null ? null : problem.text,
  }
  // What the volume did not let us read says nothing about the bytes.
  if (problem === null || problem.isOfBackup) await recordCheck(appliance, backup, check)
  return { database, backup, ok: check.ok, problem: check.problem }
}

interface Problem {
  readonly text: string
  readonly isOfBackup: boolean
}

async function problemOf(
  appliance: Appliance,
  database: ConfiguredDatabase,
  { path, name, manifest }: Backup,
): Promise<Problem | 'gone' | null> {
  const file = {
    path: appliance.volume.absolute(path),
    codec: name.codec,
    format: name.format,
    manifest,
  }
  try {
    await engineOf(database).checkArchive(file, engineContext(appliance))
    return null
  } catch (error) {
    appliance.signal.throwIfAborted()
    if (isCode(error, 'ENOENT')) return 'gone'
    if (isCode(error, 'EIO', 'EACCES', 'ESTALE', 'EPERM')) {
      return { text: (error as Error).message, isOfBackup: false }
    }
    if (!(error instanceof Refusal)) throw error
    const { message, reason } = accountOf(error)
    return { text: [message, reason].filter((part) => part !== '').join(' '), isOfBackup: true }
  }
}

async function recordOutcome(
  record: RunRecord,
  database: ConfiguredDatabase,
  results: readonly CheckResult[],
): Promise<void> {
  const bad = results.filter(({ ok }) => !ok)
  const newest = results[0]
  if (bad.length === 0) {
    await record.succeeded(database, newest?.backup.path ?? '', newest?.backup.bytes ?? 0)
    return
  }
  await record.failed(
    database,
    new Refusal(`${bad.length} of ${results.length} backups failed their check.`, {
      reason: bad.map(({ backup, problem }) => `${backup.path}: ${problem}`).join('; '),
      advice: 'Take a new backup, and look at the volume.',
    }),
  )
}
