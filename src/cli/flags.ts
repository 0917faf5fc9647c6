/** One flag, as a row: the parser, the help and the README come from here. */
interface Flag {
  readonly letter?: string
  readonly long: string
  /** The name of its value; absent for a switch. */
  readonly value?: string
  readonly about: string
}

/** The original's letters with their meaning (contract 2), each with a long name, and ours. */
export const flags = {
  once: { letter: '1', long: 'once', about: 'Back up every configured database once, now.' },
  scheduled: {
    letter: 's',
    long: 'scheduled',
    about: 'The same as a schedule does it: waits for another run.',
  },
  list: { letter: 'l', long: 'list', about: 'List the backups there are.' },
  config: { letter: 'c', long: 'config', about: 'Show the settings in force, secrets masked.' },
  prune: {
    letter: 'p',
    long: 'prune',
    about: 'Delete what the policy does not keep; with -f, what is found.',
  },
  status: {
    long: 'status',
    about: 'One line per database; exit status 1 if any needs a look.',
  },
  help: { letter: 'h', long: 'help', about: 'Show this help.' },
  version: { long: 'version', about: 'Show the version.' },
  only: {
    long: 'only',
    value: 'spec',
    about: 'Only this database (host/name, as in backup.conf) instead of all.',
  },
  filter: {
    letter: 'f',
    long: 'file',
    value: 'filter',
    about: 'With -p: a pattern over path and time, as grep reads it.',
  },
  dryRun: { long: 'dry-run', about: 'With -p: show each backup with keep or delete, and why.' },
  yes: { long: 'yes', about: 'Answer every question with yes.' },
  json: { long: 'json', about: 'One JSON document on stdout instead of text.' },
  restore: { letter: 'r', long: 'restore', value: 'spec', about: 'Not in this version.' },
  verify: { letter: 'v', long: 'verify', value: 'spec', about: 'Not in this version.' },
  adminPassword: {
    letter: 'a',
    long: 'admin-password',
    value: 'password',
    about: 'Accepted, and not used: every user of the machine can read it.',
  },
  ignoreErrors: { letter: 'I', long: 'ignore-errors', about: 'Accepted, for old scripts.' },
  allowNull: { letter: 'n', long: 'allow-null', about: 'Accepted, for old scripts.' },
} as const satisfies Record<string, Flag>

export type FlagName = keyof typeof flags
