import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. */
export const telling = {
  NOTIFY_LEVEL: {
    kind: 'noticeLevel',
    fallback: 'INFO',
    about: 'From which level on people are told, where a channel has none.',
  },
  NOTIFY_SUMMARY: {
    kind: 'yesNo',
    fallback: 'no',
    about: 'One notice for each run instead of one for each event.',
  },
  ENVIRONMENT_FRIENDLY_NAME: {
    kind: 'text',
    fallback: null,
    about: 'Sender of notices, for people.',
  },
  ENVIRONMENT_NAME: {
    kind: 'text',
    fallback: null,
    about: 'Sender of notices, for programs: the name of the project.',
  },
  WEBHOOK_URL: {
    kind: 'secret',
    fallback: null,
    about: 'Where notices go by HTTP, such as an incoming webhook of Rocket.Chat.',
  },
  WEBHOOK_FORMAT: {
    kind: 'webhookFormat',
    fallback: 'form',
    about: 'What it gets: four fields, or a whole document.',
  },
  WEBHOOK_LEVEL: {
    kind: 'noticeLevel',
    fallback: null,
    about: 'From which level on it is told. Unset: NOTIFY_LEVEL.',
  },
  WEBHOOK_METHOD: {
    kind: 'httpMethod',
    fallback: 'POST',
    about: 'Of requests to WEBHOOK_URL.',
  },
  WEBHOOK_AUTH_HEADER: {
    kind: 'secret',
    fallback: null,
    about: 'A whole header line for WEBHOOK_URL: "Authorization: Bearer …".',
  },
  WEBHOOK_EXTRA_HEADERS: {
    kind: 'secret',
    fallback: null,
    about: 'More headers for WEBHOOK_URL: "Key=Value,Key=Value".',
  },
  WEBHOOK_TIMEOUT_SECONDS: {
    kind: 'positive',
    fallback: '10',
    about: 'For a try, and the end of a run: webhooks, PagerDuty, pings.',
  },
  WEBHOOK_URL_2: {
    kind: 'secret',
    fallback: null,
    about: 'Another one.',
  },
  WEBHOOK_FORMAT_2: {
    kind: 'webhookFormat',
    fallback: 'form',
    about: 'Its format.',
  },
  WEBHOOK_LEVEL_2: {
    kind: 'noticeLevel',
    fallback: null,
    about: 'Its level. Unset: NOTIFY_LEVEL.',
  },
  WEBHOOK_URL_3: {
    kind: 'secret',
    fallback: null,
    about: 'Another one.',
  },
  WEBHOOK_FORMAT_3: {
    kind: 'webhookFormat',
    fallback: 'form',
    about: 'Its format.',
  },
  WEBHOOK_LEVEL_3: {
    kind: 'noticeLevel',
    fallback: null,
    about: 'Its level. Unset: NOTIFY_LEVEL.',
  },
  WEBHOOK_URL_4: {
    kind: 'secret',
    fallback: null,
    about: 'Another one.',
  },
  WEBHOOK_FORMAT_4: {
    kind: 'webhookFormat',
    fallback: 'form',
    about: 'Its format.',
  },
  WEBHOOK_LEVEL_4: {
    kind: 'noticeLevel',
    fallback: null,
    about: 'Its level. Unset: NOTIFY_LEVEL.',
  },
  WEBHOOK_URL_5: {
    kind: 'secret',
    fallback: null,
    about: 'Another one.',
  },
  WEBHOOK_FORMAT_5: {
    kind: 'webhookFormat',
    fallback: 'form',
    about: 'Its format.',
  },
  WEBHOOK_LEVEL_5: {
    kind: 'noticeLevel',
    fallback: null,
    about: 'Its level. Unset: NOTIFY_LEVEL.',
  },
  PGDUTY_URL: {
    kind: 'secret',
    fallback: null,
    about: 'Address of PagerDuty (events v1), for errors. Needs PGDUTY_SVC_KEY.',
  },
  PGDUTY_SVC_KEY: {
    kind: 'secret',
    fallback: null,
    about: 'Service key of PagerDuty.',
  },
  PING_URL: {
    kind: 'secret',
    fallback: null,
    about: 'Asked after each backup run that ended well.',
  },
  PING_START_URL: {
    kind: 'secret',
    fallback: null,
    about: 'Asked when a backup run begins.',
  },
  PING_FAIL_URL: {
    kind: 'secret',
    fallback: null,
    about: 'Asked after each backup run that failed.',
  },
} as const satisfies Rows
