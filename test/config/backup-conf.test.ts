import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Configuration, findDatabase, frequencyOf } from '../../src/config/index.ts'
import { identityOf } from '../../src/model/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { isRefusalOrNone, problemOf, problemsIn, read, readLines } from './read.ts'

function specsOf({ databases }: Configuration): string[] {
  return databases.map(({ spec }) => identityOf(spec))
}

describe('backup.conf', () => {
  test('is read in the order of its lines', async () => {
    const configuration = await readLines(
      '# All our databases',
      'postgres=postgresql:5432/TheOrgBook_Database',
      '',
      'wallet-db/tob_holder',
      '0 1 * * * default ./backup.sh -s',
      '0 4 * * * default ./backup.sh -s -v all',
    )

    expect(specsOf(configuration)).toStrictEqual([
      'postgres=postgresql:5432/TheOrgBook_Database',
      'postgres=wallet-db:5432/tob_holder',
    ])
    expect(configuration).toMatchObject({ databasesFrom: 'file', confPath: 'backup.conf' })
    expect(configuration.schedule.map(({ from }) => from)).toStrictEqual([5, 6])
    expect(configuration.warnings).toStrictEqual([])
  })

  test.each([
    ['blanks around a line', ' pg/app \n\t0 1 * * * default ./backup.sh -s\t'],
    ['Windows line ends', 'pg/app\r\n0 1 * * * default ./backup.sh -s\r\n'],
    ['a byte-order mark', '\u{FEFF}pg/app\n0 1 * * * default ./backup.sh -s'],
    ['comments', '# pg/old\npg/app # prod\n  # more\n0 1 * * * default ./backup.sh -s'],
  ])('D-28: %s change nothing', async (_what, text) => {
    const configuration = await read({}, { 'backup.conf': text })

    expect(specsOf(configuration)).toStrictEqual(['postgres=pg:5432/app'])
    expect(configuration.schedule).toMatchObject([{ command: './backup.sh -s' }])
  })

  test('D-28: keeps a "#" that is part of a name', async () => {
    const { databases } = await readLines('pg/a#b', 'pg/c%20#d # a comment')

    expect(databases.map(({ spec }) => spec.database)).toStrictEqual(['a#b', 'c #d'])
  })

  test.each([
    'pg',
    'some words',
    'pg/app/',
    'postgre=db/app',
    'name = shop',
    'format=custom',
    'S3_BUCKET=team/backups',
    'PGSSLMODE = require',
    '- pg/app',
    '"pg/app"',
    '[pg/app',
  ])('D-28: %j is a mistake, and not a schedule', async (line) => {
    const [problem] = await problemsIn('0 1 * * * default ./backup.sh -s', 'pg/other', line)

    expect(problem).toMatch(/^backup\.conf:3: \S.*\. \S.*[.?]$/u)
  })

  test('has all its mistakes, and those of the environment, reported at once', async () => {
    const text = 'pg:x/app\npg/ok\n61 * * * * default x\n[pg/ok]\nnames = shop'
    const { message, reason, advice, exitStatus } = await refusalOf(
      read({ NUM_BACKUPS: 'many', FINGERPRINT: 'all' }, { 'backup.conf': text }),
    )

    expect(message).toBe('The configuration has 5 mistakes.')
    expect(reason.split('\n').map((line) => line.split(': ')[0])).toStrictEqual([
      'NUM_BACKUPS',
      'FINGERPRINT',
      'backup.conf:1',
      'backup.conf:3',
      'backup.conf:5',
    ])
    expect(advice).toContain('Nothing was touched')
    expect(exitStatus).toBe(2)
  })

  test('that names a database twice has it once, with a warning', async () => {
    const configuration = await readLines('pg/app', 'postgres=PG:5432/app?name=again', 'pg/b')

    expect(specsOf(configuration)).toStrictEqual(['postgres=pg:5432/app', 'postgres=pg:5432/b'])
    expect(configuration.databases[0]?.core).toBe('pg-app')
    expect(configuration.warnings).toHaveLength(1)
    expect(configuration.warnings[0]).toMatch(/^backup\.conf:2: .*backup\.conf:1 again/u)
  })

  test('has its ports filled in from POSTGRESQL_PORT_NUM', async () => {
    const configuration = await read(
      { POSTGRESQL_PORT_NUM: '5444' },
      { 'backup.conf': 'a/b\nc:1/d' },
    )

    expect(specsOf(configuration)).toStrictEqual(['postgres=a:5444/b', 'postgres=c:1/d'])
  })

  test('is understood or refused, whatever is in it', async () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[\w =:/?%@[\]#.&*]*$/u),
      fc.constantFrom('pg/app', '[pg/app]', '[[::1]/app]', 'name = x', '* * * * * a b', 'TZ=a/b'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        expect(await problemOf(readLines(...lines))).toSatisfy(isRefusalOrNone)
      }),
      { numRuns: 500 },
    )
  })
})

