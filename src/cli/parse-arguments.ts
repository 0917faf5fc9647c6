import { type ParseArgsConfig, parseArgs } from 'node:util'
import { Refusal, Secret } from '../model/index.ts'
import { type FlagName, flags } from './flags.ts'

/** Which of several verbs on one line is meant: the first of this list that is there (contract 2). */
const verbs = [
  'help',
  'version',
  'ui',
  'config',
  'list',
  'status',
  'prune',
  'restore',
  'verify',
  'check',
  'pin',
  'unpin',
  'accept',
  'simulate',
  'mirror',
  'testNotify',
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
  /** The spec of `-r`. */
  readonly restore: string | null
  readonly at: string | null
  readonly from: string | null
  readonly to: string | null
  readonly roles: boolean
  readonly keepOld: boolean
  readonly inPlace: boolean
  /** The spec of `-v`, or `all`. */
  readonly verify: string | null
  /** The spec of `--check`, or `all`. */
  readonly check: string | null
  readonly report: string | null
  /** Paths of backups. */
  readonly pin: string | null
  readonly unpin: string | null
  /** The spec of `--accept`. */
  readonly accept: string | null
  /** The duration of `--simulate`. */
  readonly simulate: string | null
  readonly ignoreErrors: boolean
  readonly dryRun: boolean
  readonly yes: boolean
  readonly json: boolean
  readonly adminPassword: Secret | null
}

type Values = { readonly [Name in FlagName]?: string | boolean | undefined }

/**
 * Flags in any order, letters clustered (`-sv all`), long names with `--`.
 * @throws {Refusal} exit status 2, for a flag that is unknown, lacks its value, or words left over.
 */
export function parseArguments(args: readonly string[]): Request {
  const values = valuesOf(args)
  refuseDryRun(values)
  refuseFrom(values)
  refuseMirrorWithBackup(values)
  refuseBothFates(values)
  refuseUi(values)
  const text = (name: FlagName): string | null => {
    const value = values[name]
    return typeof value === 'string' ? value : null
  }
  return {
    verb: verbs.find((verb) => values[verb] !== undefined) ?? null,
    scheduled: values.scheduled === true,
    once: values.once === true,
    only: text('only'),
    filter: text('filter'),
    restore: text('restore'),
    at: text('at'),
    from: text('from'),
    to: text('to'),
    roles: values.roles === true,
    keepOld: values.keepOld === true,
    inPlace: values.inPlace === true,
    verify: text('verify'),
    check: text('check'),
    report: text('report'),
    pin: text('pin'),
    unpin: text('unpin'),
    accept: text('accept'),
    simulate: text('simulate'),
    ignoreErrors: values.ignoreErrors === true,
    dryRun: values.dryRun === true,
    yes: values.yes === true,
    json: values.json === true,
    adminPassword:
      values.adminPassword === undefined ? null : new Secret(String(values.adminPassword)),
  }
}

/** Who asks for a dry run wants nothing to happen; doing it in earnest would be the worst answer. */
function refuseDryRun(values: Values): void {
  if (values.dryRun !== true || values.prune === true || values.restore !== undefined) return
  throw new Refusal('There is no dry run of that.', {
    reason: '--dry-run goes with -p and with -r: it shows what they would do.',
    advice: 'Leave it out. backup.sh -c shows what a cycle would do.',
    exitStatus: 2,
  })
}

const verbsWithFrom = ['restore', 'verify', 'list', 'check', 'mirror'] as const

/** Who deletes or pins in one store must not do it in another. */
function refuseFrom(values: Values): void {
  const isMeant = verbsWithFrom.some((verb) => values[verb] !== undefined)
  if (values.from === undefined || isMeant) return
  throw new Refusal('--from does not go with that.', {
    reason: 'It goes with -r, -v, -l, --check and --mirror: all else works on the volume.',
    advice: 'Leave it out.',
    exitStatus: 2,
  })
}

/** Who writes both wants a backup, and would get none. */
function refuseMirrorWithBackup(values: Values): void {
  if (values.mirror !== true || values.once !== true) return
  throw new Refusal('-1 and --mirror are two things.', {
    reason: 'A cycle sends its backups to the mirrors by itself; --mirror makes no backup.',
    advice: 'Write one of them.',
    exitStatus: 2,
  })
}

