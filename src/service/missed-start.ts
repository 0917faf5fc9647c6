import type { RunDocument } from '../model/index.ts'
import type { JobPlan } from '../operations/index.ts'
import { timetableOf } from '../schedule/index.ts'

export interface Past {
  /** Newest first. */
  readonly runs: readonly RunDocument[]
  readonly now: Date
  /** `CATCH_UP`: how old a missed start may be to be made up for; 0: none is. */
  readonly catchUpMs: number
}

/** A start that was due while nobody was there. */
export interface MissedStart {
  readonly due: Date
  /** False: it is too old for that. */
  readonly isMadeUp: boolean
}

/**
 * The last start of a job that was missed; null: none was. Only a job that has run before has
 * missed anything: a line is not behind when it is new. What leaves no run document (a command that
 * is not ours) is never known to have missed one.
 */
export function missedStart(
  { key, expression, trigger }: JobPlan,
  { runs, now, catchUpMs }: Past,
): MissedStart | null {
  if (trigger === 'interval' || expression.startsWith('@every')) return null
  const last = runs.find(({ job }) => job === key)
  const due = timetableOf(expression, now).previous(now)
  if (last === undefined || due === null || new Date(last.startedAt) >= due) return null
  return { due, isMadeUp: catchUpMs > 0 && now.getTime() - due.getTime() <= catchUpMs }
}
