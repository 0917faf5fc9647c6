import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { Stanza } from 'age-encryption'
import type { Secret } from '../../model/index.ts'

/** A binary logarithm; `age -p` takes the same. */
const workFactor = 18
/** As the library: 1 GiB of memory. */
const mostWork = 20
const label = 'age-encryption.org/v1/scrypt'
const algorithm = 'chacha20-poly1305'
const zeroNonce = Buffer.alloc(12)
const saltBytes = 16
const fileKeyBytes = 16
const tagBytes = 16

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
  const salt = randomBytes(saltBytes)
  const key = await wrappingKey(passphrase, salt, workFactor)
  // The key is used once, so the nonce may be zero, as the format has it.
  const cipher = createCipheriv(algorithm, key, zeroNonce, { authTagLength: tagBytes })
  const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
  const words = ['scrypt', salt.toString('base64').replace(/=+$/u, ''), String(workFactor)]
  return stanzaOf(words, body)
}

/**
 * The key of a file that stands in the only stanza of its header; null when the passphrase is not
 * the one.
 * @throws when the stanza is malformed, or demands more work than the library takes.
 */
export async function unwrappedByPassphrase(
  stanzas: readonly Stanza[],
  passphrase: Secret,
): Promise<Uint8Array | null> {
  const [{ args, body } = { args: [], body: new Uint8Array() }, ...others] = stanzas
  const [kind, salted = '', work = ''] = args
  const salt = Buffer.from(salted, 'base64')
  const isWhole =
    others.length === 0 && args.length === 3 && kind === 'scrypt' && /^[1-9]\d?$/u.test(work)
  if (!isWhole || salt.length !== saltBytes || body.length !== fileKeyBytes + tagBytes) {
    throw new Error('its header is malformed')
  }
  if (Number(work) > mostWork) throw new Error('its header demands too much work')
  const key = await wrappingKey(passphrase, salt, Number(work))
  const decipher = createDecipheriv(algorithm, key, zeroNonce, { authTagLength: tagBytes })
  decipher.setAuthTag(body.subarray(fileKeyBytes))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, fileKeyBytes)), decipher.final()])
  } catch {
    return null
  }
}

async function wrappingKey(passphrase: Secret, salt: Buffer, work: number): Promise<Buffer> {
  const N = 2 ** work
  const salted = Buffer.concat([Buffer.from(label), salt])
  const options = { N, r: 8, p: 1, maxmem: N * 8 * 128 + 1024 * 1024 }
  return await derive(passphrase.reveal(), salted, options)
}
