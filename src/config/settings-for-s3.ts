import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. */
export const copyingToS3 = {
  S3_ENDPOINT: {
    kind: 'text',
    fallback: null,
    about: 'Address of the object store; https:// where it says nothing else.',
  },
  S3_BUCKET: {
    kind: 'text',
    fallback: null,
    about: 'Bucket for backups; it must be there.',
  },
  S3_PREFIX: {
    kind: 'text',
    fallback: null,
    about: 'Folder in the bucket. Unset: none.',
  },
  S3_REGION: {
    kind: 'text',
    fallback: null,
    about: 'Needed at Amazon; there an endpoint is not. Or AWS_REGION.',
    lookup: ['S3_REGION', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
  },
  S3_USER: {
    kind: 'user',
    fallback: null,
    about: 'Access key. Or S3_ACCESS_KEY.',
    lookup: ['S3_USER', 'S3_ACCESS_KEY'],
  },
  S3_PASSWORD: {
    kind: 'secret',
    fallback: null,
    about: 'Its secret key. Or S3_SECRET_KEY.',
    lookup: ['S3_PASSWORD', 'S3_SECRET_KEY'],
  },
  AWS_ACCESS_KEY_ID: {
    kind: 'user',
    fallback: null,
    about: 'Access key, if S3_USER is not set. None: profile, role of the pod.',
  },
  AWS_SECRET_ACCESS_KEY: {
    kind: 'secret',
    fallback: null,
    about: 'Secret key for AWS_ACCESS_KEY_ID.',
  },
  AWS_SESSION_TOKEN: {
    kind: 'secret',
    fallback: null,
    about: 'Token for AWS_ACCESS_KEY_ID, if that is temporary.',
  },
  S3_PATH_STYLE: {
    kind: 'yesNo',
    fallback: null,
    about: 'Bucket in the path, not in the host. Unset: with an endpoint.',
  },
  S3_CA_FILE: {
    kind: 'text',
    fallback: null,
    about: 'Certificate authorities to trust instead of the public ones (PEM).',
  },
  S3_SSE: {
    kind: 'sse',
    fallback: null,
    about: 'Encryption by the server. Unset: as the bucket has it.',
  },
  S3_SSE_KMS_KEY_ID: {
    kind: 'text',
    fallback: null,
    about: 'Key for S3_SSE=aws:kms. Unset: the default one of the server.',
  },
  S3_STORAGE_CLASS: {
    kind: 'text',
    fallback: null,
    about: 'Storage class of new objects, such as STANDARD_IA.',
  },
  S3_TAGS: {
    kind: 'tags',
    fallback: null,
    about: 'Tags of new objects.',
  },
  S3_TIMEOUT: {
    kind: 'timeout',
    fallback: '2m',
    about: 'A connection on which nothing moves for so long is made anew.',
  },
} as const satisfies Rows
