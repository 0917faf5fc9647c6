import type { Rows } from './setting-row.ts'
import { dumping } from './settings-for-dumps.ts'
import { emailing } from './settings-for-email.ts'
import { encrypting } from './settings-for-encryption.ts'
import { ftpCopying } from './settings-for-ftp.ts'
import { mirroring } from './settings-for-mirrors.ts'
import { copyingToRestic } from './settings-for-restic.ts'
import { restoring, verifying } from './settings-for-restores.ts'
import { retaining } from './settings-for-retention.ts'
import { copyingToS3 } from './settings-for-s3.ts'
import { telling } from './settings-for-telling.ts'
import { watching } from './settings-for-watching.ts'

const keeping = {
  BACKUP_STRATEGY: {
    kind: 'strategy',
    fallback: 'daily',
    about: 'All alike (daily), or days, weeks and months (rolling).',
  },
  NUM_BACKUPS: {
    kind: 'count',
    fallback: '31',
    about: 'Backups to keep of each database (daily strategy).',
  },
  DAILY_BACKUPS: {
    kind: 'count',
    fallback: '6',
    about: 'Daily backups to keep of each database (rolling strategy).',
  },
  WEEKLY_BACKUPS: {
    kind: 'count',
    fallback: '4',
    about: 'Weekly backups to keep (rolling); taken on Sundays.',
  },
  MONTHLY_BACKUPS: {
    kind: 'count',
    fallback: '1',
    about: 'Monthly backups to keep (rolling); taken on the last of a month.',
  },
  BACKUP_DIR: {
    kind: 'folder',
    fallback: '/backups/',
    about: 'Folder, or s3://bucket/prefix. ROOT_BACKUP_DIR wins.',
    lookup: ['ROOT_BACKUP_DIR', 'BACKUP_DIR'],
  },
  SCRATCH_DIR: {
    kind: 'folder',
    fallback: null,
    about: 'For what a disk must hold with BACKUP_DIR=s3://. Unset: in TMPDIR.',
  },
  BACKUP_UMASK: {
    kind: 'umask',
    fallback: '0077',
    about: 'Rights that files and folders do not get. The image sets 0007.',
  },
  JOURNAL_DAYS: {
    kind: 'positive',
    fallback: '400',
    about: 'How many days the records of runs are kept.',
  },
} as const satisfies Rows

const running = {
  BACKUP_CONF: {
    kind: 'text',
    fallback: 'backup.conf',
    about: 'Databases and schedules. When set, it must be there.',
  },
  BACKUP_PERIOD: {
    kind: 'period',
    fallback: '1d',
    about: 'Time between cycles without a schedule; --status judges by it.',
  },
  CRON_SCHEDULE: {
    kind: 'schedule',
    fallback: null,
    about: 'Backs up at these times, as a line of the file would.',
  },
  VERIFY_SCHEDULE: {
    kind: 'schedule',
    fallback: null,
    about: 'Verifies all databases at these times.',
  },
  JOB_TIMEOUT: {
    kind: 'timeout',
    fallback: '24h',
    about: 'A job of the service that runs longer is ended: failed.',
  },
  CATCH_UP: {
    kind: 'wait',
    fallback: '0',
    about: 'Missed starts of up to this age are made up; 0: none.',
  },
  TZ: {
    kind: 'zone',
    fallback: null,
    about: 'Time zone of folder names, file names, tiers and schedules.',
  },
  PARALLEL_BACKUPS: {
    kind: 'positive',
    fallback: '1',
    about: 'Databases that are backed up at the same time.',
  },
  LOCK_WAIT: {
    kind: 'wait',
    fallback: null,
    about: 'Time to wait for another run. Unset: scheduled cycles 1h, others 0.',
  },
  TERMINATION_LOG: {
    kind: 'text',
    fallback: '/dev/termination-log',
    about: 'Gets the last word of a run, if it is there.',
  },
  ASSUME_YES_WITHOUT_TTY: {
    kind: 'yesNo',
    fallback: 'no',
    about: 'Answers yes to questions when there is no terminal.',
  },
  NO_COLOR: {
    kind: 'presence',
    fallback: '',
    about: 'Set to anything, it switches colours and live lines off.',
  },
} as const satisfies Rows

const databases = {
  DATABASE_SERVICE_NAME: {
    kind: 'host',
    fallback: 'postgresql',
    about: 'Host of the only database, when no file names any.',
  },
  POSTGRESQL_DATABASE: {
    kind: 'database',
    fallback: 'my_postgres_db',
    about: 'Its name, as it is. Else DATABASE_NAME.',
    lookup: ['POSTGRESQL_DATABASE', 'DATABASE_NAME'],
  },
  POSTGRESQL_PORT_NUM: {
    kind: 'port',
    fallback: '5432',
    about: 'Port where a spec has none. Else DEFAULT_PORT, then PGPORT.',
    lookup: ['POSTGRESQL_PORT_NUM', 'DEFAULT_PORT', 'PGPORT'],
  },
  DATABASE_USER: {
    kind: 'user',
    fallback: null,
    about: 'User for hosts without a <HOST>_USER of their own.',
  },
  DATABASE_PASSWORD: {
    kind: 'secret',
    fallback: null,
    about: 'Password for hosts without a <HOST>_PASSWORD of their own.',
  },
  POSTGRESQL_USER: {
    kind: 'user',
    fallback: null,
    about: 'User when DATABASE_USER is not set either.',
  },
  POSTGRESQL_PASSWORD: {
    kind: 'secret',
    fallback: null,
    about: 'Password when DATABASE_PASSWORD is not set either.',
  },
} as const satisfies Rows

/** Every variable there is, once. */
export const settingsTable = {
  ...keeping,
  ...retaining,
  ...running,
  ...watching,
  ...databases,
  ...dumping,
  ...restoring,
  ...verifying,
  ...ftpCopying,
  ...copyingToS3,
  ...copyingToRestic,
  ...mirroring,
  ...encrypting,
  ...telling,
  ...emailing,
} as const

/** The same rows under the headings of the documentation. */
export const settingGroups: readonly { readonly title: string; readonly rows: Rows }[] = [
  { title: 'What is kept, and where', rows: keeping },
  { title: 'Retention', rows: retaining },
  { title: 'How it runs', rows: running },
  { title: 'How it is watched', rows: watching },
  { title: 'Databases', rows: databases },
  { title: 'Dumps', rows: dumping },
  { title: 'Restore', rows: restoring },
  { title: 'Verification', rows: verifying },
  { title: 'Copies by FTP', rows: ftpCopying },
  { title: 'Copies in S3', rows: copyingToS3 },
  { title: 'Copies in a restic repository', rows: copyingToRestic },
  { title: 'Mirrors', rows: mirroring },
  { title: 'Encryption', rows: encrypting },
  { title: 'Notices', rows: telling },
  { title: 'Notices by e-mail', rows: emailing },
]
