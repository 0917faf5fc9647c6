import type { Decrypter, Stanza } from 'age-encryption'
import type { DecryptionKeys, Secret } from '../../model/index.ts'
import { baseEnvironment } from '../base-environment.ts'
import { findProgram, foldersOf } from '../find-program.ts'
import { ProcessFailure } from '../process-failure.ts'
import { throughProgram } from '../through-program.ts'
import { asArrays } from './encrypted.ts'
import { BadCiphertext, NoKey } from './failures.ts'
import { firstBytes } from './first-bytes.ts'
import { problemOfIdentity, readIdentity } from './identity-file.ts'
import type { OpeningContext } from './opening-context.ts'
import { unwrappedByPassphrase } from './passphrase.ts'

const intro = 'age-encryption.org/v1\n'
const passphraseStanza = '-> scrypt '

/** The plain bytes of an age file, by the passphrase or the identity, as its header demands. */
export async function* ageDecrypted(
  bytes: AsyncIterable<Uint8Array>,
  keys: DecryptionKeys,
  context: OpeningContext,
): AsyncGenerator<Uint8Array> {
  await using ahead = await firstBytes(bytes, intro.length + passphraseStanza.length)
  const { first, all } = ahead
  const header = first.toString('latin1')
  if (!header.startsWith(intro)) {
    throw new BadCiphertext('it does not begin as an age file does')
  }
  if (header.endsWith(passphraseStanza)) yield* byPassphrase(all, keys.passphrase)
  else yield* byIdentity(all, keys.identityFile, context)
}

async function* byPassphrase(
  all: AsyncIterable<Uint8Array>,
  passphrase: Secret | null,
): AsyncGenerator<Uint8Array> {
  if (passphrase === null) {
    throw new NoKey('it is encrypted with a passphrase, and ENCRYPTION_KEY is not set', setKey)
  }
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  decrypter.addIdentity({
    unwrapFileKey: (stanzas: Stanza[]) => unwrappedByPassphrase(stanzas, passphrase),
  })
  yield* byLibrary(all, decrypter, new NoKey('ENCRYPTION_KEY is not its passphrase', setKey))
}

const setKey = 'Set ENCRYPTION_KEY, or ENCRYPTION_KEY_FILE, to the passphrase it was made with.'
const setIdentity =
  'Set DECRYPTION_IDENTITY_FILE to a file with the private key of one of its recipients.'

async function* byIdentity(
  all: AsyncIterable<Uint8Array>,
  identityFile: string | null,
  { environment, signal }: OpeningContext,
): AsyncGenerator<Uint8Array> {
  if (identityFile === null) {
    throw new NoKey('it is encrypted, and DECRYPTION_IDENTITY_FILE is not set', setIdentity)
  }
  const text = await readIdentity(identityFile).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(identityFile, error)
  })
  const problem = problemOfIdentity(text)
  if (problem !== null) throw noMatch(problem)
  const program = await findProgram('age', foldersOf(environment['PATH']))
  if (program === null) return yield* withoutProgram(all, text)
  const args = ['-d', '-i', identityFile]
  const command = { program, args, environment: baseEnvironment(environment) }
  try {
    yield* throughProgram(all, command, signal)
  } catch (error) {
    throw error instanceof ProcessFailure ? explained(error) : error
  }
}

function unreadable(path: string, { code, message }: NodeJS.ErrnoException): NoKey {
  return code === 'ENOENT'
    ? new NoKey(
        `there is no file ${path}, which DECRYPTION_IDENTITY_FILE names`,
        'Correct its path, or mount what it should be in.',
      )
    : new NoKey(
        `the file ${path}, which DECRYPTION_IDENTITY_FILE names, cannot be read: ${code ?? message}`,
        'Make it readable for this user, or correct its path.',
      )
}

/** What the program says when the bytes are to blame, and not the identity. */
const ofBytes = /header|payload|chunk|\bEOF\b|\bMAC\b|malformed|authenticate/u
const ofIdentity = /^(?:reading |failed to obtain passphrase|no identity matched)/u
const longestWord = 160

function explained(failure: ProcessFailure): Error {
  const { stderr } = failure.ending
  const said = stderr.find((line) => line.startsWith('age: error: ')) ?? stderr.at(0)
  const word = (said ?? failure.message).replace('age: error: ', '').slice(0, longestWord)
  // Bytes of the file may be in it.
  const text = word.replaceAll(/[^\x20-\x7e]/gu, '?')
  const isDamage = !ofIdentity.test(text) && ofBytes.test(text)
  return isDamage ? new BadCiphertext(`age could not decrypt it: ${text}`) : noMatch(text)
}

function noMatch(said: string): NoKey {
  return new NoKey(
    `the identity in DECRYPTION_IDENTITY_FILE does not open it (${said})`,
    setIdentity,
  )
}

async function* withoutProgram(
  all: AsyncIterable<Uint8Array>,
  text: string,
): AsyncGenerator<Uint8Array> {
  const lines = text.split(/\r?\n/u).map((line) => line.trim())
  const identities = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'))
  if (identities.length === 0) {
    throw noMatch('it holds no age identity; SSH keys need the program age on the PATH')
  }
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    // Its message might show the key.
    throw noMatch('an identity in it is malformed')
  }
  yield* byLibrary(all, decrypter, noMatch('no identity matched any of the recipients'))
}

async function* byLibrary(
  all: AsyncIterable<Uint8Array>,
  decrypter: Decrypter,
  noKey: NoKey,
): AsyncGenerator<Uint8Array> {
  const ofSource: unknown[] = []
  try {
    yield* await decrypter.decrypt(ReadableStream.from<Uint8Array>(noting(all, ofSource)))
  } catch (error) {
    if (ofSource.length > 0) throw ofSource[0]
    const { message } = error as Error
    if (message.startsWith('no identity matched')) throw noKey
    throw new BadCiphertext(`it could not be decrypted: ${message}`)
  }
}

/** What the source throws is not the library's word on the bytes. */
async function* noting(
  all: AsyncIterable<Uint8Array>,
  failures: unknown[],
): AsyncGenerator<Uint8Array> {
  try {
    yield* asArrays(all)
  } catch (error) {
    failures.push(error)
    throw error
  }
}
