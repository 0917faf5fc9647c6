import type { Backup, ConfiguredDatabase } from '../model/index.ts'
import { type Decision, planRetention } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { takeInventory } from './inventory.ts'
import { newestReadable } from './newest-readable.ts'
import { retentionPolicy } from './retention-policy.ts'
import { RunRecord } from './run-record.ts'
import { withLock } from './with-lock.ts'

/** What retention decided about the backups of one database. */
export interface PrunePlan {
  readonly database: ConfiguredDatabase
  readonly decisions: readonly Decision[]
}

/** Decides for every backup of every database, and changes nothing. Needs no lock. */
export async function planPruning(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
): Promise<readonly PrunePlan[]> {
  const policy = retentionPolicy(appliance.configuration.settings)
  const inventory = await takeInventory(appliance)
  const now = appliance.clock.now()
  const protect = await appliance.catalog.shields.read()
  const plans: PrunePlan[] = []
  for (const database of databases) {
    const backups = inventory.of.get(database) ?? []
    const readable = await newestReadable(appliance, database, backups)
    const question = { backups, policy, now, protect, readable }
    plans.push({ database, decisions: planRetention(question) })
  }
  return plans
}

/**
 * Applies the retention policy to every database, now.
 * @returns the decisions that were carried out.
 * @throws {Refusal} when the lock is taken or a file cannot be deleted.
 */
export async function pruneAll(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
  { scheduled }: { readonly scheduled: boolean },
): Promise<readonly PrunePlan[]> {
  return await withLock(appliance, { scheduled }, async (locked) => {
    const record = await RunRecord.begin(locked, { verb: 'prune', trigger: 'user' })
    try {
      const plans = await planPruning(locked, databases)
      for (const { database, decisions } of plans) {
        await carryOut(locked, { database, decisions, record })
      }
      return plans
    } finally {
      await record.end()
    }
  })
}

/**
 * Prunes one database after its backup succeeded. The caller holds the lock.
 * @returns the paths that were deleted, relative to the root.
 */
export async function pruneDatabase(
  appliance: Appliance,
  {
    database,
    backups,
    record,
  }: {
    readonly database: ConfiguredDatabase
    readonly backups: readonly Backup[]
    readonly record: RunRecord
  },
): Promise<readonly string[]> {
  const policy = retentionPolicy(appliance.configuration.settings)
  const protect = await appliance.catalog.shields.read()
  const decisions = planRetention({ backups, policy, now: appliance.clock.now(), protect })
  return await carryOut(appliance, { database, decisions, record })
}

interface Task {
  readonly database: ConfiguredDatabase
  readonly decisions: readonly Decision[]
  readonly record: RunRecord
}

/** On record first, then file by file, each manifest after its file. */
async function carryOut(appliance: Appliance, task: Task): Promise<readonly string[]> {
  const { volume, signal, tell } = appliance
  const doomed = task.decisions.filter(({ keep }) => !keep).map(({ backup }) => backup.path)
  if (doomed.length > 0) await task.record.removing(doomed)
  const gone: string[] = []
  for (const path of doomed) {
    signal.throwIfAborted()
    // Somebody may have begun to read it since the decision; the next pruning decides anew.
    if ((await appliance.catalog.shields.read()).has(path)) continue
    await removeBackup(appliance, path)
    gone.push(path)
  }
  const removed = gone.map((path) => volume.absolute(path))
  tell({ kind: 'pruned', database: task.database, removed })
  return gone
}

/** A manifest without its file is a left-over that the next cycle clears; never the reverse. */
export async function removeBackup({ volume, catalog }: Appliance, path: string): Promise<void> {
  await volume.remove(path)
  await catalog.remove(path)
}
