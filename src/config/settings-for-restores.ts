import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. */
export const restoring = {
  ADMIN_USER: {
    kind: 'user',
    fallback: null,
    about: 'Who creates databases in a restore. With ADMIN_PASSWORD: postgres.',
  },
  ADMIN_PASSWORD: {
    kind: 'secret',
    fallback: null,
    about: 'Its password. Without both: the credentials of the database.',
  },
} as const satisfies Rows

/** Rows of `settings-table.ts`. */
export const verifying = {
  VERIFICATION_DIR: {
    kind: 'folder',
    fallback: '/var/lib/pgsql/data',
    about: 'Room for the scratch servers of verifications.',
  },
  DATABASE_SERVER_TIMEOUT: {
    kind: 'timeout',
    fallback: '30s',
    about: 'How long to wait for the scratch server of a verification.',
  },
  TABLE_SCHEMA: {
    kind: 'text',
    fallback: null,
    about: 'A schema that must come back with a table, if it had one.',
  },
  VERIFY_CHECKS: {
    kind: 'folder',
    fallback: null,
    about: 'Folder of your own checks: <name>/*.sql, each returns true.',
  },
} as const satisfies Rows
