import type { RunDocument } from '../model/index.ts'
import type { JobPlan } from '../operations/index.ts'
import { timetableOf } from '../schedule/index.ts'

export interface Past {
  /** Newest first. */
  readonly runs: readonly RunDocument[]
  readonly now: Date
  /** `CATCH_UP`: how old a missed start may be. */
  readonly catchUpMs: number
}

/**
 * The last start of a job that was due while nobody was there; null when none is to be made up.
 * Only a job that has run before has missed anything: a line is not behind when it is new. What
 * leaves no run document (a command that is not ours) is never made up.
 */
export function missedStart(
  { key, expression, trigger }: JobPlan,
  { runs, now, catchUpMs }: Past,
): Date | null {
  if (trigger === 'interval' || expression.startsWith('@every')) return null
  const last = runs.find(({ job }) => job === key)
  const due = timetableOf(expression, now).previous(now)
  if (last === undefined || due === null) return null
  const isYoung = now.getTime() - due.getTime() <= catchUpMs
  return isYoung && new Date(last.startedAt) < due ? due : null
}