describe('where backup.conf is', () => {
  const elsewhere = { '/etc/b.conf': 'a/b', '/backup.conf': 'c/d', 'backup.conf': 'e/f' }

  test.each([
    [{ BACKUP_CONF: '/etc/b.conf' }, elsewhere, '/etc/b.conf'],
    [{ BACKUP_CONF: '' }, elsewhere, 'backup.conf'],
    [{}, elsewhere, 'backup.conf'],
    [{}, { '/backup.conf': 'c/d' }, '/backup.conf'],
    [{}, {}, null],
  ])('%j: in the right place (%#)', async (environment, files, confPath) => {
    expect(await read(environment, files)).toMatchObject({ confPath })
  })

  test('a file that is set and missing is a mistake', async () => {
    const { reason, exitStatus } = await refusalOf(
      read({ BACKUP_CONF: '/etc/b.conf' }, { 'backup.conf': 'a/b' }),
    )

    expect(reason).toMatch(/^BACKUP_CONF: There is no file \/etc\/b\.conf\./u)
    expect(exitStatus).toBe(2)
  })
})

describe('the database of the environment', () => {
  test('is the only one when there is no file', async () => {
    const configuration = await read()

    expect(configuration.databases[0]?.spec.written).toBe('postgresql:5432/my_postgres_db')
    expect(configuration).toMatchObject({ databasesFrom: 'environment', confPath: null })
  })

  test('is the only one when the file has schedules but no database', async () => {
    const configuration = await readLines('0 1 * * * default ./backup.sh -s', 'TZ=UTC')

    expect(specsOf(configuration)).toStrictEqual(['postgres=postgresql:5432/my_postgres_db'])
    expect(configuration).toMatchObject({ databasesFrom: 'environment', confPath: 'backup.conf' })
  })

  test('D-29: may be named by DATABASE_NAME and reached at DEFAULT_PORT', async () => {
    const configuration = await read({
      DATABASE_SERVICE_NAME: 'db.example.org',
      DATABASE_NAME: 'my app',
      DEFAULT_PORT: '5433',
    })

    expect(specsOf(configuration)).toStrictEqual(['postgres=db.example.org:5433/my%20app'])
  })

  test('may have an IPv6 address, and any name, as it is', async () => {
    const { databases } = await read({ DATABASE_SERVICE_NAME: '::1', POSTGRESQL_DATABASE: 'a/b%' })

    expect(databases[0]?.spec).toMatchObject({ host: '::1', database: 'a/b%' })
    expect(databases[0]?.spec.written).toBe('[::1]:5432/a%2Fb%25')
    expect(databases[0]?.core).toBe('%3A%3A1-a%2Fb%25')
  })

  test('has its options in a section, like any other', async () => {
    const { databases } = await readLines('[postgresql/my_postgres_db]', 'name = shop')

    expect(databases[0]?.core).toBe('shop')
  })
})

describe('lines of engines that are not here', () => {
  test('are skipped with a warning, and not looked into', async () => {
    const configuration = await readLines('mongo=a,b:27017/x/y', 'pg/app', 'MSSQL=sql/crm')

    expect(specsOf(configuration)).toStrictEqual(['postgres=pg:5432/app'])
    expect(configuration.skipped).toStrictEqual([
      {
        written: 'mongo=a,b:27017/x/y',
        line: 1,
        reason: 'mongo is not available in this container.',
      },
      { written: 'MSSQL=sql/crm', line: 3, reason: 'mssql is not available in this container.' },
    ])
    expect(configuration.warnings).toStrictEqual([
      'backup.conf:1: Skipped, mongo is not available in this container.',
      'backup.conf:3: Skipped, mssql is not available in this container.',
    ])
  })

  test('keep the environment from describing a database that nobody meant', async () => {
    const configuration = await readLines('mongo=mongodb:27017/chat')

    expect(configuration.databases).toStrictEqual([])
    expect(configuration.warnings.at(-1)).toContain('nothing will be backed up')
  })

  test('may have sections', async () => {
    const { databases } = await readLines(
      'pg/app',
      'mongo=mongodb/chat',
      '[mongodb/chat]',
      'anything = goes',
      '[pg/app]',
      'name = shop',
    )

    expect(databases).toMatchObject([{ core: 'shop' }])
  })
})

