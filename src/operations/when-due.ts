import { frequencyOf } from '../config/index.ts'
import type { Backup, ConfiguredDatabase } from '../model/index.ts'
import { dueFrom, type Policy, type Schedule } from '../schedule/index.ts'
import type { Appliance } from './appliance.ts'
import { newestGood } from './inventory.ts'

/** How often a database is to be backed up, and from when on it is due. */
export interface WhenDue {
  /** null: nobody has said; every scheduled cycle backs it up. */
  readonly policy: Policy | null
  /** null: never, or there is no policy. */
  readonly from: Date | null
}

interface Case {
  readonly database: ConfiguredDatabase
  /** Of this database, newest first. */
  readonly backups: readonly Backup[]
  readonly schedule: Schedule
  /** What is due at once is due from then on. */
  readonly now: Date
}

export function whenDue(
  { configuration }: Appliance,
  { database, backups, schedule, now }: Case,
): WhenDue {
  const { settings } = configuration
  const frequency = frequencyOf(database, settings)
  if (frequency === null) return { policy: null, from: null }
  const policy = { frequency, weeklyDay: settings.weeklyDay }
  const scheduled = newestGood(backups.filter(isScheduled), now)
  // A weekly one has its day, and needs no first one to find its rhythm.
  const last = scheduled ?? (frequency.kind === 'weekly' ? newestGood(backups, now) : null)
  return { policy, from: dueFrom(policy, { last: last?.takenAt ?? null, now, schedule }) }
}

/** By a schedule of whatever kind, not by hand. */
function isScheduled({ manifest }: Backup): boolean {
  return manifest !== null && manifest.trigger !== 'once' && manifest.trigger !== 'user'
}
