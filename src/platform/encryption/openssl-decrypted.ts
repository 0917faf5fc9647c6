import { createDecipheriv, createHash, type Decipheriv, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '../../model/index.ts'
import { BadCiphertext, NoKey } from './failures.ts'
import { firstBytes } from './first-bytes.ts'
import type { OpeningContext } from './opening-context.ts'

const magic = Buffer.from('Salted__')
const saltBytes = 8
const keyBytes = 32
const blockBytes = 16
const headBytes = magic.length + saltBytes
/** Enough to see how the plain bytes begin. */
const sampleBytes = headBytes + 4 * blockBytes

/**
 * The plain bytes of a file of `openssl enc -aes-256-cbc`, in each of its three ways from a
 * passphrase to a key: that of OpenSSL 1.1 and later (which minback has), of 1.0, and `-pbkdf2`.
 * CBC authenticates nothing: what is in it has to show that it is whole.
 */
export async function* opensslDecrypted(
  bytes: AsyncIterable<Uint8Array>,
  passphrase: Secret | null,
  { looksRight }: OpeningContext,
): AsyncGenerator<Uint8Array> {
  await using ahead = await firstBytes(bytes, sampleBytes)
  const { first, all } = ahead
  if (!first.subarray(0, magic.length).equals(magic)) {
    throw new BadCiphertext('it does not begin as a file of "openssl enc" does')
  }
  const body = first.subarray(headBytes)
  if (body.length < blockBytes) throw new BadCiphertext('it is cut off')
  const advice = 'Set ENCRYPTION_KEY, or ENCRYPTION_KEY_FILE, to the passphrase it was made with.'
  if (passphrase === null) {
    throw new NoKey('it is encrypted with a passphrase, and ENCRYPTION_KEY is not set', advice)
  }
  const salt = first.subarray(magic.length, headBytes)
  const decipher = await fitting(derivations, { passphrase, salt, body, looksRight })
  if (decipher === null) {
    throw new NoKey('ENCRYPTION_KEY is not its passphrase, or its beginning is damaged', advice)
  }
  yield* through(decipher, all)
}

async function* through(
  decipher: Decipheriv,
  all: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let skip = headBytes
  for await (const chunk of all) {
    const rest = chunk.subarray(Math.min(skip, chunk.length))
    skip -= chunk.length - rest.length
    const plain = decipher.update(rest)
    if (plain.length > 0) yield plain
  }
  let last: Buffer
  try {
    last = decipher.final()
  } catch (error) {
    throw new BadCiphertext(`its end is damaged or missing: ${(error as Error).message}`)
  }
  if (last.length > 0) yield last
}

type Derivation = (passphrase: Buffer, salt: Buffer) => Promise<Buffer>

const derivations: readonly Derivation[] = [
  async (passphrase, salt) => bytesToKey('sha256', passphrase, salt),
  async (passphrase, salt) => bytesToKey('md5', passphrase, salt),
  (passphrase, salt) =>
    promisify(pbkdf2)(passphrase, salt, 10_000, keyBytes + blockBytes, 'sha256'),
]

/** OpenSSL's EVP_BytesToKey with one round: hashes of hashes until there are bytes enough. */
function bytesToKey(hash: 'sha256' | 'md5', passphrase: Buffer, salt: Buffer): Buffer {
  let last: Buffer = Buffer.alloc(0)
  let all: Buffer = last
  while (all.length < keyBytes + blockBytes) {
    last = createHash(hash).update(last).update(passphrase).update(salt).digest()
    all = Buffer.concat([all, last])
  }
  return all.subarray(0, keyBytes + blockBytes)
}

interface Trial {
  readonly passphrase: Secret
  readonly salt: Buffer
  readonly body: Buffer
  readonly looksRight: (first: Buffer) => boolean
}

/** A fresh decipher of the first way whose plain bytes begin as they should. */
async function fitting(
  ways: readonly Derivation[],
  { passphrase, salt, body, looksRight }: Trial,
): Promise<Decipheriv | null> {
  for (const derive of ways) {
    const bytes = await derive(Buffer.from(passphrase.reveal(), 'utf8'), salt)
    const [key, iv] = [bytes.subarray(0, keyBytes), bytes.subarray(keyBytes)]
    const sample = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
    const whole = body.subarray(0, body.length - (body.length % blockBytes))
    if (looksRight(sample.update(whole))) return createDecipheriv('aes-256-cbc', key, iv)
  }
  return null
}
