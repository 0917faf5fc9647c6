import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. `ftp-options.ts` says what they mean together. */
export const ftpCopying = {
  FTP_URL: {
    kind: 'secret',
    fallback: null,
    about: 'Server and folder for copies, as ftp://host/folder/.',
  },
  FTP_USER: {
    kind: 'user',
    fallback: null,
    about: 'User on that server.',
  },
  FTP_PASSWORD: {
    kind: 'secret',
    fallback: null,
    about: 'Password on that server.',
  },
  FTP_TLS: {
    kind: 'ftpTls',
    fallback: null,
    about: 'How FTP is protected. Unset: required; for ftps:// implicit.',
  },
  FTP_CA_FILE: {
    kind: 'folder',
    fallback: null,
    about: 'PEM file of the authorities to trust, in place of the usual.',
  },
  FTP_TLS_INSECURE: {
    kind: 'yesNo',
    fallback: 'no',
    about: 'Takes any certificate, so that others may read along.',
  },
  FTP_TIMEOUT: {
    kind: 'timeout',
    fallback: '1m',
    about: 'How long the FTP server may say nothing.',
  },
} as const satisfies Rows
