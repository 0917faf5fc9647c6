import type { Secret } from '../../model/index.ts'

/** How the connection is protected; nothing falls back from one to another (D-53). */
export type FtpTls = 'required' | 'implicit' | 'off'

/** Where the copies lie, and how one gets there. */
export interface FtpOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: Secret
  /** `required`: AUTH TLS before anything else; `implicit`: TLS from the first byte. */
  readonly tls: FtpTls
  /** Path of a PEM file that is trusted in place of the system's authorities. */
  readonly caFile: string | null
  /** True: any certificate is taken. */
  readonly insecure: boolean
  /** Must be there. Relative to where the login leads, unless it begins with `/`; may be empty. */
  readonly folder: string
  /** How long the server may say nothing, in seconds. */
  readonly timeoutSeconds: number
  /** Milliseconds before each further try of an upload or download that was cut off. */
  readonly pausesMs?: readonly number[]
}
