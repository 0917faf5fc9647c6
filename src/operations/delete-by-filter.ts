import type { Backup } from '../model/index.ts'
import { type Decision, planRetention } from '../retention/index.ts'
import type { Appliance } from './appliance.ts'
import { matcherOf } from './file-filter.ts'
import { takeInventory } from './inventory.ts'
import { removeBackup } from './prune.ts'
import { RunRecord } from './run-record.ts'
import { withLock } from './with-lock.ts'

/** What became of one backup that the filter found. */
export interface Deletion {
  readonly path: string
  readonly outcome: 'deleted' | 'declined' | 'protected'
  readonly reasons: readonly string[]
}

/** Asks the user about one backup; false leaves it. */
export type Confirm = (backup: Backup, path: string) => Promise<boolean>

/**
 * Deletes the backups that a filter finds, newest first, one by one, each after its confirmation.
 * The newest good and the newest verified backup of a database stay whatever the filter says.
 * Files of no configured database may be deleted this way: the user names them.
 */
export async function deleteByFilter(
  appliance: Appliance,
  filter: string,
  confirm: Confirm,
): Promise<readonly Deletion[]> {
  return await withLock(appliance, { scheduled: false }, async (locked) => {
    const record = await RunRecord.begin(locked, { verb: 'prune', trigger: 'user' })
    try {
      const deletions: Deletion[] = []
      for (const { backup, keep, reasons } of await candidates(locked, filter)) {
        const path = locked.volume.absolute(backup.path)
        const outcome = keep ? 'protected' : await deleteOne(locked, { backup, confirm, record })
        deletions.push({ path, outcome, reasons })
      }
      return deletions
    } finally {
      await record.end()
    }
  })
}

async function deleteOne(
  appliance: Appliance,
  task: { readonly backup: Backup; readonly confirm: Confirm; readonly record: RunRecord },
): Promise<'deleted' | 'declined'> {
  appliance.signal.throwIfAborted()
  const { path } = task.backup
  if (!(await task.confirm(task.backup, appliance.volume.absolute(path)))) return 'declined'
  await task.record.removing([path])
  await removeBackup(appliance, path)
  return 'deleted'
}

/** What is kept when the policy keeps nothing: exactly the protections, with their reasons. */
const keepNothing = {
  strategy: 'daily',
  counts: { total: 0, daily: 0, weekly: 0, monthly: 0 },
} as const

async function candidates(appliance: Appliance, filter: string): Promise<readonly Decision[]> {
  const { of, foreign } = await takeInventory(appliance)
  const owned = [...of.values()].flatMap((backups) =>
    planRetention({ backups, policy: keepNothing }).map(unlessBad),
  )
  const others = foreign.map((backup) => ({ backup, keep: false, reasons: [] }))
  const matches = matcherOf(filter, appliance.volume)
  return [...owned, ...others]
    .filter(({ backup }) => matches(backup))
    .toSorted((left, right) => right.backup.takenAt.getTime() - left.backup.takenAt.getTime())
}

/** A bad backup is worth no protection from a user who names it. */
function unlessBad(decision: Decision): Decision {
  return decision.backup.quality === 'bad' ? { ...decision, keep: false } : decision
}
