import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. */
export const watching = {
  BACKUP_FREQUENCY: {
    kind: 'frequency',
    fallback: null,
    about: 'How often each is due in scheduled cycles. Unset: in each one.',
  },
  WEEKLY_DAY: {
    kind: 'weekday',
    fallback: 'saturday',
    about: 'The day on which weekly databases are due.',
  },
  LATE_AFTER: {
    kind: 'wait',
    fallback: '2h',
    about: 'So much later than it is due, a backup is late.',
  },
  LOG_FORMAT: {
    kind: 'logFormat',
    fallback: 'text',
    about: 'Lines for people (text), or a JSON object per line.',
  },
  HTTP_PORT: {
    kind: 'portOrNone',
    fallback: '8080',
    about: 'Port of /healthz, /readyz, /metrics, /status.json; 0: none.',
  },
  HTTP_HOST: {
    kind: 'host',
    fallback: null,
    about: 'Address for that port. Unset: all of this machine.',
  },
} as const satisfies Rows
