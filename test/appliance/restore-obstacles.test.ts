import { chmod } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { environmentOf, quoted, specOf, uniqueName } from '../support/test-database.ts'
import { type BackedUp, backedUp, namesLike } from './restore-setting.ts'

const oidSql = 'SELECT oid FROM pg_database WHERE datname = current_database()'

async function expectUntouched(it: BackedUp, server = sharedPostgres()): Promise<void> {
  expect(await it.rows()).toBe('0')
  expect(await namesLike(it.database.name, server)).toBe(it.database.name)
}

describe('what is told', () => {
  test.each([
    [
      'a wrong ADMIN_PASSWORD',
      { ADMIN_PASSWORD: 'wrong' },
      /ADMIN_PASSWORD\) or ADMIN_USER \(now postgres\)/u,
    ],
    ['a wrong password of its own', { DATABASE_PASSWORD: 'wrong' }, /127_0_0_1|DATABASE_PASSWORD/u],
  ])('names the settings in use for %s', async (_what, env, advice) => {
    await using it = await backedUp()

    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'], { env })

    expect(status).toBe(1)
    expect(stderr).toMatch(advice)
    expect(/ADMIN/u.test(stderr)).toBe('ADMIN_PASSWORD' in env)
    await expectUntouched(it)
  })

  test('is asked of the server: a database that is still the same one', async () => {
    await using it = await backedUp()
    const oid = await it.database.psql(oidSql)
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', 'SELECT nothing_like_it();\nCOPY public.t '),
    )

    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])

    expect(status).toBe(1)
    expect(stderr).toMatch(/does not exist \(line \d+\)\. The present database is as it was\./u)
    expect(await it.database.psql(oidSql)).toBe(oid)
  })

  test.each([
    ['another one', (name: string) => `CREATE DATABASE ${name}`, 'is another one now'],
    ['none', () => 'SELECT 1', 'There is no database'],
  ])('is asked of the server: %s since somebody changed it', async (_what, instead, told) => {
    await using it = await backedUp()
    const server = sharedPostgres()
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', 'SELECT pg_sleep(1000);\nCOPY public.t '),
    )
    await using running = it.here.start(['-r', it.database.spec, '--yes'])
    const sleeperSql = `FROM pg_stat_activity WHERE datname LIKE '${it.database.name}_restoring%' AND wait_event = 'PgSleep'`
    await expect
      .poll(() => server.psql('postgres', `SELECT count(*) ${sleeperSql}`), { timeout: 10_000 })
      .toBe('1')
    await server.psql('postgres', `DROP DATABASE ${quoted(it.database.name)}`)
    await server.psql('postgres', instead(quoted(it.database.name)))
    await server.psql('postgres', `SELECT pg_terminate_backend(pid) ${sleeperSql}`)

    const { status, stderr } = await running.done

    expect(status).toBe(1)
    expect(stderr).toContain(told)
    expect(stderr).not.toContain('is as it was')
  })

  test('says that it could not ask when the server is gone', async () => {
    await using server = await startPostgres()
    const it = await backedUp({}, '', server)
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', 'SELECT pg_sleep(1000);\nCOPY public.t '),
    )
    await using running = it.here.start(['-r', it.database.spec, '--yes'])
    await expect
      .poll(
        () =>
          server.psql(
            'postgres',
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
          ),
        { timeout: 10_000 },
      )
      .toBe('1')
    await server.kill()

    const { status, stderr } = await running.done

    expect(status).toBe(1)
    expect(stderr).toContain(`Whether ${it.database.name} is as it was could not be asked.`)
    expect(stderr).not.toContain('The present database is as it was')
    await it.here[Symbol.asyncDispose]()
  })

  test('for a spec that is only nearly one: which was meant, and which there are', async () => {
    await using here = await site([
      'postgres=127.0.0.1:1/application',
      'postgres=127.0.0.1:1/other',
    ])

    const { status, stderr } = await here.run(['-r', 'aplication', '--yes'])

    expect(status).toBe(2)
    expect(stderr).toContain('Did you mean postgres=127.0.0.1:1/application?')
    expect(stderr).toContain(
      'There are: postgres=127.0.0.1:1/application, postgres=127.0.0.1:1/other.',
    )
  })
})