/** What is dropped first cannot be kept, and who asked for that would count on it. */
function refuseBothFates(values: Values): void {
  if (values.keepOld !== true || values.inPlace !== true) return
  throw new Refusal('--keep-old and --in-place exclude each other.', {
    reason: '--in-place drops the present database first. Nothing was touched.',
    advice: 'Write one of them.',
    exitStatus: 2,
  })
}

/** What else stands there would be left undone, and nobody would be told. */
function refuseUi(values: Values): void {
  const others = (Object.keys(values) as FlagName[]).filter(
    (name) => values[name] !== undefined && name !== 'ui' && name !== 'only',
  )
  const [other] = others
  if (values.ui !== true || other === undefined || other === 'help' || other === 'version') return
  throw new Refusal(`--ui does not go with --${flags[other].long}.`, {
    reason: 'What is done in the interface is chosen there.',
    advice: 'Write one of them; --only goes with --ui.',
    exitStatus: 2,
  })
}

function valuesOf(args: readonly string[]): Values {
  const byLongName = parse(args)
  const names = Object.keys(flags) as FlagName[]
  return Object.fromEntries(names.map((name) => [name, byLongName[flags[name].long]]))
}

type ParsedValues = Readonly<Record<string, string | boolean | undefined>>

function parse(args: readonly string[]): ParsedValues {
  const { values, positionals } = parseFlags(args)
  const [word] = positionals
  if (word !== undefined) throw notUnderstood(leftOver(word, values))
  const empty = Object.values(flags).find(({ long }) => values[long] === '')
  // An unset variable in a script must not turn "prune this" into "prune all".
  if (empty !== undefined) throw notUnderstood(`The value of --${empty.long} is empty.`)
  return values
}

function parseFlags(args: readonly string[]): { values: ParsedValues; positionals: string[] } {
  try {
    const options = optionsOf()
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { values: parsed.values as ParsedValues, positionals: parsed.positionals }
  } catch (error) {
    if (!isAboutArguments(error)) throw error
    throw notUnderstood(reasonOf(error))
  }
}

function notUnderstood(reason: string): Refusal {
  return new Refusal('The command line was not understood.', {
    reason,
    advice: 'backup.sh -h lists all flags; a value with blanks needs quotes.',
    exitStatus: 2,
  })
}

/** A word after a password without quotes may be the rest of it. */
function leftOver(word: string, { [flags.adminPassword.long]: password }: ParsedValues): string {
  const shown = password === undefined ? `"${word}"` : 'A word'
  return `${shown} belongs to no flag.`
}

function isAboutArguments(error: unknown): error is Error {
  const { code } = error as NodeJS.ErrnoException
  return error instanceof Error && code?.startsWith('ERR_PARSE_ARGS_') === true
}

/** Of an unknown flag the first sentence; what follows talks of words that we do not take. */
function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return error.message
  return `${error.message.split('. ', 1)[0]?.replace(/\.$/u, '')}.`
}

function optionsOf(): NonNullable<ParseArgsConfig['options']> {
  const rows = Object.values(flags).map((flag) => {
    const type = 'value' in flag ? ('string' as const) : ('boolean' as const)
    return [flag.long, 'letter' in flag ? { type, short: flag.letter } : { type }] as const
  })
  return Object.fromEntries(rows)
}

/** The command for locks and records, from what was understood: never a password. */
export function commandText(request: Request): string {
  const { verb, once, scheduled } = request
  const parts = [
    verb !== null && verb !== 'once' && verb !== 'scheduled' && `--${flags[verb].long}`,
    valueOfVerb(request) ?? false,
    once && '-1',
    scheduled && '-s',
    ...(['only', 'filter', 'at', 'from', 'to'] as const).map((name) => {
      const flag = name === 'filter' ? '-f' : `--${name}`
      return request[name] !== null && `${flag} ${request[name]}`
    }),
  ]
  return ['backup.sh', ...parts.filter((part) => part !== false)].join(' ')
}

/** Never that of a switch: those have none. */
function valueOfVerb(request: Request): string | null {
  const verbsWithValue = ['restore', 'verify', 'check', 'pin', 'unpin', 'accept'] as const
  const verb = verbsWithValue.find((name) => request[name] !== null)
  return verb === undefined ? null : request[verb]
}