describe('sections', () => {
  test('give options to the database that they name', async () => {
    const { databases } = await readLines(
      'pg/app',
      'postgres=db.example.org:5433/a.b',
      '[::1]/c',
      '[db.example.org/a.b] # the shop',
      '; a comment',
      '# another',
      'name = my.shop ; yes',
      '[postgres=[::1]:5432/c]',
      'name=six',
    )

    expect(databases.map(({ core }) => core)).toStrictEqual(['pg-app', 'my.shop', 'six'])
    expect(databases[1]?.options).toStrictEqual({ name: 'my.shop' })
  })

  test.each([
    ['[pg/other]', 'backup.conf:3: pg/other is none of the configured databases. There are: '],
    ['[pg]', 'backup.conf:3: "pg" names no database.'],
    ['[pg/app', 'backup.conf:3: The section has no closing "]".'],
    ['[pg/app?name=x]', 'backup.conf:3: A section is named without "?"'],
  ])('%s: %s', async (header, words) => {
    const [problem] = await problemsIn('pg/app', '', header)

    expect(problem).toContain(words)
  })

  test('that may mean two databases are refused, with both to choose from', async () => {
    const [problem] = await problemsIn('pg:1/app', 'pg:2/app?name=b', '[pg/app]', 'name = a')

    expect(problem).toContain('postgres=pg:1/app, postgres=pg:2/app')
  })

  test.each([
    ['pg/other', 'In a section there are only options'],
    ['postgres=pg/other', 'In a section there are only options'],
    ['0 1 * * * default ./backup.sh -s', 'In a section there are only options'],
    ['[::1]/other', 'In a section there are only options'],
    ['colour = red', 'There is no option "colour". Options are name, '],
    ['nane = shop', 'Did you mean name?'],
    ['name =', 'The option name has no value.'],
    ['name = ../x', 'a character that no core name may have'],
    ['name = .hidden', 'begins with a dot'],
    ['name = a b', 'a character that no core name may have'],
    ["name = '[1]'", 'a character that no core name may have'],
    ['toString = x', 'There is no option "toString"'],
    ['constructor = x', 'There is no option "constructor"'],
  ])('refuse %j: %s', async (line, words) => {
    const [problem] = await problemsIn('pg/app', '[pg/app]', line)

    expect(problem).toContain('backup.conf:3: ')
    expect(problem).toContain(words)
  })

  test.each(['true', 'null', '42', '"42"'])('take %s for the word it is', async (word) => {
    const { databases } = await readLines('pg/app', '[pg/app]', `name = ${word}`)

    expect(databases[0]?.core).toBe(word.replaceAll('"', ''))
  })

  test('refuse an option that was given already', async () => {
    const [problem] = await problemsIn('pg/app?name=a', '[pg/app]', 'name = b')

    expect(problem).toContain('backup.conf:3: The option name is given twice')
  })

  test('choose the frequency of a database, else BACKUP_FREQUENCY does', async () => {
    const { databases, settings } = await readLines(
      'pg/app?frequency=weekly',
      'pg/other',
      '[pg/other]',
      'frequency = 6h',
    )

    expect(databases.map((database) => frequencyOf(database, settings)?.written)).toStrictEqual([
      'weekly',
      '6h',
    ])
    const all = await read({ BACKUP_FREQUENCY: 'Daily' }, { 'backup.conf': 'pg/app' })
    expect(all.databases.map((it) => frequencyOf(it, all.settings))).toStrictEqual([
      { written: 'daily', kind: 'every', hours: 24 },
    ])
  })

  test('choose format and jobs of a database', async () => {
    const { databases, warnings } = await readLines('pg/app?format=Custom&jobs=4')

    expect(databases[0]?.options).toStrictEqual({ format: 'Custom', jobs: '4' })
    expect(warnings).toStrictEqual([])
  })

  test.each([
    ['format=tar', 'format cannot be "tar"'],
    ['jobs=0', 'jobs cannot be "0"'],
    ['jobs=many', 'jobs cannot be "many"'],
    ['frequency=hourly', 'frequency cannot be "hourly"'],
  ])('refuse %s', async (option, expected) => {
    const [problem] = await problemsIn(`pg/app?${option}`)

    expect(problem).toContain(`backup.conf:1: The option ${expected}`)
  })
})

describe('core names', () => {
  test('that two databases share are warned of, with the way out', async () => {
    const { databases, warnings } = await readLines('h-a/b', 'h/a-b', 'pg:1/x', 'pg:2/x', 'pg/y')

    expect(databases.map(({ core }) => core)).toStrictEqual([
      'h-a-b',
      'h-a-b',
      'pg-x',
      'pg-x',
      'pg-y',
    ])
    expect(warnings).toHaveLength(2)
    expect(warnings[1]).toContain('pg:1/x and pg:2/x share the name pg-x')
    expect(warnings[1]).toContain('name = …')
  })

  test('must leave room for the rest of a file name', async () => {
    const room = 255 - '_2026-11-20_01-00-00.sql.gz.in_progress'.length
    const fits = `pg/${'x'.repeat(room - 'pg-'.length)}`

    const { databases } = await readLines(fits)
    const [problem] = await problemsIn(`${fits}x`)

    expect(databases).toHaveLength(1)
    expect(problem).toContain('backup.conf:1: ')
    expect(problem).toContain('1 bytes too long')
    expect(problem).toContain('name = …')
    expect((await readLines(`${fits}x?name=short`)).databases[0]?.core).toBe('short')
  })
})

