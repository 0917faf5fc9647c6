import type { NoticeLevel, Secret } from '../model/index.ts'

/** Where e-mail is handed over, from whom, and to whom. */
export interface EmailOptions {
  readonly host: string
  readonly port: number
  /** `starttls`: TLS before anything else is said; `implicit`: from the first byte. Never a fall-back. */
  readonly tls: 'starttls' | 'implicit' | 'off'
  /** Null: the server is told no user. */
  readonly login: { readonly user: string; readonly password: Secret } | null
  /** Path of a PEM file that is trusted in place of the usual authorities. */
  readonly caFile: string | null
  readonly from: EmailAddress
  /** At least one. */
  readonly to: readonly EmailAddress[]
  readonly level: NoticeLevel
  /** What people call the place that the notices are from; null: nothing. */
  readonly environment: string | null
  /** For one e-mail from the connection to the server's last answer. */
  readonly timeoutSeconds: number
}

export interface EmailAddress {
  /** For people; may be empty. */
  readonly name: string
  readonly address: string
}
