import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskedSettings } from '../../src/config/index.ts'
import { noticeSettingsOf, secretsOfNotices } from '../../src/config/notice-settings.ts'
import { fieldOf } from '../../src/config/settings.ts'
import { settingsTable } from '../../src/config/settings-table.ts'
import { Secret } from '../../src/model/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { isRefusalOrNone, problemOf, read } from './read.ts'

async function settingsOf(environment: Record<string, string>): Promise<Record<string, unknown>> {
  const { settings } = await read(environment)
  return { ...settings }
}

const secretVariables = Object.entries(settingsTable)
  .filter(([, { kind }]) => kind === 'secret')
  .map(([name]) => name)

describe('settings', () => {
  test('have the defaults of the original', async () => {
    expect(await settingsOf({})).toMatchObject({
      backupStrategy: 'daily',
      numBackups: 31,
      dailyBackups: 6,
      weeklyBackups: 4,
      monthlyBackups: 1,
      backupDir: '/backups',
      backupConf: 'backup.conf',
      backupPeriod: { written: '1d', seconds: 86_400 },
      databaseServiceName: 'postgresql',
      postgresqlDatabase: 'my_postgres_db',
      postgresqlPortNum: 5432,
      databaseUser: null,
      databasePassword: null,
      ftpUrl: null,
      s3Endpoint: null,
      webhookUrl: null,
      environmentName: null,
      tz: null,
    })
  })

  test('have defaults of our own', async () => {
    expect(await settingsOf({})).toMatchObject({
      compression: 'gzip',
      compressionLevel: null,
      fingerprint: 'rows',
      parallelBackups: 1,
      stallTimeout: { seconds: 1800 },
      connectTimeout: { seconds: 10 },
      lockTimeout: { seconds: 600 },
      lockWait: null,
      pgBinDir: null,
      backupUmask: 0o077,
      journalDays: 400,
      assumeYesWithoutTty: false,
      noColor: false,
    })
  })

  test('are the defaults for every variable that is empty', async () => {
    const empty = Object.fromEntries(Object.keys(settingsTable).map((name) => [name, '']))

    expect(await settingsOf(empty)).toStrictEqual(await settingsOf({}))
  })

  test('are frozen', async () => {
    const { settings } = await read()

    expect(Object.isFrozen(settings)).toBe(true)
    expect(Object.isFrozen(settings.backupPeriod)).toBe(true)
  })

  test.each([
    ['NUM_BACKUPS', '08', 8],
    ['DAILY_BACKUPS', '0', 0],
    ['BACKUP_STRATEGY', 'ROLLING', 'rolling'],
    ['BACKUP_DIR', '/b', '/b'],
    ['BACKUP_DIR', '/b/', '/b'],
    ['BACKUP_DIR', '/', '/'],
    ['BACKUP_PERIOD', '24h', { written: '24h', seconds: 86_400 }],
    ['POSTGRESQL_PORT_NUM', '05433', 5433],
    ['COMPRESSION', 'Zstd', 'zstd'],
    ['COMPRESSION_LEVEL', '9', 9],
    ['FINGERPRINT', 'content', 'content'],
    ['STALL_TIMEOUT', '90', { written: '90', seconds: 90 }],
    ['LOCK_WAIT', '0', { written: '0', seconds: 0 }],
    ['BACKUP_UMASK', '0007', 0o007],
    ['BACKUP_UMASK', '27', 0o027],
    ['ASSUME_YES_WITHOUT_TTY', 'true', true],
    ['NO_COLOR', '0', true],
    ['DATABASE_SERVICE_NAME', '[::1]', '::1'],
    ['TZ', 'America/Vancouver', 'America/Vancouver'],
  ])('%s=%s is %j', async (variable, text, value) => {
    expect((await settingsOf({ [variable]: text }))[fieldOf(variable)]).toStrictEqual(value)
  })

  test.each([
    ['NUM_BACKUPS', '-1', 'zero or more'],
    ['DAILY_BACKUPS', '-6', 'zero or more'],
    ['WEEKLY_BACKUPS', '4.5', 'zero or more'],
    ['MONTHLY_BACKUPS', '1e3', 'zero or more'],
    ['NUM_BACKUPS', '0x10', 'zero or more'],
    ['NUM_BACKUPS', ' 3', 'zero or more'],
    ['BACKUP_STRATEGY', 'weekly', '"daily" or "rolling"'],
    ['BACKUP_PERIOD', '0', 'one second to 366 days'],
    ['STALL_TIMEOUT', '0s', 'one second to 24 days'],
    ['STALL_TIMEOUT', '25d', 'one second to 24 days'],
    ['CONNECT_TIMEOUT', 'soon', 'one second to 24 days'],
    ['POSTGRESQL_PORT_NUM', '65536', '1 to 65535'],
    ['PGPORT', '0', '1 to 65535'],
    ['COMPRESSION', 'bzip2', '"gzip", "zstd" or "none"'],
    ['COMPRESSION_LEVEL', '0', '1 to 9'],
    ['COMPRESSION_LEVEL', '10', '1 to 9'],
    ['FINGERPRINT', 'yes', '"rows", "content" or "off"'],
    ['PARALLEL_BACKUPS', '0', 'one or more'],
    ['JOURNAL_DAYS', '0', 'one or more'],
    ['BACKUP_UMASK', '0777', 'owner'],
    ['BACKUP_UMASK', '0088', 'octal'],
    ['FTP_RATE', '10', '1 kB/s or more'],
    ['ASSUME_YES_WITHOUT_TTY', 'maybe', '"yes" or "no"'],
    ['DATABASE_SERVICE_NAME', 'no host', 'host name'],
  ])('%s=%s is refused: not %s', async (variable, text, expected) => {
    const { reason, exitStatus } = await refusalOf(read({ [variable]: text }))

    expect(reason).toContain(`${variable}: "${text}" is not`)
    expect(reason).toContain(expected)
    expect(reason).toMatch(new RegExp(` Write for example ${variable}=.+\\.$`, 'u'))
    expect(exitStatus).toBe(2)
  })

  test('D-31: the final slash of BACKUP_DIR changes nothing, and ROOT_BACKUP_DIR wins', async () => {
    expect(await settingsOf({ BACKUP_DIR: '/b' })).toMatchObject({ backupDir: '/b' })
    expect(await settingsOf({ BACKUP_DIR: '/b/' })).toMatchObject({ backupDir: '/b' })
    expect(await settingsOf({ BACKUP_DIR: '/b', ROOT_BACKUP_DIR: '/r/' })).toMatchObject({
      backupDir: '/r',
    })
  })

  test.each([
    [{ POSTGRESQL_PORT_NUM: '1', DEFAULT_PORT: '2', PGPORT: '3' }, 1],
    [{ POSTGRESQL_PORT_NUM: '', DEFAULT_PORT: '2', PGPORT: '3' }, 2],
    [{ PGPORT: '3' }, 3],
  ])('D-29: %j: the port is %i', async (environment, postgresqlPortNum) => {
    expect(await settingsOf(environment)).toMatchObject({ postgresqlPortNum })
  })

  test('D-21, D-22: a mistake is one refusal, and no configuration comes back', async () => {
    const { message, reason } = await refusalOf(read({ BACKUP_STRATEGY: 'monthly' }))

    expect(message).toBe('The configuration has a mistake.')
    expect(reason.split('\n')).toHaveLength(1)
  })

  test('D-41: that are no address for notices end no backups, but are warned of', async () => {
    const { warnings, settings } = await read({
      WEBHOOK_URL: 'false',
      WEBHOOK_URL_3: 'https://hooks.example.org/T0/secret',
      PGDUTY_URL: 'x',
      PING_URL: 'ftp://secret.example.org',
    })

    expect(warnings).toStrictEqual([
      'WEBHOOK_URL is no address: nothing is sent there. Write for example WEBHOOK_URL=https://….',
      'PING_URL is no address: nothing is sent there. Write for example PING_URL=https://….',
      'PGDUTY_URL is no address: nothing is sent there. Write for example PGDUTY_URL=https://….',
      'PGDUTY_URL: PagerDuty is not told of errors without PGDUTY_SVC_KEY.',
    ])
    const { webhooks, pager, pings } = noticeSettingsOf(settings)
    expect(webhooks.map(({ name }) => name)).toStrictEqual(['WEBHOOK_URL_3'])
    expect(pager).toBeNull()
    expect(pings).toStrictEqual({ start: null, good: null, failed: null })
  })

  test('of a webhook: its level or that of all, its headers, and the secrets in them', async () => {
    const { settings } = await read({
      NOTIFY_LEVEL: 'warn',
      WEBHOOK_URL: 'https://hooks.example.org/T0/secret',
      WEBHOOK_LEVEL: 'ERROR',
      WEBHOOK_AUTH_HEADER: 'Authorization: Bearer abc=,def',
      WEBHOOK_EXTRA_HEADERS: 'X-One=1,X-Two=a=b',
      WEBHOOK_URL_2: 'https://other.example.org/',
      WEBHOOK_FORMAT_2: 'structured',
    })

    const { webhooks } = noticeSettingsOf(settings)
    expect(webhooks.map(({ level, format }) => [level, format])).toStrictEqual([
      ['ERROR', 'form'],
      ['WARN', 'structured'],
    ])
    expect(webhooks.map(({ headers }) => headers)).toStrictEqual([
      [
        ['Authorization', 'Bearer abc=,def'],
        ['X-One', '1'],
        ['X-Two', 'a=b'],
      ],
      [],
    ])
    expect(secretsOfNotices(settings)).toContain('abc=,def')
  })
})

