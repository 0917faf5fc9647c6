import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Redactor, Secret } from '../../src/model/index.ts'

function knowing(...secrets: readonly (string | Secret)[]): Redactor {
  const redactor = new Redactor()
  redactor.learn(...secrets)
  return redactor
}

describe('a redactor', () => {
  test.each([
    'hunter2',
    'pa$$word',
    'a.b*c(d)[e]',
    'CorrectHorseBatteryStaple',
    '0123456789abcdef',
  ])('takes %s out of every text, wherever it stands', (secret) => {
    const redactor = knowing(new Secret(secret))
    const text = `x${secret}x postgres://u:${secret}@h "${secret}"`

    expect(redactor.inOwnText(text)).toBe('x***x postgres://u:***@h "***"')
    expect(redactor.inOutsideText(text)).toBe('x***x postgres://u:***@h "***"')
  })

  test.each([
    ['backup', 'backup of backup.sh to backups', '*** of ***.sh to backups'],
    ['a', "a password: 'a' at pa", "*** password: '***' at pa"],
    ['1234', '1234 of 12345 bytes, user:1234@h', '*** of 12345 bytes, user:***@h'],
    ['verify-all', 'run verify-all', 'run ***'],
  ])('takes the ordinary %s only out of outside text, as a word', (secret, text, masked) => {
    const redactor = knowing(secret)

    expect(redactor.inOwnText(text)).toBe(text)
    expect(redactor.inOutsideText(text)).toBe(masked)
  })

  test('leaves a password that is also one of our names in our own text', () => {
    const redactor = knowing('app_user1')
    redactor.spare('postgres=db:5432/app_user1')

    expect(redactor.inOwnText('Backing up db/app_user1')).toBe('Backing up db/app_user1')
    expect(redactor.inOutsideText('user app_user1')).toBe('user ***')
  })

  test('knows a secret as JSON, SQL and URLs write it, and each long line of it', () => {
    const secret = `s3"cr'e\tt/ü\n-----BEGIN PRIVATE KEY-----`
    const text = [
      JSON.stringify({ secret }),
      `PASSWORD '${secret.replaceAll("'", "''")}'`,
      `https://u:${encodeURIComponent(secret)}@h`,
      '-----BEGIN PRIVATE KEY-----',
    ].join('\n')

    expect(knowing(secret).inOwnText(text)).toBe(
      ['{"secret":"***"}', "PASSWORD '***'", 'https://u:***@h', '***'].join('\n'),
    )
  })

  test('knows each line of a secret of several, since output comes line by line', () => {
    const redactor = new Redactor()
    redactor.learn('Zq"x\'7\nSECRETLINE2\n-\n')

    expect(redactor.inOutsideText('pw is Zq"x\'7')).toBe('pw is ***')
    expect(redactor.inOutsideText('SECRETLINE2 end - of it')).toBe('*** end - of it')
  })

  test('masks the longer of two secrets as a whole', () => {
    expect(knowing('hunter2', 'hunter2hunter3').inOwnText('hunter2hunter3')).toBe('***')
  })

  test('finds secrets in an environment by their names, and in URLs', () => {
    const redactor = Redactor.of({
      PGPASSWORD: 'one-111111',
      MY_API_KEY: 'two-222222',
      VAULT_TOKEN: 'three-333333',
      DATABASE_URL: 'postgres://app:four%2f444444@db/app',
      RESTIC_REPOSITORY: 'rest:https://app:eight-888888@host/',
      PGPASSFILE: '/home/five-555555',
      DATABASE_PASSWORD_FILE: '/secrets/six-666666',
      DATABASE_PASSWORD_KEY_NAME: 'seven-777777',
    })
    const text =
      'one-111111 two-222222 three-333333 four/444444 five-555555 six-666666 seven-777777 eight-888888'

    expect(redactor.inOwnText(text)).toBe('*** *** *** *** five-555555 six-666666 seven-777777 ***')
  })

  test('of nothing, or of an empty secret, changes no text', () => {
    expect(knowing('', ' ').inOutsideText('a text')).toBe('a text')
    expect(new Redactor().inOutsideText('a text')).toBe('a text')
  })

  test('never lets a secret of twenty characters or more through', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 20 }), fc.string(), fc.string(), (secret, left, right) => {
        fc.pre(secret.trim() !== '' && !'***'.includes(secret))
        const text = knowing(secret).inOwnText(`${left}${secret}${right}`)
        expect(text.includes(secret) && !`${left}***${right}`.includes(secret)).toBe(false)
      }),
    )
  })
})
