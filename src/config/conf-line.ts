import { parse as parseIni } from 'ini'
import { type EngineName, engineNames } from '../model/index.ts'
import { closestWord } from './closest-word.ts'
import { mistake } from './problems.ts'
import {
  holdsSchedule,
  looksLikeSchedule,
  readScheduleLine,
  type ScheduleLine,
} from './schedule-line.ts'
import { engineNamed, readSpec, splitType, type WrittenSpec } from './spec.ts'

/** One line of `backup.conf` that is not blank and not a comment. */
export interface ConfLine {
  readonly line: number
  /** Without surrounding blanks. */
  readonly text: string
}

/** What one line means. */
export type ConfEntry =
  | { readonly kind: 'database'; readonly line: number; readonly spec: WrittenSpec }
  | {
      readonly kind: 'unavailable'
      readonly line: number
      readonly written: string
      readonly engine: EngineName
    }
  | { readonly kind: 'assignment'; readonly name: string; readonly value: string }
  | { readonly kind: 'schedule'; readonly schedule: ScheduleLine }

export interface ConfOption {
  readonly line: number
  readonly key: string
  readonly value: string
}

/**
 * A line above the first section. A line of an engine that is not in `engines` is not looked into
 * further: it may follow rules that this container does not know.
 * @throws Refusal, exit status 2, that says what is wrong and what to write.
 */
export function readConfLine({ line, text }: ConfLine, engines: readonly EngineName[]): ConfEntry {
  if (looksLikeSchedule(text)) return { kind: 'schedule', schedule: readScheduleLine(text, line) }
  const words = withoutComment(text)
  const { word } = splitType(words)
  const engine = word === null ? null : engineNamed(word)
  if (engine !== null && !engines.includes(engine)) {
    return { kind: 'unavailable', line, written: words, engine }
  }
  if (engine === null && word !== null) {
    const assignment = readAssignment(words)
    if (assignment !== null) return assignment
    refuseStrayWord(word, words)
  }
  if (word !== null || words.includes('/')) return { kind: 'database', line, spec: readSpec(words) }
  throw mistake(
    'This is no database, no schedule, no section and no assignment.',
    'Write host/database, or "#" in front of a comment.',
  )
}

/** `[host/database]`, but not a database whose host is an IPv6 address in brackets. */
export function isHeader(text: string): boolean {
  return text.startsWith('[') && !/^\[[\da-f:.]+(?:%\w+)?\][:/]/iu.test(text)
}

/** The database whose options follow. @throws Refusal, exit status 2. */
export function readHeader(text: string): WrittenSpec {
  const inside = /^\[(?<inside>.*)\]$/su.exec(withoutComment(text))?.groups?.['inside']
  const advice = 'Write the database as in its line, in brackets: [host/database].'
  if (inside === undefined) throw mistake('The section has no closing "]".', advice)
  const spec = readSpec(inside)
  if (spec.options.length === 0) return spec
  throw mistake('A section is named without "?" and options.', advice)
}

/**
 * A line of a section, read by `ini`; null for its comments. Lines are given to `ini` one at a
 * time, because its own rules would split the names of sections at dots.
 * @throws Refusal, exit status 2, for a database or schedule line, and for what is no option.
 */
export function readOptionLine({ line, text }: ConfLine): ConfOption | null {
  if (text.startsWith(';')) return null
  const key = /^(?<key>[A-Za-z][\w.-]*)\s*=/u.exec(text)?.groups?.['key']
  if (key === undefined || engineNamed(key) !== null) {
    throw mistake(
      'In a section there are only options of its database, such as "name = shop".',
      'Move database and schedule lines above the first section.',
    )
  }
  const value: unknown = parseIni(text)[key]
  const words = typeof value === 'string' ? value : JSON.stringify(value)
  if (words !== '') return { line, key, value: words }
  throw mistake(`The option ${key} has no value.`, 'Write one after the "=", or remove the line.')
}

/** A comment begins at a "#" after a blank; any other "#" is part of a name. */
function withoutComment(text: string): string {
  return text.replace(/\s+#.*$/su, '')
}

/**
 * `PGSSLMODE=require`: an upper-case name, and a value that is no spec, because `POSTGRE=db/app`
 * must not pass for a variable. The zone of `TZ=America/Vancouver` only looks like a spec.
 */
function readAssignment(text: string): ConfEntry | null {
  const parts = /^(?<name>[A-Z_][A-Z\d_]*)=(?<value>.*)$/su.exec(text)?.groups
  const { name, value } = parts ?? {}
  if (name === undefined || value === undefined) return null
  refuseSchedule(name, value)
  return name === 'TZ' || !isSpec(value) ? { kind: 'assignment', name, value } : null
}

/** Some crons take variables in front of the time; here they would swallow the schedule. */
function refuseSchedule(name: string, value: string): void {
  if (/^(?<quote>["']).*\k<quote>$/su.test(value) || !holdsSchedule(value)) return
  const isZone = name === 'TZ' || name === 'CRON_TZ'
  const rest = isZone ? 'its zone is the TZ of the container' : `write ${name} above it`
  throw mistake(
    `The value of ${name} reads as a schedule, which would never be followed.`,
    `Write the schedule on a line of its own, beginning with its time; ${rest}.`,
  )
}

function isSpec(text: string): boolean {
  try {
    readSpec(text)
    return true
  } catch {
    return false
  }
}

/** A word before "=" that is neither a type nor a variable; what is near a type is left to the spec. */
function refuseStrayWord(word: string, text: string): void {
  if (closestWord(word, engineNames) !== null) return
  if (!text.includes('/')) {
    throw mistake(
      `"${word}" is no type of database and no assignment.`,
      'An assignment is written NAME=value, upper-case and without blanks; an option belongs below a line [host/database].',
    )
  }
  if (word !== word.toUpperCase()) return
  throw mistake(
    `The value of ${word} reads as a database, and ${word} is no type of database.`,
    `Types are ${engineNames.join(', ')}; a variable with such a value belongs in the environment of the container.`,
  )
}
