import { describe, expect, test } from 'vitest'
import { type Environment, emailOptionsOf, tellSecrets } from '../../src/config/index.ts'
import { Redactor } from '../../src/model/index.ts'
import type { EmailOptions } from '../../src/notify/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { read } from './read.ts'

async function optionsOf(environment: Environment, files = {}): Promise<EmailOptions | null> {
  return emailOptionsOf((await read(environment, files)).settings)
}

async function problemsOf(environment: Environment): Promise<string> {
  const refusal = await refusalOf(read(environment))
  expect(refusal.exitStatus).toBe(2)
  return refusal.reason
}

const ours = {
  SMTP_URL: 'smtp://mail.example.org',
  EMAIL_FROM: 'backup@example.org',
  EMAIL_TO: 'ops@example.org',
}

describe('e-mail', () => {
  test('is not configured by default', async () => {
    expect(await optionsOf({})).toBeNull()
    expect(await optionsOf({ EMAIL_LEVEL: 'ERROR', EMAIL_TLS: 'off' })).toBeNull()
  })

  test('needs three variables; STARTTLS on port 587 is required', async () => {
    expect(await optionsOf(ours)).toStrictEqual<EmailOptions>({
      host: 'mail.example.org',
      port: 587,
      tls: 'starttls',
      login: null,
      caFile: null,
      from: { name: '', address: 'backup@example.org' },
      to: [{ name: '', address: 'ops@example.org' }],
      level: 'INFO',
      environment: null,
      timeoutSeconds: 30,
    })
    expect((await read(ours)).warnings).toStrictEqual([])
  })

  test('is all that can be set', async () => {
    const options = await optionsOf(
      {
        ...ours,
        SMTP_URL: 'smtps://mail.example.org/',
        SMTP_USER: 'bob',
        SMTP_PASSWORD_FILE: '/run/secret',
        EMAIL_FROM: '"Backups of Zoë" <backup@example.org>',
        EMAIL_LEVEL: 'warn',
        EMAIL_CA_FILE: '/ca.pem',
        EMAIL_TIMEOUT: '1m',
        ENVIRONMENT_FRIENDLY_NAME: 'Production',
      },
      { '/run/secret': 'p:@s/s\n', '/ca.pem': '-----BEGIN CERTIFICATE-----\n' },
    )

    expect(options).toMatchObject({
      port: 465,
      tls: 'implicit',
      caFile: '/ca.pem',
      from: { name: 'Backups of Zoë', address: 'backup@example.org' },
      level: 'WARN',
      environment: 'Production',
      timeoutSeconds: 60,
    })
    expect(options?.login?.user).toBe('bob')
    expect(options?.login?.password.reveal()).toBe('p:@s/s')
  })

  test('takes a login from the URL, percent-encoded, and the variables before it', async () => {
    const SMTP_URL = 'smtp://b%40b:p%2Fss@[::1]:2525'

    const options = await optionsOf({ ...ours, SMTP_URL })
    const other = await optionsOf({ ...ours, SMTP_URL, SMTP_PASSWORD: 'other' })

    expect(options).toMatchObject({ host: '::1', port: 2525 })
    expect(options?.login?.user).toBe('b@b')
    expect(options?.login?.password.reveal()).toBe('p/ss')
    expect(other?.login?.password.reveal()).toBe('other')
  })

  test('goes to several', async () => {
    const EMAIL_TO =
      ' a@x.org,b@x.org; Zoë O. <c@x.org>\nd@x.org e@x.org, a@x.org,"F, G" <f@x.org>,'

    const options = await optionsOf({ ...ours, EMAIL_TO })

    expect(options?.to.map(({ address }) => address[0])).toStrictEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
    ])
    expect(options?.to[2]?.name).toBe('Zoë O.')
    expect(options?.to[5]?.name).toBe('F, G')
  })

  test('without TLS is warned about', async () => {
    const { settings, warnings } = await read({ ...ours, EMAIL_TLS: 'off' })

    expect(emailOptionsOf(settings)?.tls).toBe('off')
    expect(warnings.join()).toContain('EMAIL_TLS: It is off.')
  })

  test.each([
    [{ SMTP_URL: ours.SMTP_URL }, 'SMTP_URL is set, but EMAIL_FROM, EMAIL_TO is not.'],
    [{ EMAIL_TO: ours.EMAIL_TO }, 'EMAIL_TO is set, but SMTP_URL, EMAIL_FROM is not.'],
    [{ SMTP_PASSWORD: 'x' }, 'SMTP_PASSWORD is set, but SMTP_URL, EMAIL_FROM, EMAIL_TO is not.'],
    [{ ...ours, SMTP_USER: 'bob' }, 'A user is set for the mail server, but no password.'],
    [{ ...ours, SMTP_PASSWORD: 'x' }, 'A password is set for the mail server, but no user.'],
    [{ ...ours, SMTP_URL: 'mail.example.org' }, 'It is no address of a mail server.'],
    [{ ...ours, SMTP_URL: 'http://mail.example.org' }, 'It is no address of a mail server.'],
    [{ ...ours, SMTP_URL: 'smtp://' }, 'It is no address of a mail server.'],
    [{ ...ours, SMTP_URL: 'smtp://bob:a%zz@mail' }, 'a "%" in it begins no character'],
    [
      { ...ours, SMTP_URL: 'smtps://mail', EMAIL_TLS: 'off' },
      'EMAIL_TLS: It is off, but SMTP_URL begins',
    ],
    [
      { ...ours, EMAIL_CA_FILE: '/ca', EMAIL_TLS: 'off' },
      'EMAIL_TLS: It is off, so no certificate is checked',
    ],
    [{ ...ours, EMAIL_TLS: 'maybe' }, '"maybe" is not "required" or "off"'],
    [{ ...ours, EMAIL_LEVEL: 'loud' }, '"loud" is not "INFO", "WARN" or "ERROR"'],
    [{ ...ours, EMAIL_FROM: 'backup' }, 'EMAIL_FROM: "backup" is no e-mail address'],
    [{ ...ours, EMAIL_FROM: 'a@x.org\r\nBcc: b@x.org' }, 'EMAIL_FROM: "a'],
    [{ ...ours, EMAIL_FROM: 'a\r\nBcc: b <b@x.org>' }, 'EMAIL_FROM: "a'],
    [{ ...ours, EMAIL_TO: 'a@x.org, b@' }, 'EMAIL_TO: "b@" is no e-mail address'],
    [{ ...ours, EMAIL_TO: 'a@x.org>' }, 'EMAIL_TO: "a@x.org'],
    [{ ...ours, EMAIL_TO: 'a@x.org\u0000' }, 'EMAIL_TO: "a@x.org'],
    [{ ...ours, EMAIL_TO: ' , ' }, 'EMAIL_TO: "," is no'],
    [{ ...ours, EMAIL_CA_FILE: '/nowhere' }, 'EMAIL_CA_FILE: There is no file /nowhere.'],
  ])('is refused where it cannot work: %j', async (environment, problem) => {
    expect(await problemsOf(environment)).toContain(problem)
  })

  test('shows no password when it is refused', async () => {
    for (const SMTP_URL of [
      'smtp://bob:sesa#me@mail',
      'smtp//bob:sesame@mail',
      'smtp://bob:sesa%me@m',
    ]) {
      expect(await problemsOf({ ...ours, SMTP_URL })).not.toContain('sesa')
    }
  })

  test('has its secrets told', async () => {
    const redactor = new Redactor()

    tellSecrets(await read({ ...ours, SMTP_URL: 'smtp://bob:sesame-47%2F11@mail' }), redactor)

    expect(redactor.inOwnText('sesame-47/11 smtp://bob:sesame-47%2F11@mail')).toBe('*** ***')
  })
})
