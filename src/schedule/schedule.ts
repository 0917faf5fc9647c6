import { isBackupCommand } from './backup-command.ts'
import { earliest, everySeconds, latest, timetableOf } from './timetable.ts'

/** The times at which backups are due. */
export interface Schedule {
  /** The first time after `instant`; null when it cannot be known from the clock alone. */
  next(instant: Date): Date | null
  /** The last time at or before `instant`, at which a backup should have begun; null as above. */
  previous(instant: Date): Date | null
  /** Seconds between backups where they follow an interval and no clock; null otherwise. */
  readonly interval: number | null
}

interface Line {
  readonly expression: string
  readonly command: string
}

/**
 * The schedule of backups in the lines of a configuration, whose expressions are already checked.
 * Lines that do something else (verify, arbitrary commands) say nothing about backups. Without
 * any line that backs up, one is expected every `periodSeconds`.
 */
export function backupSchedule(lines: readonly Line[], periodSeconds: number): Schedule {
  if (!lines.some(({ command }) => isBackupCommand(command))) {
    return { next: () => null, previous: () => null, interval: periodSeconds }
  }
  const due = lines.filter(({ command }) => isBackupCommand(command))
  const intervals = due.map(({ expression }) => everySeconds(expression)).filter(isKnown)
  const tables = due
    .filter(({ expression }) => everySeconds(expression) === null)
    .map(({ expression }) => timetableOf(expression, new Date(0)))
  return {
    next: (instant) => earliest(tables.map((table) => table.next(instant))),
    previous: (instant) => latest(tables.map((table) => table.previous(instant))),
    interval: intervals.length === 0 ? null : Math.min(...intervals),
  }
}

function isKnown(seconds: number | null): seconds is number {
  return seconds !== null
}
