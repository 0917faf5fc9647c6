import { type ParseArgsConfig, parseArgs } from 'node:util'
import { Refusal } from '../model/index.ts'
import { type FlagName, flags } from './flags.ts'

/** Which of several verbs on one line is meant: the first of this list that is there (contract 2). */
const verbs = [
  'help',
  'version',
  'config',
  'list',
  'status',
  'prune',
  'restore',
  'verify',
  'once',
  'scheduled',
] as const
export type Verb = (typeof verbs)[number]

/** What the command line asks for. Switches are false and values null when absent. */
export interface Request {
  /** null: no verb, the container's own way of running. */
  readonly verb: Verb | null
  readonly scheduled: boolean
  readonly once: boolean
  readonly only: string | null
  readonly filter: string | null
  readonly dryRun: boolean
  readonly yes: boolean
  readonly json: boolean
  readonly adminPasswordGiven: boolean
}

type Values = { readonly [Name in FlagName]?: string | boolean | undefined }

/**
 * Flags in any order, letters clustered (`-sv all`), long names with `--`.
 * @throws {Refusal} exit status 2, for a flag that is unknown, lacks its value, or words left over.
 */
export function parseArguments(args: readonly string[]): Request {
  const values = valuesOf(args)
  const text = (name: FlagName): string | null => {
    const value = values[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
  return {
    verb: verbs.find((verb) => values[verb] !== undefined) ?? null,
    scheduled: values.scheduled === true,
    once: values.once === true,
    only: text('only'),
    filter: text('filter'),
    dryRun: values.dryRun === true,
    yes: values.yes === true,
    json: values.json === true,
    adminPasswordGiven: values.adminPassword !== undefined,
  }
}

function valuesOf(args: readonly string[]): Values {
  const byLongName = parse(args)
  const names = Object.keys(flags) as FlagName[]
  return Object.fromEntries(names.map((name) => [name, byLongName[flags[name].long]]))
}

function parse(args: readonly string[]): Record<string, string | boolean | undefined> {
  try {
    const { values } = parseArgs({ args: [...args], options: optionsOf(), strict: true })
    return values as Record<string, string | boolean | undefined>
  } catch (error) {
    throw new Refusal('The command line was not understood.', {
      reason: firstSentence(error),
      advice: 'backup.sh -h lists all flags; a value with blanks needs quotes.',
      exitStatus: 2,
      cause: error,
    })
  }
}

function optionsOf(): NonNullable<ParseArgsConfig['options']> {
  const rows = Object.values(flags).map((flag) => {
    const type = 'value' in flag ? ('string' as const) : ('boolean' as const)
    return [flag.long, 'letter' in flag ? { type, short: flag.letter } : { type }] as const
  })
  return Object.fromEntries(rows)
}

function firstSentence(error: unknown): string {
  const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ')
  return `${sentence.replace(/\.$/u, '')}.`
}

/** The command for locks and records, from what was understood: never a password. */
export function commandText({ verb, once, scheduled, only, filter }: Request): string {
  const parts = [
    once && '-1',
    scheduled && '-s',
    !once && !scheduled && verb !== null && `--${verb}`,
    only !== null && `--only ${only}`,
    filter !== null && `-f ${filter}`,
  ]
  return ['backup.sh', ...parts.filter((part) => part !== false)].join(' ')
}
