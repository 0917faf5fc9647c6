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
  readonly line: number
  /** The whole line, for listings. */
  readonly text: string
}

const words = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']
const form = '"0 1 * * * default ./backup.sh -s": five fields, a user, and a command'

/** Whether a line is meant as a schedule; not yet whether it is a right one. */
export function looksLikeSchedule(text: string): boolean {
  if (/^(?:@|[\d*?][\d*?,/-]*\s)/u.test(text)) return true
  const fields = text.split(/\s+/u, 5)
  if (/[=/]/u.test(fields[0] ?? '')) return false
  return fields.filter((field) => /^[\d*?,/-]+$/u.test(field)).length >= 3
}

/** @throws Refusal, exit status 2, that says what is wrong and what to write. */
export function readScheduleLine(text: string, line: number): ScheduleLine {
  const { when, user, command } = splitLine(text)
  const expression = when.startsWith('@') ? readWord(when) : readCronExpression(when)
  if (!/^[A-Za-z0-9_][\w.-]*$/u.test(user)) {
    throw mistake(
      `"${user}" is no user; the user stands between the time and the command.`,
      `Write ${form}.`,
    )
  }
  return { expression, user, command, line, text }
}

function splitLine(text: string): { when: string; user: string; command: string } {
  const parts =
    /^(?<when>@every\s+\S+|@\S+|\S+(?:\s+\S+){4})\s+(?<user>\S+)\s+(?<command>.+)$/su.exec(text)
  const { when, user, command } = parts?.groups ?? {}
  if (when !== undefined && user !== undefined && command !== undefined) {
    return { when, user, command }
  }
  throw mistake('The schedule line is not complete.', `Write it as ${form}.`)
}

function readWord(when: string): string {
  const [word = '', interval] = when.split(/\s+/u)
  if (word === '@every') return readInterval(interval ?? '')
  if (words.includes(word)) return word
  throw mistake(`"${word}" is no schedule.`, `Write @every 2h, or one of ${words.join(', ')}.`)
}

function readInterval(interval: string): string {
  const seconds = /\d$/u.test(interval) ? null : parseDuration(interval)
  if (seconds !== null && seconds > 0) return `@every ${interval}`
  throw mistake(
    'What follows @every is no time between runs.',
    'Write a duration longer than zero with its unit: @every 30m, @every 2h.',
  )
}