describe('secrets', () => {
  const odd = ['  two  blanks ', '$HOME `id`', `'"\\`, '*', '-n', 'pässwörd', 'a\tb', '\n']

  test.each(odd)('D-30: %j stays as it is in a variable', async (password) => {
    const { settings } = await read({ DATABASE_PASSWORD: password })

    expect(settings.databasePassword?.reveal()).toBe(password)
  })

  test.each(odd)(
    'D-30: %j stays as it is in a file, but for its last line end',
    async (password) => {
      const { settings } = await read(
        { DATABASE_PASSWORD_FILE: '/run/password', POSTGRESQL_PASSWORD_FILE: '/run/windows' },
        { '/run/password': `${password}\n`, '/run/windows': `${password}\r\n` },
      )

      expect(settings.databasePassword?.reveal()).toBe(password)
      expect(settings.postgresqlPassword?.reveal()).toBe(password)
    },
  )

  /** What is a mistake without others. */
  const mail = { EMAIL_FROM: 'a@example.org', EMAIL_TO: 'b@example.org' }
  const companionsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    RESTIC_REPOSITORY: { RESTIC_PASSWORD: 'x' },
    SMTP_URL: mail,
    SMTP_PASSWORD: { ...mail, SMTP_URL: 'smtp://mail', SMTP_USER: 'x' },
  }

  const formsOf: Readonly<Record<string, string>> = {
    SMTP_URL: 'smtp://hunter2',
    WEBHOOK_AUTH_HEADER: 'X-Key: hunter2',
    WEBHOOK_EXTRA_HEADERS: 'X-Key=hunter2',
  }

  test.each(secretVariables)('%s may be a file', async (variable) => {
    const environment = { ...companionsOf[variable], [`${variable}_FILE`]: '/run/s' }
    const value = formsOf[variable] ?? 'hunter2'
    const { settings } = await read(environment, { '/run/s': value })

    const secret = { ...settings }[fieldOf(variable) as 'databasePassword']
    expect(secret).toBeInstanceOf(Secret)
    expect(secret?.reveal()).toBe(value)
  })

  test.each([
    [{ FTP_PASSWORD: 'hunter2', FTP_PASSWORD_FILE: '/run/s' }, 'FTP_PASSWORD: It is set, and'],
    [{ FTP_PASSWORD_FILE: '/run/none' }, 'FTP_PASSWORD_FILE: There is no file /run/none.'],
    [{ FTP_PASSWORD_FILE: '/run/empty' }, 'FTP_PASSWORD_FILE: The file /run/empty is empty.'],
    [{ FTP_PASSWORD_FILE: '/run/zero' }, 'FTP_PASSWORD_FILE: The value holds a zero byte.'],
  ])('%j is refused: %s', async (environment, words) => {
    const files = { '/run/s': 'hunter3', '/run/empty': '\n', '/run/zero': 'hunter4\0' }

    const { message, reason, advice, exitStatus } = await refusalOf(read(environment, files))

    expect(reason).toContain(words)
    expect(exitStatus).toBe(2)
    expect(message + reason + advice).not.toContain('hunter')
  })

  test('D-51: are "***" for -c, like addresses that are secrets; what is unset is null', async () => {
    const { settings } = await read({
      DATABASE_PASSWORD: 'hunter2',
      WEBHOOK_URL: 'https://hooks.example.org/T0/secret',
      FTP_URL: 'ftp://u:p@ftp.example.org',
      BACKUP_UMASK: '7',
      STALL_TIMEOUT: '1h',
    })

    const shown = maskedSettings(settings)

    expect(shown).toMatchObject({
      databasePassword: '***',
      webhookUrl: '***',
      ftpUrl: '***',
      ftpPassword: null,
      backupUmask: '0007',
      stallTimeout: '1h',
      numBackups: 31,
      lockWait: null,
    })
    expect(Object.keys(shown)).toStrictEqual(Object.keys(settingsTable).map(fieldOf))
  })
})

test('any value of any variable is understood or refused', async () => {
  const variable = fc.constantFrom(...Object.keys(settingsTable))
  await fc.assert(
    fc.asyncProperty(variable, fc.string({ unit: 'binary' }), async (name, text) => {
      expect(await problemOf(read({ [name]: text }))).toSatisfy(isRefusalOrNone)
    }),
    { numRuns: 500 },
  )
})
