import { formats } from '../model/index.ts'
import { closestWord } from './closest-word.ts'
import type { ConfOption } from './conf-line.ts'
import { formatIn, jobsIn } from './dump-settings.ts'
import { mistake, type Problems } from './problems.ts'

/** Options that do something, and options of later versions that may already stand in a file. */
const known = ['name', 'format', 'jobs', 'verifySchema']
const forLater = ['frequency']
const names = [...known, ...forLater]

/** Where to tell what was found: mistakes, and warnings of the whole configuration. */
export interface Findings {
  readonly path: string
  readonly problems: Problems
  readonly warnings: string[]
}

/** The options of one database, from `?…` and from its sections, checked. */
export function checkOptions(
  options: readonly ConfOption[],
  { path, problems, warnings }: Findings,
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
    if (forLater.includes(key)) {
      warnings.push(`${path}:${line}: This version ignores the option ${key}.`)
    }
  }
  return checked
}

function refuseUnknown(key: string): void {
  if (names.includes(key)) return
  const meant = closestWord(key, names)
  throw mistake(
    `There is no option "${key}".`,
    meant === null ? `Options are ${names.join(', ')}.` : `Did you mean ${meant}?`,
  )
}

function refuseValue(key: string, value: string): void {
  if (key === 'name') refuseUnsafeName(value)
  if (key === 'format' && formatIn(value) === null) {
    throw mistake(`The option format cannot be "${value}".`, `It is ${formats.join(', ')}.`)
  }
  if (key === 'jobs' && jobsIn(value) === null) {
    throw mistake(`The option jobs cannot be "${value}".`, 'It is a whole number of one or more.')
  }
}

/** A core name becomes part of file names, and no name may leave its folder or hide. */
function refuseUnsafeName(name: string): void {
  if (/^[\w-][\w.-]*$/u.test(name)) return
  throw mistake(
    'The option name has a character that no core name may have, or begins with a dot.',
    'Use only A-Z, a-z, 0-9, "_", "." and "-".',
  )
}
