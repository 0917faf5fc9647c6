import type { Codec, FingerprintMode, Format, Secret, Strategy } from '../model/index.ts'

/** A length of time, with the words in which it was configured. */
export interface Duration {
  readonly written: string
  readonly seconds: number
}

/** What each kind of value becomes once it is read. */
export interface KindValues {
  readonly text: string
  readonly zone: string
  readonly user: string
  readonly secret: Secret
  readonly folder: string
  readonly host: string
  readonly database: string
  readonly port: number
  readonly strategy: Strategy
  readonly codec: Codec
  readonly format: Format
  readonly fingerprint: FingerprintMode
  readonly count: number
  readonly positive: number
  readonly level: number
  readonly period: Duration
  readonly timeout: Duration
  readonly wait: Duration
  readonly umask: number
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
  user: { expects: 'a user name', example: 'backup' },
  secret: { expects: 'any text', example: '…' },
  folder: { expects: 'a path', example: '/backups/' },
  host: { expects: 'a host name or an IP address', example: 'postgresql' },
  database: { expects: 'a name', example: 'my_postgres_db' },
  port: { expects: 'a port from 1 to 65535', example: '5432' },
  strategy: { expects: '"daily" or "rolling"', example: 'daily' },
  codec: { expects: '"gzip", "zstd" or "none"', example: 'gzip' },
  format: { expects: '"plain", "custom" or "directory"', example: 'custom' },
  fingerprint: { expects: '"rows", "content" or "off"', example: 'rows' },
  count: { expects: 'a whole number of zero or more', example: '31' },
  positive: { expects: 'a whole number of one or more', example: '1' },
  level: { expects: 'a whole number from 1 to 9', example: '6' },
  period: { expects: 'a duration of one second to 366 days', example: '1d' },
  timeout: { expects: 'a duration of one second to 24 days', example: '30m' },
  wait: { expects: 'a duration of zero to 24 days', example: '1h' },
  umask: { expects: 'an octal mask that leaves the owner all rights', example: '0077' },
  yesNo: { expects: '"yes" or "no"', example: 'yes' },
  presence: { expects: 'any text', example: '1' },
} as const satisfies Record<Kind, KindWords>

/** Whether the variable may instead be `<variable>_FILE`, the path of a file with the value. */
export function mayBeFile(kind: Kind): boolean {
  return kind === 'secret' || kind === 'user'
}
