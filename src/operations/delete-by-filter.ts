import { type Backup, type ConfiguredDatabase, isInFuture } from '../model/index.ts'
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
  /** Asks the user about one backup; false leaves it. */
  confirm(backup: Backup): Promise<boolean>
  /** Says what became of it, before the next question. */
  report(deletion: Deletion): void
}

/**
 * Deletes the backups that a filter finds, newest first, one by one, each after its confirmation.
 * The newest good and the newest verified backup of a database stay whatever the filter says.
 * Files of no configured database may be deleted this way: the user names them.
 */
export async function deleteByFilter(
  appliance: Appliance,
  selection: Selection,
  dialogue: Dialogue,
): Promise<readonly Deletion[]> {
  return await withLock(appliance, { scheduled: false }, async (locked) => {
    const record = await RunRecord.begin(locked, { verb: 'prune', trigger: 'user' })
    try {
      const deletions: Deletion[] = []
      for (const decision of await planDeletion(locked, selection)) {
        const deletion = await carryOut(locked, { decision, dialogue, record })
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
  const protect = await appliance.catalog.shields.read()
  const now = appliance.clock.now()
  const owned = [...of]
    .filter(([database]) => only === null || database === only)
    .flatMap(([, backups]) => planRetention({ backups, policy: keepNothing, now, protect }))
    .map((decision) => (isProtected(decision, now) ? decision : doomed(decision.backup)))
  const others = only === null ? foreign.map(doomed) : []
  const matches = matcherOf(filter, appliance.volume)
  return [...owned, ...others]
    .filter(({ backup }) => matches(backup))
    .toSorted((left, right) => right.backup.takenAt.getTime() - left.backup.takenAt.getTime())
}

/** What is kept when the policy keeps nothing: exactly the protections, with their reasons. */
const keepNothing = {
  strategy: 'daily',
  counts: { total: 0, daily: 0, weekly: 0, monthly: 0 },
} as const

/** A bad backup, or one with a wrong date, is worth no protection from a user who names it. */
function isProtected({ backup, keep }: Decision, now: Date): boolean {
  return keep && backup.quality !== 'bad' && !isInFuture(backup.takenAt, now)
}

function doomed(backup: Backup): Decision {
  return { backup, keep: false, reasons: ['matches the filter'] }
}

interface Task {
  readonly decision: Decision
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
  await task.record.removing([path])
  await removeBackup(appliance, path)
  return { path, outcome: 'deleted', reasons }
}
