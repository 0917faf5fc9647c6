import { type EncryptionKeys, Refusal } from '../../model/index.ts'
import { baseEnvironment, type Environment } from '../base-environment.ts'
import { findProgram, foldersOf } from '../find-program.ts'
import { throughProgram } from '../through-program.ts'
import { readAhead } from './first-bytes.ts'
import { wrappedByPassphrase } from './passphrase.ts'
import { sealedPayload } from './payload.ts'

interface SealingContext {
  readonly environment: Environment
  readonly signal: AbortSignal
}

/**
 * The bytes as a standard age file. Recipients go through the `age` program where there is one,
 * beside this process; a passphrase never does, because the program only asks a terminal for it.
 * The library makes the header then, and OpenSSL the payload, which it does several times as fast.
 * Memory does not grow with the bytes.
 * @throws {Refusal} as `refuseIfNotPossible`; whatever reading `bytes` throws.
 */
export async function* encrypted(
  bytes: AsyncIterable<Uint8Array>,
  keys: EncryptionKeys,
  { environment, signal }: SealingContext,
): AsyncGenerator<Uint8Array> {
  const program = await programFor(keys, environment)
  if (keys.kind === 'recipients' && program !== null) {
    const args = keys.recipients.flatMap((recipient) => ['-r', recipient])
    const command = { program, args, environment: baseEnvironment(environment) }
    yield* throughProgram(bytes, command, signal)
    return
  }
  // A passphrase takes a second to become a key, on another thread: the dump goes on meanwhile.
  let isReady = false
  const making = headerFor(keys).finally(() => {
    isReady = true
  })
  making.catch(() => undefined)
  await using ahead = await readAhead(bytes, (length) => isReady || length >= mostAhead)
  const { header, fileKey } = await making
  yield header
  yield* sealedPayload(ahead.all, fileKey)
}

/** In bytes. */
const mostAhead = 32 * 1024 * 1024

/** The header of an age file by the library, and the key that it holds for these keys. */
async function headerFor(
  keys: EncryptionKeys,
): Promise<{ readonly header: Uint8Array; readonly fileKey: Uint8Array }> {
  const { Encrypter, Stanza } = await import('age-encryption')
  const encrypter = new Encrypter()
  const fileKeys: Uint8Array[] = []
  const passphraseOf = keys.kind === 'passphrase' ? keys.passphrase : null
  if (keys.kind === 'recipients') for (const it of keys.recipients) encrypter.addRecipient(it)
  encrypter.addRecipient({
    async wrapFileKey(key) {
      fileKeys.push(key)
      if (passphraseOf === null) return []
      return [await wrappedByPassphrase(key, passphraseOf, (...of) => new Stanza(...of))]
    },
  })
  const ofNothing = await encrypter.encrypt(new Uint8Array())
  const [fileKey] = fileKeys
  if (fileKey === undefined) throw new TypeError('Nobody asked for the file key to be wrapped.')
  return { header: ofNothing.subarray(0, -emptyPayloadBytes), fileKey }
}

/** A nonce, and the tag of an empty chunk. */
const emptyPayloadBytes = 16 + 16

/**
 * Looks whether these keys can be used here, before anything is written.
 * @throws {Refusal} when there are SSH keys and no `age` program.
 */
export async function refuseIfNotPossible(
  keys: EncryptionKeys,
  environment: Environment,
): Promise<void> {
  await programFor(keys, environment)
}

async function programFor(keys: EncryptionKeys, environment: Environment): Promise<string | null> {
  if (keys.kind === 'passphrase') return null
  const program = await findProgram('age', foldersOf(environment['PATH']))
  if (program !== null || keys.recipients.every((recipient) => !recipient.startsWith('ssh-'))) {
    return program
  }
  throw new Refusal('Nothing can be encrypted to an SSH key here.', {
    reason:
      'ENCRYPTION_RECIPIENTS has SSH keys, which need the program age; it is not on the PATH.',
    advice: 'Install age, or use an age key instead: age-keygen makes one.',
  })
}

/** The library takes nothing but plain arrays of bytes for such. */
export async function* asArrays(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
}
