import {
  allEnded,
  type Backup,
  type ConfiguredDatabase,
  identityOf,
  Refusal,
  type StoreName,
  sentencesOf,
} from '../model/index.ts'
import { type Decision, leaveAlone, planRetention } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { takeInventory } from './inventory.ts'
import { type Owed, owedOf } from './mirrors/owed.ts'
import { newestReadable } from './newest-readable.ts'
import { policiesIn } from './retention-policy.ts'
import { RunRecord } from './run-record.ts'
import { settleDeletions } from './settle-deletions.ts'
import { tellLosses } from './tell-losses.ts'
import { withLock } from './with-lock.ts'

/** What retention decided about the backups of one database in one store. */
export interface PrunePlan {
  /** null: files of no configured database, all of which stay. */
  readonly database: ConfiguredDatabase | null
  readonly store: StoreName
  readonly decisions: readonly Decision[]
}

/** Decides for every backup of every database, and changes nothing. Needs no lock. */
export async function planPruning(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
): Promise<readonly PrunePlan[]> {
  const store = appliance.volume.name
  const policyOf = policiesIn(appliance, store)
  const inventory = await takeInventory(appliance)
  const now = appliance.clock.now()
  const protect = await appliance.catalog.shields.read()
  const plans: PrunePlan[] = []
  for (const database of databases) {
    const backups = inventory.of.get(database) ?? []
    const readable = await newestReadable(appliance, database, backups)
    const accepted = await appliance.catalog.readAcceptance(identityOf(database.spec))
    const policy = policyOf(database)
    const { waiting: owed } = await owedOf(appliance, { database, backups })
    const question = { backups, policy, now, protect, owed, readable, accepted }
    const { decisions } = planRetention(question)
    plans.push({ database, store, decisions })
  }
  const all = databases.length === appliance.configuration.databases.length
  const foreign = all ? leaveAlone(inventory.foreign) : []
  return foreign.length === 0 ? plans : [...plans, { database: null, store, decisions: foreign }]
}

/**
 * Applies the retention policies to every database, now. Nothing is deleted before the whole plan
 * is known.
 * @returns the decisions that were carried out.
 * @throws {Refusal} when the lock is taken, or when files could not be deleted, after all others were.
 */
export async function pruneAll(
  appliance: Appliance,
  databases: readonly ConfiguredDatabase[],
  { scheduled }: { readonly scheduled: boolean },
): Promise<readonly PrunePlan[]> {
  return await withLock(appliance, { patient: scheduled }, async (locked) => {
    await settleDeletions(locked)
    const record = await RunRecord.begin(locked, { verb: 'prune', trigger: 'user' })
    try {
      const plans = await planPruning(locked, databases)
      const { failures } = await carryOut(locked, record, plans)
      if (failures.length > 0) throw refusalOf(failures)
      return plans
    } finally {
      await record.end()
    }
  })
}

/**
 * Prunes one database after its backup succeeded. The caller holds the lock.
 * @returns the paths that were deleted, relative to the root, and why others were not; null: all were.
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
): Promise<{ readonly removed: readonly string[]; readonly pruneError: Refusal | null }> {
  const { catalog, volume, clock } = appliance
  const store = volume.name
  const policy = policiesIn(appliance, store)(database)
  const [{ waiting: owed }, protect, accepted] = await allEnded([
    owedOf(appliance, { database, backups }),
    catalog.shields.read(),
    catalog.readAcceptance(identityOf(database.spec)),
  ])
  const now = clock.now()
  const plan = planRetention({ backups, owed, policy, now, protect, accepted })
  tellLosses(appliance, { database, backups, plan, threshold: policy.anomalyThreshold })
  const plans = [{ database, store, decisions: plan.decisions }]
  const { gone, failures } = await carryOut(appliance, record, plans)
  return { removed: [...gone], pruneError: failures.length === 0 ? null : refusalOf(failures) }
}

/** What became of the backups that were to go. */
interface Deleted {
  readonly gone: Set<string>
  readonly failures: Refusal[]
}

/** On record first; what could not be deleted is taken off again, however this ends. */
async function carryOut(
  appliance: Appliance,
  record: RunRecord,
  plans: readonly PrunePlan[],
): Promise<Deleted> {
  const doomed = plans.flatMap(({ decisions }) => doomedOf(decisions))
  const deleted: Deleted = { gone: new Set(), failures: [] }
  await record.removing(doomed)
  try {
    for (const plan of plans) await deleteDoomed(appliance, plan, deleted)
  } finally {
    await record.spared(doomed.filter((path) => !deleted.gone.has(path)))
  }
  return deleted
}

function doomedOf(decisions: readonly Decision[]): readonly string[] {
  return decisions.filter(({ keep }) => !keep).map(({ backup }) => backup.path)
}

/** File by file, each manifest after its file. One that stays is no reason to keep the others. */
async function deleteDoomed(
  appliance: Appliance,
  { database, decisions }: PrunePlan,
  { gone, failures }: Deleted,
): Promise<void> {
  const { volume, catalog, signal, tell } = appliance
  const removed: string[] = []
  const overdue = database === null ? new Map() : await overdueAmong(appliance, database, decisions)
  for (const path of doomedOf(decisions)) {
    signal.throwIfAborted()
    // Somebody may have begun to read it since the decision; the next pruning decides anew.
    if ((await catalog.shields.read()).has(path)) continue
    const failure = await failureOf(async () => {
      await volume.remove(path)
      gone.add(path)
      await catalog.remove(path)
    })
    if (failure !== null) {
      failures.push(failure)
      // Nor would it delete the others.
      if (failure.concernsStore) break
      continue
    }
    const stores = overdue.get(path)
    if (stores !== undefined) {
      tell({ kind: 'copy-given-up', database, stores, path: volume.label(path) })
    }
    removed.push(volume.label(path))
  }
  if (database !== null) tell({ kind: 'pruned', database, removed })
}

async function failureOf(work: () => Promise<void>): Promise<Refusal | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** Failures that a message names. */
const mostNamed = 10

function refusalOf(failures: readonly Refusal[]): Refusal {
  const [first] = failures
  if (first !== undefined && failures.length === 1) return first
  const named = failures.slice(0, mostNamed).map((it) => sentencesOf(it.message, it.reason))
  const more = failures.length - named.length
  return new Refusal(`${failures.length} backups could not be deleted.`, {
    reason: `${named.join('\n')}${more > 0 ? `\nAnd ${more} more.` : ''}`,
    advice: first?.advice ?? '',
  })
}

async function overdueAmong(
  appliance: Appliance,
  database: ConfiguredDatabase,
  decisions: readonly Decision[],
): Promise<Owed['overdue']> {
  const backups = decisions.map(({ backup }) => backup)
  return (await owedOf(appliance, { database, backups })).overdue
}

/** A manifest without its file is a left-over that the next run clears; never the reverse. */
export async function removeBackup({ volume, catalog }: Appliance, path: string): Promise<void> {
  await volume.remove(path)
  await catalog.remove(path)
}
