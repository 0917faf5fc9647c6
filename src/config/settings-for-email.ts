import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. `email-options.ts` says what they mean together. */
export const emailing = {
  SMTP_URL: {
    kind: 'secret',
    fallback: null,
    about: 'Mail server: smtp://host:587 (STARTTLS) or smtps://host:465.',
  },
  SMTP_USER: {
    kind: 'user',
    fallback: null,
    about: 'User on that server. Unset: that of SMTP_URL, or no login.',
  },
  SMTP_PASSWORD: {
    kind: 'secret',
    fallback: null,
    about: 'Password on that server. Unset: that of SMTP_URL.',
  },
  EMAIL_FROM: {
    kind: 'text',
    fallback: null,
    about: 'Sender of notices by e-mail: address, or Name <address>.',
  },
  EMAIL_TO: {
    kind: 'text',
    fallback: null,
    about: 'Who gets them; several with commas between.',
  },
  EMAIL_LEVEL: {
    kind: 'noticeLevel',
    fallback: null,
    about: 'From which level on it is sent. Unset: NOTIFY_LEVEL.',
  },
  EMAIL_TLS: {
    kind: 'emailTls',
    fallback: 'required',
    about: 'Whether it must be protected; off: readable on the way.',
  },
  EMAIL_CA_FILE: {
    kind: 'folder',
    fallback: null,
    about: 'PEM file of the authorities to trust, in place of the usual.',
  },
  EMAIL_TIMEOUT: {
    kind: 'timeout',
    fallback: '30s',
    about: 'For one try; so long the end of a run waits for its e-mail.',
  },
} as const satisfies Rows
