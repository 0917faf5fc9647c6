import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. */
export const telling = {
  WEBHOOK_URL: {
    kind: 'secret',
    fallback: null,
    about: 'For notices. Shown by -c; this version does not send yet.',
    awaits: 'web hook notices',
  },
  ENVIRONMENT_FRIENDLY_NAME: {
    kind: 'text',
    fallback: null,
    about: 'Sender of notices, for people; this version does not send yet.',
  },
  ENVIRONMENT_NAME: {
    kind: 'text',
    fallback: null,
    about: 'Sender of notices, for programs; this version does not send yet.',
  },
  PGDUTY_SVC_KEY: {
    kind: 'secret',
    fallback: null,
    about: 'Service key of PagerDuty; this version does not send yet.',
    awaits: 'PagerDuty incidents',
  },
  PGDUTY_URL: {
    kind: 'text',
    fallback: null,
    about: 'Address of PagerDuty; this version does not send yet.',
    awaits: 'PagerDuty incidents',
  },
} as const satisfies Rows
