import { Cron } from 'croner'
import { parseDuration } from '../model/index.ts'
import { isBackupCommand } from './backup-command.ts'

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
  const intervals = due.map(intervalOf).filter((seconds) => seconds !== null)
  const crons = due
    .filter((line) => intervalOf(line) === null)
    .map(({ expression }) => new Cron(expression, { mode: '5-part' }))
  return {
    next: (instant) => earliest(crons.map((cron) => cron.nextRun(instant))),
    previous: (instant) => latest(crons.map((cron) => previousOf(cron, instant))),
    interval: intervals.length === 0 ? null : Math.min(...intervals),
  }
}

/** croner looks before its instant, so it is asked a moment later. */
function previousOf(cron: Cron, instant: Date): Date | null {
  return cron.previousRuns(1, new Date(instant.getTime() + 1))[0] ?? null
}

function intervalOf({ expression }: Line): number | null {
  const [word, interval = ''] = expression.split(' ')
  return word === '@every' ? parseDuration(interval) : null
}

function earliest(times: readonly (Date | null)[]): Date | null {
  return sorted(times).at(0) ?? null
}

function latest(times: readonly (Date | null)[]): Date | null {
  return sorted(times).at(-1) ?? null
}

function sorted(times: readonly (Date | null)[]): readonly Date[] {
  const known = times.filter((time) => time !== null)
  return known.toSorted((left, right) => left.getTime() - right.getTime())
}