describe('assignments', () => {
  test.each([
    ['PGSSLMODE=require', 'require'],
    ['PATH=/usr/local/bin:/usr/bin', '/usr/local/bin:/usr/bin'],
    ['TZ=America/Vancouver', 'America/Vancouver'],
    ['SHELL=/bin/bash', '/bin/bash'],
    ['MAILTO=', ''],
    ['HTTP_PROXY=http://proxy:3128/', 'http://proxy:3128/'],
    ['GREETING=hello there # a comment', 'hello there'],
    ['HOURS=1 2 3 4 5 6 7 8', '1 2 3 4 5 6 7 8'],
    ['PGOPTIONS=-c statement_timeout=0', '-c statement_timeout=0'],
    ['MORNING=0 1 * * *', '0 1 * * *'],
    ['CONTACT=ask @team', 'ask @team'],
    ['HINT="as 0 1 * * * default ./backup.sh -s"', '"as 0 1 * * * default ./backup.sh -s"'],
  ])('%s is one', async (line, value) => {
    const { assignments, databases } = await readLines('pg/app', line)

    expect(Object.values(assignments).map((secret) => secret.reveal())).toStrictEqual([value])
    expect(databases).toHaveLength(1)
  })

  test.each([
    ['CRON_TZ=America/Vancouver 0 1 * * * default ./backup.sh -s', 'the TZ of the container'],
    [
      'TZ=America/Vancouver 0 1 * * * default ./backup.sh -s',
      'its zone is the TZ of the container',
    ],
    ['TZ=UTC @daily default ./backup.sh -s', 'its zone is the TZ of the container'],
    ['FOO=bar @every 2h default ./backup.sh -s', 'write FOO above it'],
    ['FOO=bar TZ=UTC 0 1 * jan mon default ./backup.sh -s', 'write FOO above it'],
    ['CRON=0 1 * * * default ./backup.sh -s', 'write CRON above it'],
  ])('%s is a schedule that would be lost', async (line, advice) => {
    const [problem] = await problemsIn('pg/app', line)

    expect(problem).toContain('backup.conf:2: The value of ')
    expect(problem).toContain(`reads as a schedule, which would never be followed. Write the`)
    expect(problem).toContain(advice)
  })

  test.each(['POSTGRE=db/app', 'PATHS=db:5432/app', 'ANY=postgres=db/app'])(
    '%s is none',
    async (line) => {
      expect(await problemsIn(line)).toHaveLength(1)
    },
  )
})

describe('the database that a spec on the command line means', () => {
  const lines = ['postgres=pg:5432/app', 'pg:5433/app?name=second', 'Wallet-DB/my%20wallet']

  test.each([
    ['wallet-db/my wallet', 'postgres=wallet-db:5432/my%20wallet'],
    ['postgres=wallet-db/my%20wallet', 'postgres=wallet-db:5432/my%20wallet'],
    ['pg:5433/app', 'postgres=pg:5433/app'],
    ['pg:5433/app?name=second', 'postgres=pg:5433/app'],
    [' postgresql=pg:5432/app ', 'postgres=pg:5432/app'],
  ])('%j is %s', async (text, identity) => {
    const { spec } = findDatabase(await readLines(...lines), text)

    expect(identityOf(spec)).toBe(identity)
  })

  test.each([
    ['pg/app', 'may be more than one', 'postgres=pg:5432/app, postgres=pg:5433/app'],
    ['pg/other', 'none of the configured', 'postgres=wallet-db:5432/my%20wallet'],
    ['mongo=pg:5432/app', 'none of the configured', 'postgres=pg:5433/app'],
    ['pg:1/app', 'none of the configured', 'postgres=pg:5432/app'],
    ['postgre=pg/app', 'is no type', 'Did you mean postgres?'],
    [
      'wallet-db/mywallet',
      'none of the configured',
      'Did you mean postgres=wallet-db:5432/my%20wallet?',
    ],
    ['pg:5433/ap', 'none of the configured', 'Did you mean postgres=pg:5433/app? There are: '],
    [
      'app',
      'names no database',
      'Did you mean postgres=pg:5432/app or postgres=pg:5433/app? There',
    ],
    ['ap', 'names no database', 'Did you mean postgres=pg:5432/app or postgres=pg:5433/app? There'],
    ['something', 'names no database', 'There are: postgres=pg:5432/app, '],
  ])('%s: refused, %s', async (text, happened, todo) => {
    const configuration = await readLines(...lines)

    expect(() => findDatabase(configuration, text)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(happened),
        advice: expect.stringContaining(todo),
        exitStatus: 2,
      }),
    )
  })
})
