import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. */
export const dumping = {
  FORMAT: {
    kind: 'format',
    fallback: 'plain',
    about: 'SQL, or what pg_restore reads: .dump, .dir.tar.',
  },
  JOBS: {
    kind: 'positive',
    fallback: '2',
    about: 'Connections of a directory dump, or of a load.',
  },
  COMPRESSION: {
    kind: 'codec',
    fallback: 'gzip',
    about: 'Makes .sql.gz, .sql.zst, or .sql without compression.',
  },
  COMPRESSION_LEVEL: {
    kind: 'level',
    fallback: null,
    about: 'From 1 (fast) to 9 (small). Unset: the fastest good one.',
  },
  FINGERPRINT: {
    kind: 'fingerprint',
    fallback: 'rows',
    about: 'Recorded of each table: its rows, its content too, or nothing.',
  },
  STALL_TIMEOUT: {
    kind: 'timeout',
    fallback: '30m',
    about: 'A dump that brings no byte for so long has failed.',
  },
  CONNECT_TIMEOUT: {
    kind: 'timeout',
    fallback: '10s',
    about: 'How long to wait for a server to answer.',
  },
  LOCK_TIMEOUT: {
    kind: 'timeout',
    fallback: '10m',
    about: 'How long a dump waits for a table that is locked.',
  },
  PG_BIN_DIR: {
    kind: 'folder',
    fallback: null,
    about: 'Folder of pg_dump. Unset: the version that fits the server.',
  },
} as const satisfies Rows
