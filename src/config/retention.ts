import {
  type ConfiguredDatabase,
  keepSpecificationWarnings,
  type Period,
  parseWholeNumber,
  periods,
  type RetentionPolicy,
  type RetentionRule,
} from '../model/index.ts'
import { keepListOf, percentOf, spanOf } from './retention-words.ts'
import type { Duration, KeepList } from './setting-kinds.ts'
import type { Row } from './setting-row.ts'
import { fieldOf, type Settings } from './settings.ts'
import { retaining } from './settings-for-retention.ts'
import { settingsTable } from './settings-table.ts'

/** Stores whose own policy can be configured, by their names. */
const stores = ['volume'] as const
export type StoreName = (typeof stores)[number]

const countVariables = [
  'NUM_BACKUPS',
  'DAILY_BACKUPS',
  'WEEKLY_BACKUPS',
  'MONTHLY_BACKUPS',
] as const
const variables = [...countVariables, ...(Object.keys(retaining) as (keyof typeof retaining)[])]

/** `keepDailies` for all stores, `volume.keepDailies` for one; they win over the variables. */
export const retentionOptions: readonly string[] = [
  '',
  ...stores.map((store) => `${store}.`),
].flatMap((prefix) => variables.map((variable) => prefix + fieldOf(variable)))

const readers = {
  count: parseWholeNumber,
  span: spanOf,
  keep: keepListOf,
  percent: percentOf,
} as const
type ReadableKind = keyof typeof readers

/** The kind of value that an option of retention takes; null: it is no such option. */
export function kindOfOption(option: string): ReadableKind | null {
  const field = option.replace(/^.*\./su, '')
  const variable = variables.find((name) => fieldOf(name) === field)
  if (variable === undefined || !retentionOptions.includes(option)) return null
  const { kind }: Row = settingsTable[variable]
  return kind in readers ? kind : null
}

/** Whether an option of retention can have this value. */
export function isOptionValue(kind: ReadableKind, text: string): boolean {
  return readers[kind](text) !== null
}

/** A policy in which it is still open what is stale by default; 0 seconds are never. */
export type ConfiguredPolicy = Omit<RetentionPolicy, 'staleAfterSeconds'> & {
  /** null: nobody has said. */
  readonly staleAfter: Duration | null
}

/** Says which policy a database has in a store. */
export type PolicyOf = (
  database: Pick<ConfiguredDatabase, 'options'>,
  store: StoreName,
) => ConfiguredPolicy

/**
 * Every `KEEP…` and `MAX_AGE` is a rule, and so is the strategy. Any of the former replaces the
 * counts that the strategy has by default; counts that somebody has set join in.
 */
export function policiesOf(
  settings: Settings,
  isSet: (variable: (typeof countVariables)[number]) => boolean,
): PolicyOf {
  return ({ options }, store) => {
    const optionOf = (field: string): string | undefined =>
      options[`${store}.${field}`] ?? options[field]
    const values = { ...settings, ...ownValues(optionOf) }
    const keeping = keepingRules(values)
    const counts = (variable: (typeof countVariables)[number]): boolean =>
      keeping.length === 0 || isSet(variable) || optionOf(fieldOf(variable)) !== undefined
    return {
      rules: [...strategyRules(values, counts), ...keeping],
      minBackups: Math.max(1, values.minBackups),
      staleAfter: values.staleAfter,
      anomalyThreshold: values.anomalyThreshold,
    }
  }
}

/** The settings that a database has of its own. Its options have been checked. */
function ownValues(optionOf: (field: string) => string | undefined): Partial<Settings> {
  const own: Record<string, unknown> = {}
  for (const variable of variables) {
    const field = fieldOf(variable)
    const text = optionOf(field)
    const kind = kindOfOption(field)
    if (text !== undefined && kind !== null) own[field] = readers[kind](text)
  }
  return own
}

/** A count of 0, a time of 0 and no specification switch a rule off. */
function keepingRules(values: Settings): readonly RetentionRule[] {
  const { keepLast, keepWithin, keep, maxAge } = values
  const specifications = keep?.specifications ?? []
  return [
    ...(isOn(keepLast) ? [{ kind: 'newest', count: keepLast } as const] : []),
    ...calendarRules(values),
    ...spanRule('within', keepWithin),
    ...(specifications.length > 0 ? [{ kind: 'grid', specifications } as const] : []),
    ...spanRule('age', maxAge),
  ]
}

function calendarRules(values: Settings): readonly RetentionRule[] {
  const counts: Readonly<Record<Period, number | null>> = {
    hour: values.keepHourlies,
    day: values.keepDailies,
    week: values.keepWeeklies,
    month: values.keepMonthlies,
    year: values.keepYearlies,
  }
  return periods.flatMap((period) => {
    const count = counts[period]
    return isOn(count) ? [{ kind: 'calendar', period, count } as const] : []
  })
}

function spanRule(kind: 'within' | 'age', span: Duration | null): readonly RetentionRule[] {
  return span === null || span.seconds === 0 ? [] : [{ kind, seconds: span.seconds }]
}

function isOn(count: number | null): count is number {
  return count !== null && count > 0
}

function strategyRules(
  values: Settings,
  counts: (variable: (typeof countVariables)[number]) => boolean,
): readonly RetentionRule[] {
  if (values.backupStrategy === 'daily') {
    return counts('NUM_BACKUPS') ? [{ kind: 'newest', count: values.numBackups }] : []
  }
  const daily = counts('DAILY_BACKUPS') ? values.dailyBackups : null
  const weekly = counts('WEEKLY_BACKUPS') ? values.weeklyBackups : null
  const monthly = counts('MONTHLY_BACKUPS') ? values.monthlyBackups : null
  const isSilent = daily === null && weekly === null && monthly === null
  return isSilent ? [] : [{ kind: 'tiers', daily, weekly, monthly }]
}

/** What the keep specifications of the variables and of any database will hardly be meant to do. */
export function warningsOfKeep(
  { keep }: Settings,
  databases: readonly ConfiguredDatabase[],
): readonly string[] {
  const ofAll = warningsOf('KEEP', keep)
  const ofEach = databases.flatMap(({ spec, options }) =>
    Object.entries(options)
      .filter(([option]) => kindOfOption(option) === 'keep')
      .flatMap(([option, text]) => warningsOf(`${spec.written}: ${option}`, keepListOf(text))),
  )
  return [...ofAll, ...ofEach]
}

function warningsOf(where: string, list: KeepList | null): readonly string[] {
  return keepSpecificationWarnings(list?.specifications ?? []).map((text) => `${where}: ${text}`)
}
