import { mistake } from './problems.ts'

interface FieldRule {
  readonly what: string
  readonly least: number
  readonly most: number
  readonly names: readonly string[]
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const weekdays = 'sun mon tue wed thu fri sat'.split(' ')

const fieldRules: readonly FieldRule[] = [
  { what: 'minute', least: 0, most: 59, names: [] },
  { what: 'hour', least: 0, most: 23, names: [] },
  { what: 'day of the month', least: 1, most: 31, names: [] },
  { what: 'month', least: 1, most: 12, names: months },
  { what: 'day of the week', least: 0, most: 7, names: weekdays },
]

/** Of January to December; the 29th of February comes in leap years. */
const longestDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Checks five fields and returns them in the words of every cron: one blank between fields, `*`
 * for `?`, and `5-59/15` for `5/15`.
 * @throws Refusal that names the field, or a day that no calendar has.
 */
export function readCronExpression(text: string): string {
  const fields = text.split(/\s+/u)
  const read = fieldRules.map((rule, at) => readField(fields[at] ?? '', rule))
  refuseNever(read)
  return read.join(' ')
}

/** A day of the week comes even if the day of the month never does: either is enough. */
function refuseNever([, , days = '', inMonths = '', ofWeek = '']: readonly string[]): void {
  const firstDay = Math.min(...valuesOf(days, 1, 31))
  const named = valuesOf(inMonths, 1, 12)
  const lastDay = Math.max(...named.map((month) => longestDays[month - 1] ?? 0))
  if (ofWeek !== '*' || firstDay <= lastDay) return
  const which = named.map((month) => months[month - 1]).join(', ')
  throw mistake(
    `The schedule never comes: there is no day ${firstDay} in ${which}.`,
    `Write a day of the month up to ${lastDay}, or other months.`,
  )
}

/** The values of a field that is already checked. */
function valuesOf(field: string, least: number, most: number): readonly number[] {
  const all = Array.from({ length: most - least + 1 }, (_, index) => least + index)
  const parts = field.split(',').map((part) => {
    const [range = '', step = '1'] = part.split('/')
    const [first = least, last = first] =
      range === '*' ? [least, most] : range.split('-').map(Number)
    return { first, last, step: Number(step) }
  })
  return all.filter((value) =>
    parts.some(
      ({ first, last, step }) => first <= value && value <= last && (value - first) % step === 0,
    ),
  )
}

function readField(text: string, rule: FieldRule): string {
  return text
    .split(',')
    .map((part) => readPart(part, rule))
    .join(',')
}

/** `*`, `3`, `1-5`, each with or without `/2`. */
function readPart(text: string, rule: FieldRule): string {
  const [range = '', step, ...rest] = text.split('/')
  const values = readRange(range, rule)
  if (rest.length > 0 || values === null || !isStep(step, rule)) throw wrongField(text, rule)
  if (step === undefined) return values
  return values.includes('-') || values === '*'
    ? `${values}/${step}`
    : `${values}-${rule.most}/${step}`
}

function readRange(text: string, rule: FieldRule): string | null {
  if (text === '*' || text === '?') return '*'
  const [from = '', to, ...rest] = text.split('-')
  const first = numberOf(from, rule)
  const last = to === undefined ? first : lastOf(to, rule)
  const isOrdered = rule.least <= first && first <= last && last <= rule.most
  if (rest.length > 0 || !isOrdered) return null
  return to === undefined ? String(first) : `${first}-${last}`
}

function numberOf(word: string, { names, least }: FieldRule): number {
  const name = names.indexOf(word.toLowerCase())
  if (name !== -1) return name + least
  return /^\d{1,2}$/u.test(word) ? Number(word) : Number.NaN
}

/** A week may end with its Sunday: `fri-sun`. */
function lastOf(word: string, rule: FieldRule): number {
  return rule.names === weekdays && word.toLowerCase() === 'sun' ? rule.most : numberOf(word, rule)
}

function isStep(step: string | undefined, { most }: FieldRule): boolean {
  if (step === undefined) return true
  return /^\d{1,2}$/u.test(step) && Number(step) >= 1 && Number(step) <= most
}

function wrongField(text: string, { what, least, most, names }: FieldRule): Error {
  const alsoNames = names.length === 0 ? '' : `, or ${names[0]} to ${names.at(-1)}`
  return mistake(
    `"${text}" is no ${what}.`,
    `Write *, a number from ${least} to ${most}${alsoNames}, a range 1-5, or a step */2.`,
  )
}
