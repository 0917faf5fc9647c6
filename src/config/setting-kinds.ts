import type {
  Codec,
  EncryptionScope,
  FingerprintMode,
  Format,
  Frequency,
  KeepSpecification,
  MirrorName,
  NoticeLevel,
  Secret,
  Strategy,
  Weekday,
} from '../model/index.ts'

/** A length of time, with the words in which it was configured. */
export interface Duration {
  readonly written: string
  readonly seconds: number
}

/** Keep specifications, with the words in which they were configured. */
export interface KeepList {
  readonly written: string
  readonly specifications: readonly KeepSpecification[]
}

/** A limit in bytes per second, with the words in which it was configured. */
export interface Rate {
  readonly written: string
  readonly perSecond: number
}

export const logFormats = ['text', 'json'] as const
export type LogFormat = (typeof logFormats)[number]

/** Tags of objects, with the words in which they were configured. */
export interface TagList {
  readonly written: string
  readonly tags: readonly (readonly [key: string, value: string])[]
}
export const serverSideEncryptions = ['AES256', 'aws:kms'] as const
export type ServerSideEncryption = (typeof serverSideEncryptions)[number]
export const ftpTlsModes = ['required', 'implicit', 'off'] as const
export const webhookFormats = ['form', 'json', 'structured'] as const
export type WebhookFormat = (typeof webhookFormats)[number]
export const httpMethods = ['POST', 'PUT', 'PATCH'] as const
export type HttpMethod = (typeof httpMethods)[number]
export type FtpTls = (typeof ftpTlsModes)[number]
export const emailTlsModes = ['required', 'off'] as const
export type EmailTls = (typeof emailTlsModes)[number]

/** What each kind of value becomes once it is read. */
export interface KindValues {
  readonly text: string
  readonly zone: string
  readonly schedule: string
  readonly user: string
  readonly secret: Secret
  readonly folder: string
  readonly host: string
  readonly database: string
  readonly port: number
  readonly portOrNone: number
  readonly strategy: Strategy
  readonly codec: Codec
  readonly format: Format
  readonly fingerprint: FingerprintMode
  readonly frequency: Frequency
  readonly weekday: Weekday
  readonly logFormat: LogFormat
  readonly ftpTls: FtpTls
  readonly webhookFormat: WebhookFormat
  readonly httpMethod: HttpMethod
  readonly emailTls: EmailTls
  readonly noticeLevel: NoticeLevel
  readonly encryptionScope: EncryptionScope
  readonly count: number
  readonly positive: number
  readonly level: number
  readonly period: Duration
  readonly timeout: Duration
  readonly wait: Duration
  readonly span: Duration
  readonly keep: KeepList
  readonly percent: number
  readonly mirrors: readonly MirrorName[]
  readonly rate: Rate
  readonly umask: number
  readonly sse: ServerSideEncryption
  readonly tags: TagList
  readonly yesNo: boolean
  readonly presence: boolean
}

export type Kind = keyof KindValues

interface KindWords {
  /** Completes "… is not"; also the documentation's column of values. */
  readonly expects: string
  readonly example: string
}

/** How a value of each kind is written. `read-settings.ts` has the reader of each. */
export const kindWords = {
  text: { expects: 'any text', example: 'production' },
  zone: { expects: 'a time zone of the IANA database', example: 'America/Vancouver' },
  schedule: {
    expects: 'five fields, "@every 2h" or a word such as "@daily"',
    example: '0 1 * * *',
  },
  user: { expects: 'a user name', example: 'backup' },
  secret: { expects: 'any text', example: '…' },
  folder: { expects: 'a path', example: '/backups/' },
  host: { expects: 'a host name or an IP address', example: 'postgresql' },
  database: { expects: 'a name', example: 'my_postgres_db' },
  port: { expects: 'a port from 1 to 65535', example: '5432' },
  portOrNone: { expects: 'a port from 1 to 65535, or 0', example: '8080' },
  strategy: { expects: '"daily" or "rolling"', example: 'daily' },
  codec: { expects: '"gzip", "zstd" or "none"', example: 'gzip' },
  format: { expects: '"plain", "custom" or "directory"', example: 'custom' },
  fingerprint: { expects: '"rows", "content" or "off"', example: 'rows' },
  frequency: { expects: '"daily", "weekly", "none" or hours such as "6h"', example: 'daily' },
  weekday: { expects: 'a day of the week', example: 'saturday' },
  logFormat: { expects: '"text" or "json"', example: 'json' },
  ftpTls: { expects: '"required", "implicit" or "off"', example: 'required' },
  webhookFormat: { expects: '"form", "json" or "structured"', example: 'form' },
  httpMethod: { expects: '"POST", "PUT" or "PATCH"', example: 'POST' },
  noticeLevel: { expects: '"INFO", "WARN" or "ERROR"', example: 'WARN' },
  emailTls: { expects: '"required" or "off"', example: 'required' },
  encryptionScope: { expects: '"all" or "mirrors"', example: 'mirrors' },
  count: { expects: 'a whole number of zero or more', example: '31' },
  positive: { expects: 'a whole number of one or more', example: '1' },
  level: { expects: 'a whole number from 1 to 9', example: '6' },
  period: { expects: 'a duration of one second to 366 days', example: '1d' },
  timeout: { expects: 'a duration of one second to 24 days', example: '30m' },
  wait: { expects: 'a duration of zero to 24 days', example: '1h' },
  span: { expects: 'a duration (w, d, h, m, s)', example: '14d' },
  keep: { expects: 'keep specifications with blanks between', example: '"@2w/1d~6h @8w/1w~1d"' },
  percent: { expects: 'a whole percentage from 0% to 100%', example: '50%' },
  mirrors: { expects: 'a list of ftp, s3 and restic', example: 'ftp,s3' },
  rate: { expects: 'a rate of 1 kB/s or more', example: '10MB/s' },
  umask: { expects: 'an octal mask that leaves the owner all rights', example: '0077' },
  sse: { expects: '"AES256" or "aws:kms"', example: 'AES256' },
  tags: { expects: 'up to ten pairs such as "team=data,cost=17"', example: 'team=data' },
  yesNo: { expects: '"yes" or "no"', example: 'yes' },
  presence: { expects: 'any text', example: '1' },
} as const satisfies Record<Kind, KindWords>

/** Whether the variable may instead be `<variable>_FILE`, the path of a file with the value. */
export function mayBeFile(kind: Kind): boolean {
  return kind === 'secret' || kind === 'user'
}
