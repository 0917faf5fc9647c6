import { z } from 'zod'
import {
  codecs,
  encryptionScopes,
  fingerprintModes,
  formats,
  type MirrorName,
  mirrorNames,
  noticeLevels,
  parseDuration,
  parseFrequency,
  parseRate,
  parseWeekday,
  parseWholeNumber,
  parseYesNo,
  Refusal,
  Secret,
  strategies,
} from '../model/index.ts'
import { hostOf } from './host.ts'
import type { Problems } from './problems.ts'
import { keepListOf, percentOf, problemWith, spanOf } from './retention-words.ts'
import { tagListOf } from './s3-words.ts'
import { readExpression } from './schedule-line.ts'
import {
  type Duration,
  emailTlsModes,
  ftpTlsModes,
  httpMethods,
  type Kind,
  type KindValues,
  kindWords,
  logFormats,
  mayBeFile,
  type Rate,
  serverSideEncryptions,
  webhookFormats,
} from './setting-kinds.ts'
import type { Row } from './setting-row.ts'
import { fieldOf, type Settings, type Variable } from './settings.ts'
import { settingsTable } from './settings-table.ts'
import type { Variables } from './variables.ts'

const day = 86_400
/** Timers count milliseconds in 31 bits: a longer one would end at once. */
const longestTimer = 24 * day

/** The reader of each kind: a zod schema from the text to the value. */
const schemas = {
  text: z.string(),
  zone: parsed(zoneOf),
  schedule: parsed(expressionOf),
  user: z.string(),
  secret: z.string().transform((text) => new Secret(text)),
  folder: z.string().transform((text) => text.replace(/(?<=.)\/+$/u, '')),
  host: parsed(hostOf),
  database: parsed((text) => (text.isWellFormed() && !text.includes('\0') ? text : null)),
  port: z.string().transform(toWholeNumber).pipe(z.int().min(1).max(65_535)),
  portOrNone: z.string().transform(toWholeNumber).pipe(z.int().max(65_535)),
  strategy: z.string().toLowerCase().pipe(z.enum(strategies)),
  codec: z.string().toLowerCase().pipe(z.enum(codecs)),
  format: z.string().toLowerCase().pipe(z.enum(formats)),
  fingerprint: z.string().toLowerCase().pipe(z.enum(fingerprintModes)),
  frequency: parsed(parseFrequency),
  weekday: parsed(parseWeekday),
  logFormat: z.string().toLowerCase().pipe(z.enum(logFormats)),
  ftpTls: z.string().toLowerCase().pipe(z.enum(ftpTlsModes)),
  webhookFormat: z.string().toLowerCase().pipe(z.enum(webhookFormats)),
  httpMethod: z.string().toUpperCase().pipe(z.enum(httpMethods)),
  emailTls: z.string().toLowerCase().pipe(z.enum(emailTlsModes)),
  noticeLevel: z.string().toUpperCase().pipe(z.enum(noticeLevels)),
  encryptionScope: z.string().toLowerCase().pipe(z.enum(encryptionScopes)),
  count: z.string().transform(toWholeNumber).pipe(z.int()),
  positive: z.string().transform(toWholeNumber).pipe(z.int().min(1)),
  level: z.string().transform(toWholeNumber).pipe(z.int().min(1).max(9)),
  period: parsed((text) => durationOf(text, 1, 366 * day)),
  timeout: parsed((text) => durationOf(text, 1, longestTimer)),
  wait: parsed((text) => durationOf(text, 0, longestTimer)),
  span: parsed(spanOf),
  keep: parsed(keepListOf),
  percent: parsed(percentOf),
  mirrors: parsed(mirrorsOf),
  rate: parsed(rateOf),
  umask: parsed(umaskOf),
  sse: z.enum(serverSideEncryptions),
  tags: parsed(tagListOf),
  yesNo: parsed(parseYesNo),
  presence: z.string().transform((text) => text !== ''),
} as const satisfies { readonly [Of in Kind]: z.ZodType<KindValues[Of], string> }

