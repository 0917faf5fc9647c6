import type { Configuration } from '../config/index.ts'
import { timetableOf } from '../schedule/index.ts'
import { type JobPlan, planJobs } from './job-plan.ts'
import type { JournalEntry } from './journal.ts'

/** One start that the schedule has ahead. */
export interface ComingRun {
  readonly at: Date
  /** As `JobPlan.name`. */
  readonly name: string
  readonly command: string
}

/** One line of the schedule, with what became of it last. */
export interface ScheduledJobLine {
  readonly job: JobPlan
  /** null: nobody knows, because its first run has not been. */
  readonly next: Date | null
  /** null: none of its runs is on record. */
  readonly last: JournalEntry | null
}

export interface ScheduleAhead {
  readonly lines: readonly ScheduledJobLine[]
  /** In the order of their times. */
  readonly coming: readonly ComingRun[]
}

/** What the service will start next, by the configuration and the record of its runs. */
export function comingRuns(
  configuration: Configuration,
  journal: readonly JournalEntry[],
  { now, limit }: { readonly now: Date; readonly limit: number },
): ScheduleAhead {
  const lines: ScheduledJobLine[] = []
  const coming: ComingRun[] = []
  for (const job of planJobs(configuration)) {
    const last = journal.find(({ run }) => run.job === job.key) ?? null
    const times = timesOf(job, last, { now, limit })
    lines.push({ job, next: times[0] ?? null, last })
    coming.push(...times.map((at) => ({ at, name: job.name, command: job.command })))
  }
  const sorted = coming.toSorted((one, other) => one.at.getTime() - other.at.getTime())
  return { lines, coming: sorted.slice(0, limit) }
}

/** A rhythm is counted from a start; without one on record nobody knows it. */
function timesOf(
  { expression }: JobPlan,
  last: JournalEntry | null,
  { now, limit }: { readonly now: Date; readonly limit: number },
): readonly Date[] {
  const anchor = last === null ? null : new Date(last.run.startedAt)
  const timetable = timetableOf(expression, anchor ?? now)
  if (timetable.isRhythm && anchor === null) return []
  const times: Date[] = []
  for (let time = timetable.next(now); time !== null && times.length < limit; ) {
    times.push(time)
    time = timetable.next(time)
  }
  return times
}