describe('what blocks the swap or the drop', () => {
  test('prepared transactions: nothing changes, and it says how to end them', async () => {
    await using server = await startPostgres({ settings: { max_prepared_transactions: '5' } })
    await using it = await backedUp({}, '', server)
    await it.database.psql("BEGIN; INSERT INTO t VALUES (99); PREPARE TRANSACTION 'left over'")

    const beside = await it.here.run(['-r', it.database.spec, '--yes'])
    const inPlace = await it.here.run(['-r', it.database.spec, '--yes', '--in-place'])

    for (const { status, stderr } of [beside, inPlace]) {
      expect(status).toBe(1)
      expect(stderr).toContain('prepared transactions')
      expect(stderr).toContain('ROLLBACK PREPARED')
      expect(stderr).toContain('The present database is as it was.')
    }
    expect(beside.stderr).toContain('left over')
    await expectUntouched(it, server)
    await it.database.psql("ROLLBACK PREPARED 'left over'")
    expect(await it.here.run(['-r', it.database.spec, '--yes'])).toMatchObject({ status: 0 })
    expect(await it.rows()).toBe('10')
  })

  test('a replication slot that nobody reads goes with the old database, after a warning', async () => {
    await using server = await startPostgres({ settings: { wal_level: 'logical' } })
    await using it = await backedUp({}, '', server)
    await it.database.psql("SELECT pg_create_logical_replication_slot('reader', 'pgoutput')")

    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])

    expect(status).toBe(0)
    expect(stderr).toContain('has 1 replication slots, which go with it')
    expect(await it.rows()).toBe('10')
    expect(await server.psql('postgres', 'SELECT count(*) FROM pg_replication_slots')).toBe('0')
  })

  test('a subscription stops a restore in place before anything is gone', async () => {
    await using it = await backedUp()
    await it.database.psql(
      "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)",
    )

    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes', '--in-place'])

    expect(status).toBe(1)
    expect(stderr).toContain('DROP SUBSCRIPTION')
    expect(stderr).toContain('The present database is as it was.')
    await expectUntouched(it)
    await it.database.psql('ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s')
  })

  test('the next restore names what an earlier one could not drop', async () => {
    await using it = await backedUp()
    await it.database.psql(
      "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)",
    )
    await it.here.run(['-r', it.database.spec, '--yes'])
    const [, old = ''] = (await namesLike(it.database.name, sharedPostgres())).split('\n')

    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])

    expect(status).toBe(0)
    expect(stderr).toContain(`The database ${old} is still there`)
    await sharedPostgres().psql(
      old,
      'ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s',
    )
  })
})

describe('tablespaces', () => {
  const elsewhere = `SET default_tablespace = "Fast disk"; CREATE TABLE far AS SELECT 1 AS i;
    RESET default_tablespace; CREATE INDEX near ON far (i) TABLESPACE "Fast disk"`
  const placesSql = `SELECT relname, spcname FROM pg_class LEFT JOIN pg_tablespace s ON s.oid = reltablespace
    WHERE relname IN ('far', 'near') ORDER BY 1`

  async function serverWithTablespace(): Promise<PostgresServer> {
    const server = await startPostgres({ settings: { allow_in_place_tablespaces: 'on' } })
    await server.psql('postgres', `CREATE TABLESPACE "Fast disk" LOCATION ''`)
    return server
  }

  test.each(['plain', 'custom', 'directory'])(
    'are no obstacle to a verification: %s',
    async (format) => {
      await using server = await serverWithTablespace()
      await using it = await backedUp({ FORMAT: format }, elsewhere, server)
      await chmod(it.here.folder.path, 0o711)
      const env = { VERIFICATION_DIR: it.here.folder.join('verification') }

      const { status, stdout, stderr } = await it.here.run(['-v', 'all', '--json'], { env })

      expect(stderr).not.toContain('ERROR')
      expect(JSON.parse(stdout)).toMatchObject({
        results: [{ verdict: 'verified', differences: [] }],
      })
      expect(status).toBe(0)
    },
  )

  test('stay as they were, that of the database too', async () => {
    await using server = await serverWithTablespace()
    await using it = await backedUp({}, elsewhere, server)
    const name = quoted(it.database.name)
    await server.psql('postgres', `ALTER DATABASE ${name} SET TABLESPACE pg_default`)
    await server.psql('postgres', `CREATE TABLESPACE own LOCATION ''; `)
    await server.psql('postgres', `ALTER DATABASE ${name} SET TABLESPACE own`)
    const before = await it.database.psql(placesSql)

    expect(await it.here.run(['-r', it.database.spec, '--yes'])).toMatchObject({
      status: 0,
      stderr: '',
    })

    expect(await it.database.psql(placesSql)).toBe(before)
    expect(
      await it.database.psql(
        'SELECT spcname FROM pg_database d JOIN pg_tablespace s ON s.oid = dattablespace WHERE datname = current_database()',
      ),
    ).toBe('own')
  })

  test.each(['plain', 'custom'])(
    'that the server lacks are named, and -I goes on without: %s',
    async (format) => {
      await using server = await serverWithTablespace()
      await using it = await backedUp({ FORMAT: format }, elsewhere, server)
      const other = uniqueName('other')
      const to = specOf(sharedPostgres(), other)
      const env = environmentOf(sharedPostgres().superuser)

      const refused = await it.here.run(['-r', it.database.spec, '--to', to, '--yes'], { env })
      const forced = await it.here.run(['-r', it.database.spec, '--to', to, '--yes', '-I'], { env })

      expect(refused.status).toBe(1)
      expect(refused.stderr).toContain('Fast disk')
      expect(refused.stderr).toContain('CREATE TABLESPACE')
      expect(forced.status).toBe(0)
      expect(forced.stderr).toContain('SQL errors were passed over')
      expect(await sharedPostgres().psql(other, 'SELECT i FROM far')).toBe('1')
      await sharedPostgres().psql('postgres', `DROP DATABASE ${other}`)
    },
  )
})