/** Node takes UTC for a zone that it does not know, and says nothing. */
function zoneOf(text: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone && text
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** In the order in which they are written, each once. */
function mirrorsOf(text: string): readonly MirrorName[] | null {
  const words = new Set(text.toLowerCase().split(/[\s,]+/u))
  words.delete('')
  const names = [...words].map((word) => mirrorNames.find((name) => name === word))
  return names.every((name) => name !== undefined) ? names : null
}

/** Bytes per second; whoever writes `10` means megabytes, and would wait for years. */
const slowestRate = 1_000

function rateOf(text: string): Rate | null {
  const perSecond = parseRate(text)
  return perSecond === null || perSecond < slowestRate ? null : { written: text, perSecond }
}

function expressionOf(text: string): string | null {
  return problemOfExpression(text) === null ? readExpression(text) : null
}

function problemOfExpression(text: string): string | null {
  try {
    readExpression(text)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

const rows: readonly (readonly [string, Row])[] = Object.entries(settingsTable)

const schemaOfAll = z
  .object(
    Object.fromEntries(rows.map(([name, { kind }]) => [fieldOf(name), schemas[kind].nullable()])),
  )
  .readonly()

/** Reads every row of the table into frozen `Settings`; null when there are mistakes, which are gathered. */
export async function readSettings(
  variables: Variables,
  problems: Problems,
): Promise<Settings | null> {
  const values: Record<string, string | null> = {}
  for (const [variable, row] of rows) {
    const name = nameInUse(variable, variables)
    const value = mayBeFile(row.kind)
      ? await variables.valueOrFileOf(name)
      : variables.valueOf(name)
    values[fieldOf(variable)] = value ?? row.fallback
  }
  const result = schemaOfAll.safeParse(values)
  if (result.success) return result.data as unknown as Settings
  const wrong = new Set(result.error.issues.map(({ path }) => path[0]))
  for (const [variable, row] of rows) {
    const field = fieldOf(variable)
    const value = values[field]
    if (!wrong.has(field) || typeof value !== 'string') continue
    const name = nameInUse(variable, variables)
    problems.add(name, expectation(name, value, row))
  }
  return null
}

/** The first name of the row's lookup that is set. */
function nameInUse(variable: string, variables: Variables): string {
  const { kind, lookup = [variable] }: Row = settingsTable[variable as Variable]
  const isSet = (name: string): boolean =>
    mayBeFile(kind) ? variables.isSet(name) : variables.valueOf(name) !== null
  return lookup.find(isSet) ?? variable
}

function expectation(variable: string, value: string, { kind, example }: Row): string {
  const words = kindWords[kind]
  const detail = kind === 'schedule' ? problemOfExpression(value) : problemWith(kind, value)
  const why = detail === null ? '' : ` ${detail}`
  const write = `${variable}=${example ?? words.example}`
  return `"${value}" is not ${words.expects}.${why} Write for example ${write}.`
}

/** A schema of a parser that returns null for what it does not understand. */
function parsed<Value>(parse: (text: string) => Value | null): z.ZodType<Value, string> {
  return z.string().transform((text, context) => {
    const value = parse(text)
    if (value !== null) return value
    context.addIssue('not understood')
    return z.NEVER
  })
}

function toWholeNumber(text: string): number {
  return parseWholeNumber(text) ?? Number.NaN
}

function durationOf(text: string, shortest: number, longest: number): Duration | null {
  const seconds = parseDuration(text)
  if (seconds === null || seconds < shortest || seconds > longest) return null
  return Object.freeze({ written: text, seconds })
}

const ownersRights = 0o700

function umaskOf(text: string): number | null {
  const mask = /^0?[0-7]{1,3}$/u.test(text) ? Number.parseInt(text, 8) : null
  return mask === null || (mask & ownersRights) !== 0 ? null : mask
}
