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
  ui: {
    long: 'ui',
    about: 'Everything on one screen, by keyboard; needs a terminal.',
  },
  testNotify: {
    long: 'test-notify',
    about: 'Send a notice of each level to every channel.',
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
    about: 'Which backups: a pattern over path and time, as grep reads it.',
  },
  dryRun: { long: 'dry-run', about: 'With -p, -r: show what would be done, and why.' },
  yes: { long: 'yes', about: 'Answer every question with yes.' },
  json: { long: 'json', about: 'One JSON document on stdout instead of text.' },
  restore: {
    letter: 'r',
    long: 'restore',
    value: 'spec',
    about: 'Restore the newest good backup (or -f, --at), then swap.',
  },
  at: { long: 'at', value: 'time', about: 'With -r: the newest backup not after this time.' },
  mirror: {
    long: 'mirror',
    about: 'Bring the mirrors up to date, without a new backup.',
  },
  from: {
    long: 'from',
    value: 'store',
    about: 'With -r, -v, -l, --check: volume, ftp, s3 or restic.',
  },
  to: { long: 'to', value: 'spec', about: 'With -r: restore to this database instead.' },
  roles: { long: 'roles', about: 'With -r: also create missing roles as the archive has them.' },
  keepOld: { long: 'keep-old', about: 'With -r: keep the replaced database under a dated name.' },
  inPlace: { long: 'in-place', about: 'With -r: drop the database first; needs less room.' },
  verify: {
    letter: 'v',
    long: 'verify',
    value: 'spec',
    about: 'Prove the newest good backup (all: of each) by restoring it.',
  },
  check: {
    long: 'check',
    value: 'spec',
    about: 'Read every backup of one database, or of all, to its end.',
  },
  report: { long: 'report', value: 'file', about: 'With -v: a drill report (.md or .html).' },
  pin: { long: 'pin', value: 'path', about: 'Keep this backup, whatever the policy says.' },
  unpin: { long: 'unpin', value: 'path', about: 'Leave it to the policy again.' },
  accept: {
    long: 'accept',
    value: 'spec',
    about: 'Accept that the newest backup has so much less in it.',
  },
  simulate: {
    long: 'simulate',
    value: 'time',
    about: 'Which backups there would be after a time such as 400d.',
  },
  adminPassword: {
    letter: 'a',
    long: 'admin-password',
    value: 'password',
    about: 'For -r; visible to all users of the machine: set ADMIN_PASSWORD.',
  },
  ignoreErrors: {
    letter: 'I',
    long: 'ignore-errors',
    about: 'Go on after SQL errors, and report them.',
  },
  allowNull: { letter: 'n', long: 'allow-null', about: 'Accepted, for old scripts.' },
} as const satisfies Record<string, Flag>

export type FlagName = keyof typeof flags