test('an extension that the server lacks is named before anything is touched', async () => {
  await using it = await backedUp()
  const wanting = 'CREATE EXTENSION IF NOT EXISTS nowhere WITH SCHEMA public;\n\nCREATE TABLE'
  await it.makeForeign((sql) => sql.replace('CREATE TABLE', () => wanting))

  for (const flags of [['--dry-run'], ['--yes']]) {
    const { status, stderr } = await it.here.run(['-r', it.database.spec, ...flags])
    expect(status).toBe(1)
    expect(stderr).toContain('extensions that are not available on the server: nowhere.')
  }
  await expectUntouched(it)
})

describe('statements about roles among the contents of the database', () => {
  const planted = (role: string) => (sql: string) =>
    sql.replace('COPY public.t ', () => `CREATE ROLE ${role} SUPERUSER LOGIN;\nCOPY public.t `)
  const isThere = async (role: string) =>
    (await sharedPostgres().psql(
      'postgres',
      `SELECT 1 FROM pg_roles WHERE rolname = '${role}'`,
    )) === '1'

  test('of an archive without manifest are refused, unless --roles trusts it', async () => {
    await using it = await backedUp()
    const role = uniqueName('planted')
    await it.makeForeign(planted(role))

    const refused = await it.here.run(['-r', it.database.spec, '--yes'])

    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain(`CREATE ROLE ${role} SUPERUSER LOGIN;`)
    expect(refused.stderr).toContain('--roles')
    expect(await isThere(role)).toBe(false)
    await expectUntouched(it)
    const ignoring = await it.here.run(['-r', it.database.spec, '--yes', '-I'])
    expect(ignoring.status).toBe(1)
    expect(await isThere(role)).toBe(false)

    const trusted = await it.here.run(['-r', it.database.spec, '--yes', '--roles'])

    expect(trusted.status).toBe(0)
    expect(await isThere(role)).toBe(true)
    await sharedPostgres().psql('postgres', `DROP ROLE ${role}`)
  })

  test('never run on a scratch server', async () => {
    await using it = await backedUp()
    await it.makeForeign(planted('planted'))
    await chmod(it.here.folder.path, 0o711)
    const env = { VERIFICATION_DIR: it.here.folder.join('verification') }

    const { status, stdout } = await it.here.run(['-v', 'all', '--json'], { env })

    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ verdict: 'could-not-verify' }] })
  })
})

describe('statements about the whole server among the contents of the database', () => {
  test.each([
    ['DROP DATABASE victim;'],
    ['drop  database if exists "victim";'],
    ['CREATE DATABASE more;'],
    ['ALTER DATABASE victim RENAME TO other;'],
    ["ALTER DATABASE victim SET search_path = 'x';"],
    ["CREATE TABLESPACE far LOCATION '/tmp/far';"],
    ['ALTER DATABASE victim SET TABLESPACE far;'],
    ["ALTER SYSTEM SET log_directory = '/tmp';"],
  ])('of an archive without manifest are refused, with -I too: %s', async (statement) => {
    await using it = await backedUp()
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', () => `${statement}\nCOPY public.t `),
    )

    for (const flags of [['--dry-run'], ['--yes', '-I', '--roles']]) {
      const { status, stderr } = await it.here.run(['-r', it.database.spec, ...flags])

      expect(status).toBe(1)
      expect(stderr).toContain('of the whole server')
      expect(stderr).toMatch(/(?:drop|create|alter)\s+(?:database|tablespace|system)/iu)
      await expectUntouched(it)
    }
  })

  test('but settings of its own database are none', async () => {
    await using it = await backedUp()
    const setting = `ALTER DATABASE ${quoted(it.database.name)} SET work_mem TO '7MB';`
    await it.makeForeign((sql) => sql.replace('COPY public.t ', () => `${setting}\nCOPY public.t `))

    const { status } = await it.here.run(['-r', it.database.spec, '--yes'])

    expect(status).toBe(0)
    expect(await it.rows()).toBe('10')
  })
})

test('a dump of pg_dump --create is refused before anything is loaded, and why', async () => {
  await using it = await backedUp()
  await it.makeForeign((sql) =>
    sql.replace('CREATE TABLE public.t', () => '\\connect app\n\nCREATE TABLE public.t'),
  )

  const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])

  expect(status).toBe(1)
  expect(stderr).toContain('pg_dump --create')
  expect(stderr).toContain('\\connect app')
  await expectUntouched(it)
})
