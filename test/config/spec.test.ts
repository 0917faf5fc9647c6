import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSpec } from '../../src/config/index.ts'
import { printSpec, readSpec } from '../../src/config/spec.ts'
import { type DatabaseSpec, engineNames, Refusal } from '../../src/model/index.ts'

const defaults = { engine: 'postgres', port: 5432 } as const

function attempt(text: string): DatabaseSpec | Refusal {
  try {
    return parseSpec(text, defaults)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function refusal(text: string): Refusal {
  const outcome = attempt(text)
  if (outcome instanceof Refusal) return outcome
  throw new Error(`${text} should have been refused.`)
}

describe('a spec that is understood', () => {
  test.each([
    ['pg/app', 'pg', 5432, 'app'],
    ['pg:5433/app', 'pg', 5433, 'app'],
    ['postgres=pg/app', 'pg', 5432, 'app'],
    ['POSTGRES=pg/app', 'pg', 5432, 'app'],
    ['postgresql=pg/app', 'pg', 5432, 'app'],
    ['  postgres = pg/app\t', 'pg', 5432, 'app'],
    ['wallet-db_2/my_wallet-1', 'wallet-db_2', 5432, 'my_wallet-1'],
    ['db.example.org/app', 'db.example.org', 5432, 'app'],
    ['127.0.0.1:5432/app', '127.0.0.1', 5432, 'app'],
    ['[::1]/app', '::1', 5432, 'app'],
    ['[fe80::1%eth0]:5433/app', 'fe80::1%eth0', 5433, 'app'],
    ['pg/a.b', 'pg', 5432, 'a.b'],
    ['pg/my app', 'pg', 5432, 'my app'],
    ['pg/a=b', 'pg', 5432, 'a=b'],
    ['pg/a:5432', 'pg', 5432, 'a:5432'],
    ['pg/a#b', 'pg', 5432, 'a#b'],
    ['pg/$(touch x);"q\'', 'pg', 5432, '$(touch x);"q\''],
    ['pg/Zürich', 'pg', 5432, 'Zürich'],
    ['pg/Z%C3%BCrich', 'pg', 5432, 'Zürich'],
    ['pg/a%2Fb', 'pg', 5432, 'a/b'],
    ['pg/a%3Fb%25', 'pg', 5432, 'a?b%'],
    ['pg/..', 'pg', 5432, '..'],
    ['pg/user@example.org', 'pg', 5432, 'user@example.org'],
  ])('D-28: %j', (text, ...parts) => {
    const [host, port, database] = parts

    expect(parseSpec(text, defaults)).toStrictEqual({
      engine: 'postgres',
      host,
      port,
      database,
      written: text.trim(),
    })
  })

  test.each([
    ['mariadb=db/app', 'mariadb', 3306],
    ['MySQL=db/app', 'mysql', 3306],
    ['mongo=db/app', 'mongo', 27_017],
    ['mssql=db/app', 'mssql', 1433],
    ['db/app', 'postgres', 6543],
    ['mongo=db:1/app', 'mongo', 1],
  ])('%s has the port of its type', (text, engine, port) => {
    expect(parseSpec(text, { engine: 'postgres', port: 6543 })).toMatchObject({ engine, port })
  })

  test('keeps its options apart from what messages show of it', () => {
    const spec = readSpec('postgres=pg/app?name=shop&format=a%26b')

    expect(spec.written).toBe('postgres=pg/app')
    expect(spec.options).toStrictEqual([
      ['name', 'shop'],
      ['format', 'a&b'],
    ])
  })
})

describe('a spec that is refused', () => {
  test.each([
    ['', 'names no database'],
    ['pg', 'names no database'],
    ['pg/', 'names no database'],
    ['/app', 'names no host'],
    ['postgres=/app', 'names no host'],
    [':5432/app', 'names no host'],
    ['pg:/app', 'port after ":" is missing'],
    ['pg:0/app', 'is no port'],
    ['pg:65536/app', 'is no port'],
    ['pg:5432x/app', 'is no port'],
    ['pg:-1/app', 'is no port'],
    ['::1/app', 'more than one ":"'],
    ['[::1]5432/app', 'more than one ":"'],
    ['[pg]/app', 'is no host'],
    ['-pg/app', 'is no host'],
    ['p g/app', 'is no host'],
    ['p$g/app', 'is no host'],
    ['zürich/app', 'is no host'],
    ['pg/a/b', 'second "/"'],
    ['pg/app frequency=weekly', 'pg/app?frequency=weekly'],
    ['pg/100%', 'write a percent sign itself as %25'],
    ['pg/%ff', 'percent-encoded byte of UTF-8'],
    ['pg/%00', 'zero byte'],
    ['pg/\uD800', 'UTF-8'],
    ['oracle=pg/app', 'types are postgres, mariadb, mysql, mongo, mssql'],
    ['=pg/app', 'is no type'],
    ['pg/app?name', 'options after "?" are not complete'],
    ['pg/app?name=', 'options after "?" are not complete'],
    ['pg/app?', 'options after "?" are not complete'],
    ['pg/app?name=shop', 'has no options'],
  ])('%j: %s', (text, words) => {
    const { message, advice, exitStatus } = refusal(text)

    expect(`${message} ${advice}`.toLowerCase()).toContain(words.toLowerCase())
    expect(exitStatus).toBe(2)
  })

  test('shows how to write a name with a "/"', () => {
    expect(refusal('pg:5432/a/b').advice).toContain('pg:5432/a%2Fb')
  })

  test.each([
    ['postgre=db/app', 'postgres'],
    ['postgress=db/app', 'postgres'],
    ['mongodb=db/app', 'mongo'],
    ['marriadb=db/app', 'mariadb'],
  ])('%s asks whether %s was meant', (text, meant) => {
    expect(refusal(text).advice).toBe(`Did you mean ${meant}?`)
  })

  test.each([
    'postgres://app:hunter2@pg/app',
    'postgresql://app:hunter2=@pg:5432/app?sslmode=require',
    'postgres=app:hunter2@pg/app',
    'app:hunter2@pg/app',
    'app:hunt/hunter2@pg/app',
    'postgres://app:x?hunter2@pg/app',
    'pg:hunter2/app',
  ])('a password pasted into it is not repeated: %s', (text) => {
    const { message, advice } = refusal(text)

    expect(message + advice).not.toContain('hunter2')
  })
})

const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('postgresql', 'wallet-db', 'DB_1'),
)
const database = fc
  .string({ unit: 'binary', minLength: 1 })
  .filter((name) => name.isWellFormed() && !name.includes('\0'))

describe('any spec', () => {
  test('comes back as it was printed', () => {
    const parts = fc.record({
      engine: fc.constantFrom(null, ...engineNames),
      host,
      port: fc.option(fc.integer({ min: 1, max: 65_535 })),
      database,
    })
    fc.assert(
      fc.property(parts, (spec) => {
        expect(readSpec(printSpec(spec))).toMatchObject(spec)
      }),
    )
  })

  test('is understood or refused, whatever the text is', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[a-z=:/?%@[\]#. &0-9]*$/u),
    )
    fc.assert(
      fc.property(text, (written) => {
        const outcome = attempt(written)
        const isWhole =
          !(outcome instanceof Refusal) && outcome.host !== '' && outcome.database !== ''
        expect(isWhole || outcome instanceof Refusal).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
