import { parseDuration } from '../model/index.ts'
import { readCronExpression } from './cron-expression.ts'
import { mistake } from './problems.ts'

/** A crontab line of `backup.conf`: when, as whom, what. */
export interface ScheduleLine {
  /** Five fields, `@every 2h`, or a word such as `@daily`; checked. */
  readonly expression: string
  /** As in a system crontab; what it means is up to who runs the line. */
  readonly user: string
  /** For `sh -c`, exactly as written. */
  readonly command: string
  /** Where it is written: its line in the file, or the name of a variable. */
  readonly from: number | 'CRON_SCHEDULE' | 'VERIFY_SCHEDULE'
  /** The whole line, for listings. */
  readonly text: string
}

const words = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']
const form = '"0 1 * * * default ./backup.sh -s": five fields, a user, and a command'

/** Whether a line is meant as a schedule; not yet whether it is a right one. */
export function looksLikeSchedule(text: string): boolean {
  if (/^(?:@|[\d*?][\d*?,/-]*\s)/u.test(text)) return true
  if (/[=/]/u.test(text.split(/\s/u, 1)[0] ?? '')) return false
  return looksLikeFields(text)
}

/** Most of the five: one or two may be names, or mistakes. */
function looksLikeFields(text: string): boolean {
  const fields = text.split(/\s+/u, 5)
  return fields.filter((field) => /^[\d*?,/-]+$/u.test(field)).length >= 3
}

/** Whether a time and a command stand behind the first word, and what else is assigned there. */
export function holdsSchedule(text: string): boolean {
  const rest = /^\S*(?:\s+[A-Z_a-z]\w*=\S*)*\s+(?<rest>\S.*)$/su.exec(text)?.groups?.['rest'] ?? ''
  if (/^@(?:every\s+\S+|\w+)\s+\S/iu.test(rest)) return true
  const hasCommand = /^(?:\S+\s+){5}.*\p{L}/su.test(rest)
  return hasCommand && looksLikeFields(rest)
}

/** @throws Refusal, exit status 2, that says what is wrong and what to write. */
export function readScheduleLine(text: string, line: number): ScheduleLine {
  const { when, user, command } = splitLine(text)
  const expression = readExpression(when)
  // A name such as "backup.sh" might be one, but it is the command of a line without a user.
  if (!/^[A-Za-z0-9_][\w.-]*$/u.test(user) || user === 'backup.sh') {
    throw mistake(
      `"${user}" is no user; the user stands between the time and the command.`,
      `Write ${form}.`,
    )
  }
  return { expression, user, command, from: line, text }
}

/** The time of a schedule alone. @throws Refusal, exit status 2. */
export function readExpression(when: string): string {
  const parts = when.trim().split(/\s+/u)
  if (when.startsWith('@') && parts.length <= 2) return readWord(when)
  if (parts.length === 5) return readCronExpression(when)
  throw mistake(`"${when}" is no schedule.`, 'Write five fields, "@every 2h" or "@daily".')
}

function splitLine(text: string): { when: string; user: string; command: string } {
  const parts =
    /^(?<when>@every\s+\S+|@\S+|\S+(?:\s+\S+){4})\s+(?<user>\S+)\s+(?<command>.+)$/isu.exec(text)
  const { when, user, command } = parts?.groups ?? {}
  if (when !== undefined && user !== undefined && command !== undefined) {
    return { when, user, command }
  }
  throw mistake('The schedule line is not complete.', `Write it as ${form}.`)
}

function readWord(when: string): string {
  const [written = '', interval] = when.split(/\s+/u)
  const word = written.toLowerCase()
  if (word === '@every') return readInterval(interval ?? '')
  if (words.includes(word) && interval === undefined) return word
  throw mistake(`"${written}" is no schedule.`, `Write @every 2h, or one of ${words.join(', ')}.`)
}

function readInterval(interval: string): string {
  const seconds = /\d$/u.test(interval) ? null : parseDuration(interval)
  if (seconds !== null && seconds > 0) return `@every ${interval}`
  throw mistake(
    'What follows @every is no time between runs.',
    'Write a duration longer than zero with its unit: @every 30m, @every 2h.',
  )
}
