import type { Secret } from './secret.ts'

/** `age` is what we write; `openssl` (`Salted__`, minback's) is read for those who come from there. */
export const encryptions = ['age', 'openssl'] as const
export type Encryption = (typeof encryptions)[number]

/** To whom backups are encrypted; age allows no mix of both. */
export type EncryptionKeys =
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] }
  | { readonly kind: 'passphrase'; readonly passphrase: Secret }

/** With what encrypted backups are opened; null where nothing was said. */
export interface DecryptionKeys {
  /** A file with age identities, or an SSH private key without a passphrase. */
  readonly identityFile: string | null
  readonly passphrase: Secret | null
}

/** `all`: the files on the volume, too; `mirrors`: only what leaves it. */
export const encryptionScopes = ['all', 'mirrors'] as const
export type EncryptionScope = (typeof encryptionScopes)[number]
