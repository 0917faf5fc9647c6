import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { Decrypter, Encrypter } from 'age-encryption'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type DecryptionKeys,
  type Encryption,
  type EncryptionKeys,
  Secret,
} from '../../src/model/index.ts'
import { BadCiphertext, decrypted, encrypted, NoKey } from '../../src/platform/index.ts'
import { ageKey, type KeyPair, sshKey } from '../support/age-keys.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/volume.ts'

const signal = new AbortController().signal
const here = { PATH: process.env['PATH'] }
/** No `age` is found there. */
const bare = { PATH: '/nowhere' }
const passphrase = new Secret('correct horse battery staple')
const noKeys: DecryptionKeys = { identityFile: null, passphrase: null }

let folder: TemporaryFolder
let pair: KeyPair
let stranger: KeyPair
let ssh: KeyPair

beforeAll(() => {
  folder = temporaryFolder()
  pair = ageKey(folder.join('key.txt'))
  stranger = ageKey(folder.join('other.txt'))
  ssh = sshKey(folder.join('ssh'))
})
afterAll(() => folder[Symbol.asyncDispose]())

async function* chunksOf(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function sealed(bytes: Uint8Array, keys: EncryptionKeys, environment = here): Promise<Buffer> {
  return buffer(encrypted(chunksOf(bytes), keys, { environment, signal }))
}

interface Opening {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly encryption: Encryption
  readonly looksRight: (first: Buffer) => boolean
}

/** Whatever comes of it, the source is closed. */
async function opened(
  bytes: Uint8Array,
  keys: Partial<DecryptionKeys>,
  { environment = here, encryption = 'age', looksRight = anything }: Partial<Opening> = {},
): Promise<Buffer> {
  const context = { environment, signal, looksRight }
  const all = { ...noKeys, ...keys }
  let isOpen = false
  async function* source(): AsyncGenerator<Uint8Array> {
    isOpen = true
    try {
      yield* chunksOf(bytes)
    } finally {
      isOpen = false
    }
  }
  try {
    return await buffer(decrypted(source(), { encryption, keys: all }, context))
  } finally {
    expect(isOpen).toBe(false)
  }
}

const anything = (_first: Buffer): boolean => true
const toRecipients = (...recipients: string[]): EncryptionKeys => ({
  kind: 'recipients',
  recipients,
})
const chunk = 64 * 1024
const samples = [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 1_000_000]

describe('age files', () => {
  test.each(samples)(
    'of %i bytes are opened by either way, however they were made',
    async (size) => {
      const plain = randomBytes(size)
      for (const made of [here, bare]) {
        const file = await sealed(plain, toRecipients(stranger.recipient, pair.recipient), made)
        for (const environment of [here, bare]) {
          const found = await opened(file, { identityFile: pair.identityFile }, { environment })
          expect(found.equals(plain)).toBe(true)
        }
        const byAge = execFileSync('age', ['-d', '-i', pair.identityFile], {
          input: file,
          maxBuffer: 2e6,
        })
        expect(byAge.equals(plain)).toBe(true)
      }
    },
  )

  test('of the program are opened', async () => {
    const file = execFileSync('age', ['-r', pair.recipient], { input: 'plain' })

    expect(String(await opened(file, { identityFile: pair.identityFile }))).toBe('plain')
  })

  test('may be for an SSH key, with the program only', async () => {
    const keys = toRecipients(ssh.recipient)
    const file = await sealed(Buffer.from('plain'), keys)

    expect(String(await opened(file, { identityFile: ssh.identityFile }))).toBe('plain')
    await expect(sealed(Buffer.from('plain'), keys, bare)).rejects.toThrow(/SSH key/u)
    const without = opened(file, { identityFile: ssh.identityFile }, { environment: bare })
    await expect(without).rejects.toThrow(/SSH keys need the program age/u)
  })

  test.each([
    ['no identity', () => null],
    ['one that is not there', () => folder.join('missing')],
    ['one that is somebody else’s', () => stranger.identityFile],
    ['an empty one', () => written('empty', '')],
    ['one that is garbage', () => written('garbage', 'AGE-SECRET-KEY-1NONSENSE\n')],
    [
      'an SSH key with a passphrase',
      () => sshKey(folder.join('locked'), 'a passphrase').identityFile,
    ],
  ])('are not opened with %s, which is not called damage', async (_what, identity) => {
    const file = await sealed(Buffer.from('plain'), toRecipients(pair.recipient))
    const identityFile = identity()

    for (const environment of [here, bare]) {
      const opening = opened(file, { identityFile }, { environment })
      await expect(opening).rejects.toThrow(NoKey)
      await expect(opening).rejects.not.toThrow(/NONSENSE/u)
    }
  })

  test('with a flipped bit or a cut are damaged, wherever that is', async () => {
    const file = await sealed(randomBytes(3 * chunk + 100), toRecipients(pair.recipient))
    const body = file.indexOf('\n', file.indexOf('\n---') + 1) + 1
    const stored = chunk + 16
    const flips = [0, body - 10, body + 3, body + 16, body + 16 + stored, file.length - 1]
    const cuts = [
      0,
      10,
      60,
      body,
      body + 16,
      body + 17,
      ...[1, 2, 3].map((n) => body + 16 + n * stored),
    ]
    const bad = [
      ...flips.map((at) => flipped(file, at)),
      ...cuts.map((at) => file.subarray(0, at)),
      file.subarray(0, -1),
      Buffer.concat([file, Buffer.from('x')]),
    ]
    for (const bytes of bad) {
      for (const environment of [here, bare]) {
        const opening = opened(bytes, { identityFile: pair.identityFile }, { environment })
        await expect(opening).rejects.toThrow(BadCiphertext)
      }
    }
  })

  test('never end well when their source fails', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield randomBytes(100_000)
      throw new Error('the dump failed')
    }
    for (const environment of [here, bare]) {
      const keys = toRecipients(pair.recipient)
      const making = buffer(encrypted(failing(), keys, { environment, signal }))
      await expect(making).rejects.toThrow('the dump failed')
    }
  })

  test('stop being made when the signal says so, and no program is left', async () => {
    const end = new AbortController()
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield randomBytes(10_000)
        end.abort(new Error('enough'))
      }
    }
    const context = { environment: here, signal: end.signal }
    const making = buffer(encrypted(endless(), toRecipients(pair.recipient), context))

    await expect(making).rejects.toThrow('enough')
  })
})

