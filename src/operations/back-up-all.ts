import type { Attribution } from '../catalog/index.ts'
import {
  allEnded,
  type Backup,
  type ConfiguredDatabase,
  isUnattended,
  localStampOf,
  type Manifest,
  type Trigger,
  tierAt,
} from '../model/index.ts'
import { backupSchedule } from '../schedule/index.ts'
import type { Appliance } from './appliance.ts'
import { backUpOne } from './back-up-one.ts'
import { clearLeftovers } from './clear-leftovers.ts'
import type { Cycle } from './cycle.ts'
import { inTurns } from './in-turns.ts'
import { takeInventory } from './inventory.ts'
import { finishMirrors } from './mirrors/finish-mirrors.ts'
import { type MirrorOutcome, MirrorRun } from './mirrors/mirror-run.ts'
import { pruneDatabase } from './prune.ts'
import { retentionCounts } from './retention-policy.ts'
import { RunRecord } from './run-record.ts'
import { settleDeletions } from './settle-deletions.ts'
import { whenDue } from './when-due.ts'
import { withLock } from './with-lock.ts'

/** What became of one database in a cycle. */
export type CycleResult =
  | {
      readonly database: ConfiguredDatabase
      readonly ok: true
      readonly manifest: Manifest
      readonly elapsedMs: number
      /** The backup stands, but what it should have replaced could not be deleted. */
      readonly pruneError: unknown
      readonly removed: readonly string[]
    }
  | {
      readonly database: ConfiguredDatabase
      readonly ok: false
      readonly error: unknown
      readonly elapsedMs: number
    }

/** What became of all of a cycle. */
export interface CycleReport {
  /** Of those that were backed up, in the order that was asked for. */
  readonly results: readonly CycleResult[]
  /** One for each mirror. */
  readonly mirrors: readonly MirrorOutcome[]
}

export interface CycleRequest {
  readonly databases: readonly ConfiguredDatabase[]
  readonly trigger: Trigger
  /** Leaves out what its frequency does not make due yet. Default: false. */
  readonly onlyDue?: boolean
}

/**
 * One cycle: every database in the order of the file, up to `PARALLEL_BACKUPS` at once. A failed
 * one never stops the others, and only a database that succeeded is pruned. What succeeded goes to
 * the mirrors while the next is dumped; what they still lack goes there in the end.
 * @throws {Refusal} when the lock is taken, the volume is unusable, or a signal ends the cycle.
 */
export async function backUpAll(
  appliance: Appliance,
  { databases, trigger, onlyDue = false }: CycleRequest,
): Promise<CycleReport> {
  appliance.tell({ kind: 'run-planned', databases })
  return await withLock(appliance, { patient: isUnattended(trigger) }, async (locked) => {
    const cycle = await beginCycle(locked, trigger)
    try {
      const chosen = onlyDue ? leaveOutNotDue(cycle, databases) : databases
      const width = locked.configuration.settings.parallelBackups
      const results = await inTurns(chosen, width, (database) => backUpAndPrune(cycle, database))
      const mirrors = await finishMirrors(cycle.mirrors, databases)
      await cycle.record.mirrored(mirrors)
      return { results, mirrors }
    } finally {
      await Promise.all(cycle.mirrors.map((mirror) => mirror.settled()))
      await cycle.record.end()
    }
  })
}

/** Judged once the lock is held: the run that was waited for may have done it. */
function leaveOutNotDue(
  { appliance, inventory }: Cycle,
  databases: readonly ConfiguredDatabase[],
): readonly ConfiguredDatabase[] {
  const now = appliance.clock.now()
  const { schedule: lines, settings } = appliance.configuration
  const schedule = backupSchedule(lines, settings.backupPeriod.seconds)
  return databases.filter((database) => {
    const backups = inventory.of.get(database) ?? []
    const { policy, from } = whenDue(appliance, { database, backups, schedule, now })
    if (policy === null || (from !== null && from <= now)) return true
    const { frequency } = policy
    appliance.tell({ kind: 'backup-skipped', database, frequency, dueFrom: from })
    return false
  })
}

async function beginCycle(appliance: Appliance, trigger: Trigger): Promise<Cycle> {
  const now = appliance.clock.now()
  const { settings } = appliance.configuration
  const tier = tierAt(now, settings.backupStrategy, retentionCounts(settings))
  // None of them needs what another changes, and a store far away answers them all at once.
  const [inventory] = await allEnded([
    recoveredInventory(appliance),
    settleDeletions(appliance),
    clearLeftovers(appliance),
    appliance.catalog.removeOldRuns({ days: settings.journalDays }),
  ])
  const record = await RunRecord.begin(appliance, { verb: 'back-up', trigger })
  const catchUpMs = settings.mirrorCatchUp.seconds * 1000
  const mirrors = appliance.mirrors.map((mirror) => new MirrorRun(appliance, mirror, catchUpMs))
  return { appliance, trigger, tier, folder: localStampOf(now).date, inventory, record, mirrors }
}

/** Where backups are there and no manifest at all, mirrors may have them: pins and proofs with them. */
async function recoveredInventory(appliance: Appliance): Promise<Attribution> {
  const inventory = await takeInventory(appliance)
  const all = [...inventory.of.values()].flat()
  const isLost = all.length > 0 && all.every(({ manifest }) => manifest === null)
  if (!isLost || appliance.mirrors.length === 0) return inventory
  for (const mirror of appliance.mirrors) {
    const run = new MirrorRun(appliance, mirror, 0)
    await run.recoverCatalog(appliance.configuration.databases)
  }
  return await takeInventory(appliance)
}

async function backUpAndPrune(cycle: Cycle, database: ConfiguredDatabase): Promise<CycleResult> {
  const { appliance } = cycle
  appliance.signal.throwIfAborted()
  const started = performance.now()
  const elapsed = (): number => performance.now() - started
  try {
    const { backup, manifest } = await backUpOne(cycle, database)
    const path = appliance.volume.label(backup.path)
    const elapsedMs = elapsed()
    appliance.tell({ kind: 'backup-succeeded', database, path, manifest, elapsedMs })
    for (const mirror of cycle.mirrors) mirror.add(database, backup)
    return {
      database,
      ok: true,
      manifest,
      elapsedMs,
      ...(await pruneAfter(cycle, database, backup)),
    }
  } catch (error) {
    appliance.signal.throwIfAborted()
    const elapsedMs = elapsed()
    appliance.tell({ kind: 'backup-failed', database, error, elapsedMs })
    return { database, ok: false, error, elapsedMs }
  }
}

async function pruneAfter(
  { appliance, inventory, record }: Cycle,
  database: ConfiguredDatabase,
  backup: Backup,
): Promise<{ readonly pruneError: unknown; readonly removed: readonly string[] }> {
  const backups = [backup, ...(inventory.of.get(database) ?? [])]
  try {
    const pruned = await pruneDatabase(appliance, { database, backups, record })
    const { pruneError: error } = pruned
    if (error !== null) appliance.tell({ kind: 'prune-failed', database, error })
    return pruned
  } catch (error) {
    appliance.signal.throwIfAborted()
    appliance.tell({ kind: 'prune-failed', database, error })
    return { pruneError: error, removed: [] }
  }
}
