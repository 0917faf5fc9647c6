import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
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
  const salted = salt.toString('base64').replace(/=+$/u, '')
  return stanzaOf(['scrypt', salted, String(workFactor)], body)
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
  const { salt, work, body } = partsOf(stanzas)
  const key = await wrappingKey(passphrase, salt, work)
  const decipher = createDecipheriv(algorithm, key, zeroNonce, { authTagLength: tagBytes })
  decipher.setAuthTag(body.subarray(fileKeyBytes))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, fileKeyBytes)), decipher.final()])
  } catch {
    return null
  }
}

interface Parts {
  readonly salt: Buffer
  readonly work: number
  readonly body: Uint8Array
}

const words = /^scrypt ([A-Za-z0-9+/]{22}) ([1-9]\d?)$/u

function partsOf(stanzas: readonly Stanza[]): Parts {
  const text = stanzas.map(({ args }) => args.join(' ')).join('\n')
  const [, salt = '', work = ''] = words.exec(text) ?? []
  const body = stanzas[0]?.body ?? new Uint8Array()
  if (salt === '' || body.length !== fileKeyBytes + tagBytes) {
    throw new Error('its header is malformed')
  }
  if (Number(work) > mostWork) throw new Error('its header demands too much work')
  return { salt: Buffer.from(salt, 'base64'), work: Number(work), body }
}

async function wrappingKey(passphrase: Secret, salt: Buffer, work: number): Promise<Buffer> {
  const N = 2 ** work
  const salted = Buffer.concat([Buffer.from(label), salt])
  const options = { N, r: 8, p: 1, maxmem: N * 8 * 128 + 1024 * 1024 }
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(passphrase.reveal(), salted, 32, options, (error, key) => {
    if (error === null) resolve(key)
    else reject(error)
  })
  return await promise
}