describe('files of openssl enc', () => {
  const plain = Buffer.from(`PGDMP${'what a dump holds '.repeat(5_000)}`)
  const looksRight = (first: Buffer): boolean => first.subarray(0, 5).equals(plain.subarray(0, 5))
  const options = { encryption: 'openssl', looksRight } as const

  test.each([
    ['as minback makes them', ['-md', 'sha256']],
    ['of OpenSSL 1.0', ['-md', 'md5']],
    ['with PBKDF2', ['-pbkdf2']],
  ])('are opened, %s', async (_which, args) => {
    const file = salted(plain, args)

    expect((await opened(file, { passphrase }, options)).equals(plain)).toBe(true)
    const wrong = opened(file, { passphrase: new Secret('wrong') }, options)
    await expect(wrong).rejects.toThrow(NoKey)
    await expect(opened(file, {}, options)).rejects.toThrow(NoKey)
    await expect(opened(file.subarray(0, -5), { passphrase }, options)).rejects.toThrow(
      BadCiphertext,
    )
    await expect(opened(file.subarray(0, 12), { passphrase }, options)).rejects.toThrow(
      BadCiphertext,
    )
    await expect(opened(plain, { passphrase }, options)).rejects.toThrow(BadCiphertext)
  })

  function salted(bytes: Buffer, args: readonly string[]): Buffer {
    const path = folder.join('passphrase')
    writeFileSync(path, passphrase.reveal())
    const all = ['enc', '-aes-256-cbc', ...args, '-pass', `file:${path}`]
    return execFileSync('openssl', all, { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] })
  }
})

test('an identity file that is not there is the reason, and not its key', async () => {
  const file = await sealed(randomBytes(10), toRecipients(pair.recipient))

  await expect(opened(file, { identityFile: '/not/there' })).rejects.toMatchObject({
    message: 'there is no file /not/there, which DECRYPTION_IDENTITY_FILE names',
    advice: 'Correct its path, or mount what it should be in.',
  })
})

describe('a passphrase', () => {
  // The program asks a terminal for it, so the library stands for it here.
  test('means the same to the library', async () => {
    const encrypter = new Encrypter()
    encrypter.setPassphrase(passphrase.reveal())
    encrypter.setScryptWorkFactor(10)
    const theirs = await encrypter.encrypt('plain')
    const plain = randomBytes(3 * chunk)
    const ours = await sealed(plain, { kind: 'passphrase', passphrase })
    const decrypter = new Decrypter()
    decrypter.addPassphrase(passphrase.reveal())

    expect(String(await opened(theirs, { passphrase }))).toBe('plain')
    await expect(opened(theirs, { passphrase: new Secret('wrong') })).rejects.toThrow(NoKey)
    await expect(opened(theirs, { identityFile: pair.identityFile })).rejects.toThrow(
      /ENCRYPTION_KEY is not set/u,
    )
    expect(plain.equals(await decrypter.decrypt(ours))).toBe(true)
    expect(ours.toString('latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S{22} 18\n/u)
  })

  test.each([
    ['too much work', ' 10\n', ' 21\n'],
    ['a cut stanza', ' 10\n', '\n'],
    ['another kind of work', ' 10\n', ' 010\n'],
  ])('in a header with %s is refused at once', async (_what, found, instead) => {
    const encrypter = new Encrypter()
    encrypter.setPassphrase(passphrase.reveal())
    encrypter.setScryptWorkFactor(10)
    const file = Buffer.from(await encrypter.encrypt('plain')).toString('latin1')
    const changed = Buffer.from(file.replace(found, instead), 'latin1')

    await expect(opened(changed, { passphrase })).rejects.toThrow(BadCiphertext)
  })
})

function written(name: string, text: string): string {
  writeFileSync(folder.join(name), text)
  return folder.join(name)
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 4
  return copy
}
