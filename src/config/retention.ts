import {
  type ConfiguredDatabase,
  keepSpecificationWarnings,
  type MirrorName,
  mirrorNames,
  type Period,
  parseWholeNumber,
  periods,
  type RetentionPolicy,
  type RetentionRule,
  type StoreName,
} from '../model/index.ts'
import type { Problems } from './problems.ts'
import { keepListOf, percentOf, spanOf } from './retention-words.ts'
import { type Duration, type KeepList, kindWords } from './setting-kinds.ts'
import type { Row } from './setting-row.ts'
import { fieldOf, type Settings } from './settings.ts'
import { retaining } from './settings-for-retention.ts'
import { settingsTable } from './settings-table.ts'
import type { Variables } from './variables.ts'

/** Stores whose own policy can be configured, by their names. */
const stores: readonly StoreName[] = ['volume', ...mirrorNames]

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

/** In percent: nothing falls by more. */
const noAnomaly = 100

/**
 * Every `KEEP…` and `MAX_AGE` is a rule, and so is the strategy. Any of the former replaces the
 * counts that the strategy has by default; counts that somebody has set join in.
 */
export function policiesOf(
  settings: Settings,
  isSet: (variable: (typeof countVariables)[number]) => boolean,
  ofMirrors: MirrorRetention,
): PolicyOf {
  return ({ options }, store) => {
    const optionOf = (field: string): string | undefined =>
      options[`${store}.${field}`] ?? options[field] ?? ofMirrors.get(`${store}.${field}`)
    const values = { ...settings, ...ownValues(optionOf) }
    const keeping = keepingRules(values)
    const counts = (variable: (typeof countVariables)[number]): boolean =>
      keeping.length === 0 || isSet(variable) || optionOf(fieldOf(variable)) !== undefined
    return {
      rules: [...strategyRules(values, counts), ...keeping],
      minBackups: Math.max(1, values.minBackups),
      staleAfter: values.staleAfter,
      anomalyThreshold: values.anomalyThreshold === 0 ? noAnomaly : values.anomalyThreshold,
    }
  }
}

/** What `S3_NUM_BACKUPS`, `FTP_KEEP_DAILIES` and so on say, by `s3.numBackups`. */
export type MirrorRetention = ReadonlyMap<string, string>

/** Every retention variable, for one mirror alone. */
export const mirrorVariables: readonly {
  readonly name: string
  readonly mirror: MirrorName
  readonly variable: (typeof variables)[number]
}[] = mirrorNames.flatMap((mirror) =>
  variables.map((variable) => ({ name: `${mirror.toUpperCase()}_${variable}`, mirror, variable })),
)

/** Reads them; mistakes are gathered. */
export function mirrorRetention(source: Variables, problems: Problems): MirrorRetention {
  const texts = new Map<string, string>()
  for (const { name, mirror, variable } of mirrorVariables) {
    const text = source.valueOf(name)
    const kind = kindOfOption(fieldOf(variable))
    if (text === null || kind === null) continue
    if (isOptionValue(kind, text)) texts.set(`${mirror}.${fieldOf(variable)}`, text)
    else {
      const { expects, example } = kindWords[kind]
      problems.add(name, `"${text}" is not ${expects}. Write for example ${name}=${example}.`)
    }
  }
  return texts
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
