import { formats, parseFrequency } from '../model/index.ts'
import { closestWord } from './closest-word.ts'
import type { ConfOption } from './conf-line.ts'
import { formatIn, jobsIn } from './dump-settings.ts'
import { mistake, type Problems } from './problems.ts'
import { isOptionValue, kindOfOption, retentionOptions } from './retention.ts'
import { problemWith } from './retention-words.ts'
import { kindWords } from './setting-kinds.ts'

/** Options that are not of retention. */
const known = ['name', 'format', 'jobs', 'verifySchema', 'frequency']
const names = [...known, ...retentionOptions]

/** Where to tell what was found: mistakes, and warnings of the whole configuration. */
export interface Findings {
  readonly path: string
  readonly problems: Problems
  readonly warnings: string[]
}

/** The options of one database, from `?…` and from its sections, checked. */
export function checkOptions(
  options: readonly ConfOption[],
  { path, problems }: Findings,
): Readonly<Record<string, string>> {
  const checked: Record<string, string> = {}
  for (const { line, key, value } of options) {
    problems.collect(`${path}:${line}`, () => {
      refuseUnknown(key)
      if (Object.hasOwn(checked, key)) {
        throw mistake(`The option ${key} is given twice for this database.`, 'Remove one of them.')
      }
      refuseValue(key, value)
      checked[key] = value
    })
  }
  return checked
}

function refuseUnknown(key: string): void {
  if (names.includes(key)) return
  const meant = closestWord(key, names)
  throw mistake(
    `There is no option "${key}".`,
    meant === null
      ? `Options are ${known.join(', ')}, and those of docs/retention.md.`
      : `Did you mean ${meant}?`,
  )
}

function refuseValue(key: string, value: string): void {
  if (key === 'name') refuseUnsafeName(value)
  if (key === 'format' && formatIn(value) === null) {
    throw mistake(`The option format cannot be "${value}".`, `It is ${formats.join(', ')}.`)
  }
  if (key === 'frequency' && parseFrequency(value) === null) {
    const advice = 'It is daily, weekly, none, or hours such as 6h.'
    throw mistake(`The option frequency cannot be "${value}".`, advice)
  }
  if (key === 'jobs' && jobsIn(value) === null) {
    throw mistake(`The option jobs cannot be "${value}".`, 'It is a whole number of one or more.')
  }
  refuseRetention(key, value)
}

function refuseRetention(key: string, value: string): void {
  const kind = kindOfOption(key)
  if (kind === null || isOptionValue(kind, value)) return
  const { expects, example } = kindWords[kind]
  const why = problemWith(kind, value) ?? `It is ${expects}.`
  throw mistake(
    `The option ${key} cannot be "${value}".`,
    `${why} Write for example ${key} = ${example}.`,
  )
}

/** A core name becomes part of file names, and no name may leave its folder or hide. */
function refuseUnsafeName(name: string): void {
  if (/^[\w-][\w.-]*$/u.test(name)) return
  throw mistake(
    'The option name has a character that no core name may have, or begins with a dot.',
    'Use only A-Z, a-z, 0-9, "_", "." and "-".',
  )
}
