import {
  type Backup,
  type ConfiguredDatabase,
  identityOf,
  isInFuture,
  isVerified,
  pinnedAt,
} from '../model/index.ts'
import { type Decision, planRetention } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { matcherOf } from './file-filter.ts'
import { takeInventory } from './inventory.ts'
import { removeBackup } from './prune.ts'
import { RunRecord } from './run-record.ts'
import { withLock } from './with-lock.ts'

/** Which backups are meant. */
export interface Selection {
  readonly filter: string
  /** Only backups of this database; null means all, also those of no configured database. */
  readonly only: ConfiguredDatabase | null
}

/** What became of one backup that the filter found. */
export interface Deletion {
  /** Relative to the root. */
  readonly path: string
  readonly outcome: 'deleted' | 'declined' | 'protected'
  readonly reasons: readonly string[]
}

export interface Dialogue {
  /** Whether there is somebody who takes time to answer. */
  readonly asks: boolean
  /** Asks the user about one backup; false leaves it. */
  confirm(backup: Backup): Promise<boolean>
  /** Says what became of it, before the next question. */
  report(deletion: Deletion): void
}

/**
 * Deletes the backups that a filter finds, newest first, one by one, each after its confirmation.
 * The newest good and the newest verified backup of a database stay whatever the filter says, and
 * so do pinned ones.
 * Files of no configured database may be deleted this way: the user names them.
 */
export async function deleteByFilter(
  appliance: Appliance,
  selection: Selection,
  dialogue: Dialogue,
): Promise<readonly Deletion[]> {
  return await withLock(appliance, { patient: false }, async (locked) => {
    const record = await RunRecord.begin(locked, { verb: 'prune', trigger: 'user' })
    try {
      const deletions: Deletion[] = []
      for (const decision of await planDeletion(locked, selection)) {
        const deletion = await carryOut(locked, { decision, selection, dialogue, record })
        dialogue.report(deletion)
        deletions.push(deletion)
      }
      return deletions
    } finally {
      await record.end()
    }
  })
}

/** What would be deleted and what would stay, newest first; changes nothing and needs no lock. */
export async function planDeletion(
  appliance: Appliance,
  { filter, only }: Selection,
): Promise<readonly Decision[]> {
  const { of, foreign } = await takeInventory(appliance)
  const inUse = await appliance.catalog.shields.read()
  const wanted = [...of].filter(([database]) => only === null || database === only)
  const owned: Decision[] = []
  for (const [database, backups] of wanted) {
    owned.push(...(await judgeOwned(appliance, { database, backups, inUse })))
  }
  const others = only === null ? foreign.map(judgeForeign) : []
  const matches = matcherOf(filter, appliance.volume)
  return [...owned, ...others]
    .filter(({ backup }) => matches(backup))
    .toSorted((left, right) => right.backup.takenAt.getTime() - left.backup.takenAt.getTime())
}

interface Owned {
  readonly database: ConfiguredDatabase
  readonly backups: readonly Backup[]
  readonly inUse: ReadonlySet<string>
}

/** A policy without rules keeps exactly what is protected; time says nothing to who names files. */
async function judgeOwned(
  { configuration, catalog, clock, volume }: Appliance,
  { database, backups, inUse }: Owned,
): Promise<readonly Decision[]> {
  const now = clock.now()
  const { anomalyThreshold, minBackups } = configuration.policyOf(database, volume.name)
  const { decisions } = planRetention({
    backups,
    policy: {
      rules: [],
      minBackups: minBackups > 1 ? minBackups : 0,
      staleAfterSeconds: null,
      anomalyThreshold,
    },
    now,
    protect: inUse,
    accepted: await catalog.readAcceptance(identityOf(database.spec)),
  })
  const isReal = (backup: Backup): boolean =>
    backup.quality !== 'bad' && !isInFuture(backup.takenAt, now)
  const last = lastOnes(backups, isReal)
  const isHeld = (backup: Backup): boolean =>
    pinnedAt(backup) !== null || inUse.has(backup.path) || last.has(backup)
  return decisions.map((decision) => {
    const { backup, keep } = decision
    // A bad one, or one with a wrong date, is worth no more protection from a user who names it.
    return keep && (isReal(backup) || isHeld(backup)) ? decision : doomed(backup)
  })
}

function isGood({ quality }: Backup): boolean {
  return quality === 'good'
}

/** Where all good or all verified backups seem to have a wrong date, it may be now that is wrong. */
function lastOnes(
  backups: readonly Backup[],
  isReal: (backup: Backup) => boolean,
): ReadonlySet<Backup> {
  const newestFirst = backups.toSorted(
    (one, other) => other.takenAt.getTime() - one.takenAt.getTime(),
  )
  const kinds = [isGood, isVerified].map((isKind) => newestFirst.filter(isKind))
  return new Set(kinds.filter((all) => !all.some(isReal)).flatMap((all) => all.slice(0, 1)))
}

function judgeForeign(backup: Backup): Decision {
  const pinned = pinnedAt(backup)
  return pinned === null ? doomed(backup) : { backup, keep: true, reasons: ['pinned'] }
}

function doomed(backup: Backup): Decision {
  return { backup, keep: false, reasons: ['matches the filter'] }
}

interface Task {
  readonly decision: Decision
  readonly selection: Selection
  readonly dialogue: Dialogue
  readonly record: RunRecord
}

async function carryOut(appliance: Appliance, task: Task): Promise<Deletion> {
  appliance.signal.throwIfAborted()
  const { backup, keep, reasons } = task.decision
  const { path } = backup
  if (keep) return { path, outcome: 'protected', reasons }
  if (!(await task.dialogue.confirm(backup))) {
    return { path, outcome: 'declined', reasons: ['not confirmed'] }
  }
  appliance.signal.throwIfAborted()
  const now = await protectedNow(appliance, task)
  if (now !== null) return { path, outcome: 'protected', reasons: now }
  await task.record.removing([path])
  await removeBackup(appliance, path)
  return { path, outcome: 'deleted', reasons }
}

/** Verifications and restores begin and end while a question stands open; null: still free to go. */
async function protectedNow(
  appliance: Appliance,
  { decision, selection, dialogue }: Task,
): Promise<readonly string[] | null> {
  const { path } = decision.backup
  if (dialogue.asks) {
    const plan = await planDeletion(appliance, selection)
    const again = plan.find(({ backup }) => backup.path === path)
    return again?.keep === true ? again.reasons : null
  }
  const inUse = await appliance.catalog.shields.read()
  return inUse.has(path) ? ['being read right now'] : null
}
