import { Cron } from 'croner'
import { parseDuration } from '../model/index.ts'

/** The times of one schedule expression. */
export interface Timetable {
  /** Whether it is an interval, which knows no times of the day. */
  readonly isRhythm: boolean
  /** The first time after `instant`; null when there is none any more. */
  next(instant: Date): Date | null
  /** The last time at or before `instant`; null when there is none, or it is not known. */
  previous(instant: Date): Date | null
}

/**
 * The times of an expression that is already checked: five fields, `@daily` and its like, or
 * `@every 2h`, whose rhythm is counted from `anchor` and does not drift.
 *
 * Fields are times of the wall clock in the zone of this process. A line with a `*` for the hour
 * means an interval, and passes through the changes of daylight saving. Any other line names times
 * of the day: one that a change skips comes right after it, one that a change repeats comes once,
 * the first time. croner keeps that only for patterns of a single time, so it gets one for each.
 */
export function timetableOf(expression: string, anchor: Date): Timetable {
  const seconds = everySeconds(expression)
  if (seconds !== null) return rhythm(seconds * 1000, anchor)
  const crons = singleTimes(expression).map((one) => new Cron(one, { mode: '5-part' }))
  return {
    isRhythm: false,
    next: (instant) => earliest(crons.map((cron) => cron.nextRun(instant))),
    previous: (instant) => latest(crons.map((cron) => previousOf(cron, instant))),
  }
}

/** The seconds of `@every 2h`; null for what follows the clock. */
export function everySeconds(expression: string): number | null {
  const [word, interval = ''] = expression.split(' ')
  return word === '@every' ? parseDuration(interval) : null
}

/** `anchor` plus whole multiples of the period. */
function rhythm(periodMs: number, anchor: Date): Timetable {
  const beats = (instant: Date): number =>
    Math.floor((instant.getTime() - anchor.getTime()) / periodMs)
  const at = (beat: number): Date => new Date(anchor.getTime() + beat * periodMs)
  return {
    isRhythm: true,
    next: (instant) => at(beats(instant) + 1),
    previous: (instant) => (beats(instant) > 0 ? at(beats(instant)) : null),
  }
}

/** One pattern for each time of the day that the fields of minute and hour name. */
function singleTimes(expression: string): readonly string[] {
  const [minutes = '', hours = '', ...days] = expression.split(' ')
  if (expression.startsWith('@') || hours === '*') return [expression]
  return valuesOf(hours, 23).flatMap((hour) =>
    valuesOf(minutes, 59).map((minute) => [minute, hour, ...days].join(' ')),
  )
}

/** The values of a checked field: `*`, `3`, `1-5`, with or without a step, in a list. */
function valuesOf(field: string, most: number): readonly number[] {
  const values = field.split(',').flatMap((part) => {
    const [range = '', step = '1'] = part.split('/')
    const [first, last = first] = range === '*' ? [0, most] : range.split('-').map(Number)
    if (first === undefined || last === undefined) return []
    const count = Math.floor((last - first) / Number(step)) + 1
    return Array.from({ length: count }, (_, index) => first + index * Number(step))
  })
  return [...new Set(values)]
}

/** croner looks before its instant, so it is asked a moment later. */
function previousOf(cron: Cron, instant: Date): Date | null {
  return cron.previousRuns(1, new Date(instant.getTime() + 1))[0] ?? null
}

export function earliest(times: readonly (Date | null)[]): Date | null {
  return sorted(times).at(0) ?? null
}

export function latest(times: readonly (Date | null)[]): Date | null {
  return sorted(times).at(-1) ?? null
}

function sorted(times: readonly (Date | null)[]): readonly Date[] {
  const known = times.filter((time) => time !== null)
  return known.toSorted((left, right) => left.getTime() - right.getTime())
}
