import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refusalOf } from '../support/refusal.ts'
import { read } from './read.ts'

async function credentialsOf(
  spec: string,
  environment: Record<string, string>,
  files: Record<string, string> = {},
): Promise<(string | null | undefined)[]> {
  const { databases } = await read(environment, { ...files, 'backup.conf': spec })
  const credentials = databases[0]?.credentials
  return [credentials?.user, credentials?.password?.reveal()]
}

describe('credentials', () => {
  test.each([
    ['wallet-db/a', 'WALLET_DB'],
    ['Wallet_Db/a', 'WALLET_DB'],
    ['db.example.org:5433/a', 'DB_EXAMPLE_ORG'],
    ['127.0.0.1/a', '127_0_0_1'],
    ['[2001:db8::7]/a', '2001_DB8__7'],
  ])('D-30: of %s are %s_USER and %s_PASSWORD', async (spec, prefix) => {
    const own = { [`${prefix}_USER`]: 'anna', [`${prefix}_PASSWORD`]: 'hunter2' }

    expect(await credentialsOf(spec, own)).toStrictEqual(['anna', 'hunter2'])
  })

  test.each([
    [{}, [null, undefined]],
    [{ POSTGRESQL_USER: 'p', POSTGRESQL_PASSWORD: 'pp' }, ['p', 'pp']],
    [{ DATABASE_USER: 'd', POSTGRESQL_USER: 'p', POSTGRESQL_PASSWORD: 'pp' }, ['d', 'pp']],
    [{ PG_USER: '', DATABASE_USER: 'd', DATABASE_PASSWORD: 'dd' }, ['d', 'dd']],
    [{ PG_USER: 'h', DATABASE_USER: 'd', DATABASE_PASSWORD: 'dd' }, ['h', 'dd']],
    [{ PG_PASSWORD: 'hh', DATABASE_USER: 'd', DATABASE_PASSWORD: 'dd' }, ['d', 'hh']],
  ])('are looked for each on its own: %j', async (environment, expected) => {
    expect(await credentialsOf('pg/a', environment)).toStrictEqual(expected)
  })

  test('may be files, of a host and for all hosts', async () => {
    const files = { '/s/user': 'anna\n', '/s/password': ' hunter2 \n' }

    expect(
      await credentialsOf(
        'pg/a',
        { PG_USER_FILE: '/s/user', PG_PASSWORD_FILE: '/s/password' },
        files,
      ),
    ).toStrictEqual(['anna', ' hunter2 '])
    expect(
      await credentialsOf('pg/a', { DATABASE_USER_FILE: '/s/user', PG_PASSWORD: 'own' }, files),
    ).toStrictEqual(['anna', 'own'])
  })

  test('of a host that are given twice are one mistake, however many databases it has', async () => {
    const { reason } = await refusalOf(
      read(
        { PG_PASSWORD: 'hunter2', PG_PASSWORD_FILE: '/s/password' },
        { '/s/password': 'hunter3', 'backup.conf': 'pg/a\npg/b' },
      ),
    )

    expect(reason).toMatch(/^PG_PASSWORD: [^\n]*$/u)
    expect(reason).not.toContain('hunter')
  })

  test('are in no message, and not to be seen in the configuration', async () => {
    const secret = fc
      .string({ unit: 'binary' })
      .map((text) => `<${text.replaceAll('\0', '')}hunter2>`)
    const mistakes = fc.constantFrom({}, { NUM_BACKUPS: 'x' }, { PG_PASSWORD_FILE: '/s/password' })
    await fc.assert(
      fc.asyncProperty(secret, mistakes, async (value, mistake) => {
        const secrets = [
          'PG_PASSWORD',
          'DATABASE_PASSWORD',
          'WEBHOOK_URL',
          'FTP_URL',
          'S3_PASSWORD',
        ]
        const environment = Object.fromEntries(secrets.map((name) => [name, value]))
        const lines = `pg/a\nPGPASSWORD=${value.replaceAll(/[\n\r/]/gu, '')}`

        const outcome = await read(
          { ...environment, ...mistake },
          { 'backup.conf': lines, '/s/password': value },
        ).catch((error: unknown) => error)

        const seen = inspect(outcome, { depth: null, showHidden: true }) + JSON.stringify(outcome)
        expect(seen).not.toContain('hunter2')
      }),
    )
  })
})
