import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { EncryptionKeys } from '../../src/model/index.ts'
import { ageKey, type KeyPair, sshKey } from '../support/age-keys.ts'
import { count } from '../support/counts.ts'
import { refusalOf } from '../support/refusal.ts'
import { temporaryFolder } from '../support/volume.ts'
import { isRefusalOrNone, problemOf, read } from './read.ts'

let pair: KeyPair
let other: KeyPair
let ssh: KeyPair

beforeAll(async () => {
  await using folder = temporaryFolder()
  pair = ageKey(folder.join('key'))
  other = ageKey(folder.join('other'))
  ssh = sshKey(folder.join('ssh'))
})

async function recipientsOf(text: string): Promise<EncryptionKeys | null> {
  return (await read({ ENCRYPTION_RECIPIENTS: text })).encryption
}

/** The mistakes of a configuration, one a line. */
async function mistakesIn(environment: Record<string, string>): Promise<string> {
  const { reason, exitStatus } = await refusalOf(read(environment))
  expect(exitStatus).toBe(2)
  return reason
}

describe('ENCRYPTION_RECIPIENTS', () => {
  test('are one or several keys, however they are set apart', async () => {
    const [a, b, c] = [pair.recipient, other.recipient, ssh.recipient]
    const texts = [
      `${a} ${b} ${c}`,
      `${a},${b},${c}`,
      ` ${a}\n${b}\r\n\n${c} me@home for backups\n`,
      `${a} ${b} ${a}, ${c} somebody`,
    ]
    for (const text of texts) {
      expect(await recipientsOf(text)).toEqual({ kind: 'recipients', recipients: [a, b, c] })
    }
    expect(await recipientsOf(`${c} me ${a}`)).toEqual({ kind: 'recipients', recipients: [c, a] })
  })

  test('are refused with a typo anywhere: nobody could open such a backup', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom('q', 'p', 'z', 'x', '7'), async (place, sign) => {
        const at = 'age1'.length + (place % (pair.recipient.length - 'age1'.length))
        fc.pre(pair.recipient[at] !== sign)
        const text = pair.recipient.slice(0, at) + sign + pair.recipient.slice(at + 1)

        expect(await mistakesIn({ ENCRYPTION_RECIPIENTS: text })).toContain('no age public key')
      }),
      { numRuns: count(50, 1_000) },
    )
  })

  test.each([
    ['a word', 'everybody', 'no public key of age or SSH'],
    ['a cut key', () => pair.recipient.slice(0, -3), 'no age public key'],
    ['a key of a plugin', 'age1yubikey1q2w3e4r', 'no age public key'],
    ['a cut SSH key', () => ssh.recipient.slice(0, -8), 'no whole SSH public key'],
    ['an SSH key without its bytes', 'ssh-ed25519', 'no whole SSH public key'],
    ['an SSH key of another type', () => ssh.recipient.replace('ed25519', 'rsa'), 'no whole SSH'],
    ['nothing but signs', ' , ', 'It holds no key'],
  ])('are refused when they are %s', async (_what, text, problem) => {
    const written = typeof text === 'string' ? text : text()

    expect(await mistakesIn({ ENCRYPTION_RECIPIENTS: written })).toContain(problem)
  })

  test('do not show a private key that somebody took for a public one', async () => {
    const text = await mistakesIn({ ENCRYPTION_RECIPIENTS: 'AGE-SECRET-KEY-1QQQSECRET' })

    expect(text).toContain('It holds a private key')
    expect(text).not.toContain('QQQSECRET')
  })

  test('of any text are understood or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const problem = await problemOf(read({ ENCRYPTION_RECIPIENTS: text }))
        expect(isRefusalOrNone(problem)).toBe(true)
      }),
      { numRuns: count(100, 5_000) },
    )
  })
})

describe('ENCRYPTION_KEY', () => {
  test('is a passphrase, from its file, too', async () => {
    const files = { '/run/secret': 'a passphrase\n' }
    const { encryption } = await read({ ENCRYPTION_KEY_FILE: '/run/secret' }, files)

    expect(encryption?.kind).toBe('passphrase')
    expect(encryption?.kind === 'passphrase' && encryption.passphrase.reveal()).toBe('a passphrase')
  })

  test('stands alone: age allows no mix', async () => {
    const text = await mistakesIn({
      ENCRYPTION_RECIPIENTS: pair.recipient,
      ENCRYPTION_KEY: 'never shown',
    })

    expect(text).toMatch(/ENCRYPTION_RECIPIENTS: It is set, and ENCRYPTION_KEY is set, too/u)
    expect(text).not.toContain('never shown')
  })
})

describe('ENCRYPT', () => {
  test('is "all" or "mirrors", and means nothing without keys, which is said', async () => {
    const both = { ENCRYPTION_RECIPIENTS: pair.recipient, ENCRYPT: 'Mirrors' }

    expect((await read({ ENCRYPTION_RECIPIENTS: pair.recipient })).settings.encrypt).toBe('all')
    expect((await read(both)).settings.encrypt).toBe('mirrors')
    expect((await read()).encryption).toBeNull()
    expect(await mistakesIn({ ENCRYPT: 'all' })).toContain('nothing says to whom')
    expect(await mistakesIn({ ENCRYPT: 'yes', ENCRYPTION_KEY: 'x' })).toContain('is not "all"')
  })
})
