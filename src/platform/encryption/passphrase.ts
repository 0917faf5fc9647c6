import { createCipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { Stanza } from 'age-encryption'
import type { Secret } from '../../model/index.ts'

/** A binary logarithm; `age -p` takes the same. */
const workFactor = 18
const label = 'age-encryption.org/v1/scrypt'

interface ScryptOptions {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly maxmem: number
}

const derive = promisify(
  (password: string, salt: Buffer, options: ScryptOptions, done: Done): void =>
    scrypt(password, salt, 32, options, done),
)
type Done = (error: Error | null, key: Buffer) => void

/**
 * Locks the key of a file behind a passphrase (C2SP age, "scrypt recipient stanza"), as the library
 * does, but off this thread: the lock's sign of life must not wait for it. Takes 256 MiB for a
 * moment.
 */
export async function wrappedByPassphrase(
  fileKey: Uint8Array,
  passphrase: Secret,
  stanzaOf: (args: string[], body: Uint8Array) => Stanza,
): Promise<Stanza> {
  const salt = randomBytes(16)
  const N = 2 ** workFactor
  const salted = Buffer.concat([Buffer.from(label), salt])
  const options = { N, r: 8, p: 1, maxmem: N * 8 * 128 + 1024 * 1024 }
  const key = await derive(passphrase.reveal(), salted, options)
  // The key is used once, so the nonce may be zero, as the format has it.
  const cipher = createCipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: 16 })
  const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
  const words = ['scrypt', salt.toString('base64').replace(/=+$/u, ''), String(workFactor)]
  return stanzaOf(words, body)
}
