import type { Rows } from './setting-row.ts'

/** Rows of `settings-table.ts`. */
export const encrypting = {
  ENCRYPTION_RECIPIENTS: {
    kind: 'text',
    fallback: null,
    about: 'Public keys that can open the backups: age1…, ssh-ed25519 ….',
  },
  ENCRYPTION_KEY: {
    kind: 'secret',
    fallback: null,
    about: 'Instead of public keys: a passphrase that opens the backups.',
  },
  DECRYPTION_IDENTITY_FILE: {
    kind: 'text',
    fallback: null,
    about: 'File with the private key; only to verify, check whole, restore.',
  },
  ENCRYPT: {
    kind: 'encryptionScope',
    fallback: 'all',
    about: 'With keys: what is encrypted, all or only copies (mirrors).',
  },
} as const satisfies Rows
