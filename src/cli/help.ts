import { type FlagName, flags } from './flags.ts'

const exitStatuses = [
  ['0', 'all good'],
  ['1', 'something that was asked for failed (one database of many is enough)'],
  ['2', 'wrong usage or configuration; nothing was touched'],
  ['3', 'another run holds the lock'],
  ['70', 'a defect of backup-container'],
  ['130, 143', 'ended by SIGINT, SIGTERM'],
] as const

const examples = [
  ['backup.sh', 'run as a service: follow the schedule until told to end'],
  ['backup.sh -1', 'back up everything now'],
  ['backup.sh -1 --only postgresql/app', 'only that database'],
  ['backup.sh -r postgresql/app', 'restore its newest good backup, after asking'],
  ['backup.sh -r postgresql/app --dry-run', 'check that this could be done, and touch nothing'],
  ['backup.sh -p --dry-run', 'what pruning would delete, and why'],
  ['backup.sh --simulate 400d', 'which backups the policy leaves after a year'],
  ['backup.sh -v all', 'prove the newest backup of each database by restoring it'],
  ['backup.sh --status', 'is everything all right?'],
  ['backup.sh --ui', 'look at it all, and act, by keyboard'],
] as const

/** The whole of `-h`; `variables` is the section on variables. */
export function helpText(variables: string): string {
  return [
    'backup.sh backs up the databases of backup.conf to a volume, and says OK only when it is.',
    '',
    'Flags',
    ...table((Object.keys(flags) as FlagName[]).map(flagRow)),
    '',
    'Examples',
    ...table(examples),
    '',
    'Exit status',
    ...table(exitStatuses),
    '',
    variables,
  ].join('\n')
}

function flagRow(name: FlagName): readonly [string, string] {
  const flag = flags[name]
  const letter = 'letter' in flag ? `-${flag.letter}, ` : '    '
  const value = 'value' in flag ? ` <${flag.value}>` : ''
  return [`${letter}--${flag.long}${value}`, flag.about]
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
