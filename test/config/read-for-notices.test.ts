import { describe, expect, test } from 'vitest'
import {
  type Environment,
  emailOptionsOf,
  noticeSettingsOf,
  readForNotices,
} from '../../src/config/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { read } from './read.ts'

const hook = 'https://hooks.example.org/T0'
const email = {
  SMTP_URL: 'smtp://mail.example.org',
  EMAIL_FROM: 'backup@example.org',
  EMAIL_TO: 'ops@example.org',
}

/** Names of the channels that can still be told. */
async function toldOf(environment: Environment): Promise<readonly string[]> {
  await refusalOf(read(environment))
  const configuration = await readForNotices({
    environment,
    readFile: async () => null,
    engines: ['postgres'],
  })
  if (configuration === null) throw new Error('Nobody can be told.')
  const { settings } = configuration
  const { webhooks, pager } = noticeSettingsOf(settings)
  return [
    ...webhooks.map(({ name, format, level }) => `${name} ${format} ${level}`),
    ...(pager === null ? [] : ['PGDUTY_URL']),
    ...(emailOptionsOf(settings) === null ? [] : ['EMAIL_TO']),
  ]
}

describe('a mistake in a variable for notices is told to the channels that are right', () => {
  const both = { WEBHOOK_URL: hook, ...email }

  test.each<[string, Environment, readonly string[]]>([
    ['a level', { ...both, NOTIFY_LEVEL: 'LOUD' }, ['WEBHOOK_URL form INFO', 'EMAIL_TO']],
    [
      'the level of one',
      { ...both, WEBHOOK_LEVEL: 'LOUD', NOTIFY_LEVEL: 'WARN' },
      ['WEBHOOK_URL form WARN', 'EMAIL_TO'],
    ],
    ['a server of e-mail', { ...both, SMTP_URL: 'mail' }, ['WEBHOOK_URL form INFO']],
    ['half of e-mail', { ...both, EMAIL_TO: '' }, ['WEBHOOK_URL form INFO']],
    [
      'how long e-mail may take',
      { ...both, EMAIL_TIMEOUT: 'x' },
      ['WEBHOOK_URL form INFO', 'EMAIL_TO'],
    ],
    ['a file that is not there', { ...email, WEBHOOK_URL_FILE: '/none' }, ['EMAIL_TO']],
    ['a value that is there twice', { ...both, WEBHOOK_URL_FILE: '/none' }, ['EMAIL_TO']],
    [
      'a header of the connection',
      { ...both, WEBHOOK_EXTRA_HEADERS: 'X-One=1,content-Length=7' },
      ['WEBHOOK_URL form INFO', 'EMAIL_TO'],
    ],
    [
      'several at once',
      {
        ...both,
        WEBHOOK_FORMAT: 'xml',
        WEBHOOK_URL_2: hook,
        WEBHOOK_FORMAT_2: 'json',
        SMTP_URL: 'mail',
        NOTIFY_SUMMARY: 'perhaps',
        PGDUTY_URL: hook,
        PGDUTY_SVC_KEY: 'key',
      },
      ['WEBHOOK_URL form INFO', 'WEBHOOK_URL_2 json INFO', 'PGDUTY_URL'],
    ],
  ])('%s', async (_what, environment, expected) => {
    expect(await toldOf(environment)).toStrictEqual(expected)
  })
})

test.each([
  ['WEBHOOK_EXTRA_HEADERS', 'X-One=1,Content-Length=secret-7', 'Content-Length'],
  ['WEBHOOK_EXTRA_HEADERS', 'Host=secret-host', 'Host'],
  ['WEBHOOK_AUTH_HEADER', 'transfer-encoding: secret-chunks', 'transfer-encoding'],
])('%s=%s is refused, without its value', async (variable, value, header) => {
  const { reason, exitStatus } = await refusalOf(read({ WEBHOOK_URL: hook, [variable]: value }))

  expect(exitStatus).toBe(2)
  expect(reason).toBe(
    `${variable}: The header ${header} is set by the program itself. Leave it out.`,
  )
})

test('what is no header is a mistake, beside every other one and without its value', async () => {
  const { reason, exitStatus } = await refusalOf(
    read({
      WEBHOOK_URL: hook,
      WEBHOOK_AUTH_HEADER: 'no-secret-header',
      WEBHOOK_EXTRA_HEADERS: 'X-One=1,secret',
      WEBHOOK_FORMAT: 'xml',
    }),
  )

  expect(exitStatus).toBe(2)
  expect(reason.split('\n')).toStrictEqual([
    expect.stringMatching(/^WEBHOOK_FORMAT: "xml"/u),
    'WEBHOOK_AUTH_HEADER: It holds no header. Write Name: value, such as "Authorization: Bearer …".',
    'WEBHOOK_EXTRA_HEADERS: Not all in it are headers. Write Name=value,Name=value.',
  ])
})
