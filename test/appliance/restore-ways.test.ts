import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { debianBinDir, startPostgres } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import {
  createDatabase,
  createRole,
  environmentOf,
  quoted,
  specOf,
  uniqueName,
} from '../support/test-database.ts'
import { startInTerminal } from '../support/tty.ts'
import { fakeBackup, temporaryFolder } from '../support/volume.ts'
import { type BackedUp, backedUp, namesLike as named } from './restore-setting.ts'

const server = () => sharedPostgres()
const namesLike = async (name: string) => await named(name, server())

/** Sessions in databases of such a name that are held up in the middle of a dump. */
const sleepersIn = async (name: string) =>
  await server().psql(
    'postgres',
    `SELECT count(*) FROM pg_stat_activity WHERE datname LIKE '${name}%' AND wait_event = 'PgSleep'`,
  )

describe('the target', () => {
  test('D-26: may be absent', async () => {
    await using it = await backedUp()
    await it.database.drop()
    const { status } = await it.here.run(['-r', it.database.spec, '--yes'])
    expect(status).toBe(0)
    expect(await it.rows()).toBe('10')
  })

  test('D-26: may have sessions, which are ended', async () => {
    await using it = await backedUp()
    const sleeping = it.database.psql('SELECT pg_sleep(60)').then(
      () => 'slept',
      () => 'ended',
    )
    const { status } = await it.here.run(['-s', '-r', it.database.spec])
    expect(status).toBe(0)
    expect(await sleeping).toBe('ended')
    expect(await it.rows()).toBe('10')
  })

  test('may be another one, in full, with --to; the source stays as it is', async () => {
    await using it = await backedUp()
    const other = `${it.database.name}_copy`
    const to = specOf(server(), other)
    const { status, stdout } = await it.here.run(['-r', it.database.spec, '--to', to, '--yes'])
    expect(status).toBe(0)
    expect(stdout).toContain(`- Target: ${to}`)
    expect(await it.rows(other)).toBe('10')
    expect(await it.rows()).toBe('0')
  })

  test('is kept under a dated name with --keep-old', async () => {
    await using it = await backedUp()
    const { status, stdout } = await it.here.run(['-r', it.database.spec, '--yes', '--keep-old'])
    expect(status).toBe(0)
    const old = /is now called (?<name>\S+)\./u.exec(stdout)?.groups?.['name'] ?? ''
    expect(old).toMatch(new RegExp(`^${it.database.name}_old_\\d{4}-\\d\\d-\\d\\d_`, 'u'))
    expect(await it.rows(old)).toBe('0')
    expect(await it.rows()).toBe('10')
  })

  test.each(['it\'s "odd" $(x) %I :name \\', 'a=b', 'Größe-数据'])(
    'may have any name: %s',
    async (odd) => {
      const name = `${odd} ${uniqueName('')}`
      await using database = await createDatabase(server(), name, 'CREATE TABLE t AS SELECT 1 AS i')
      await database.psql(`ALTER DATABASE ${quoted(name)} SET work_mem = '7MB'`)
      await using here = await site([database.spec])
      expect((await here.run(['-1'])).status).toBe(0)
      await database.psql('DROP TABLE t')
      const { status, stderr } = await here.run(['-r', database.spec, '--yes'])
      expect(stderr).toBe('')
      expect(status).toBe(0)
      expect(await database.psql('SELECT i FROM t')).toBe('1')
      expect(await database.psql('SHOW work_mem')).toBe('7MB')
    },
  )

  test('is dropped first with --in-place', async () => {
    await using it = await backedUp()
    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes', '--in-place'])
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(await it.rows()).toBe('10')
    expect(await namesLike(it.database.name)).toBe(it.database.name)
    expect(
      await it.database.psql(
        'SELECT datconnlimit FROM pg_database WHERE datname = current_database()',
      ),
    ).toBe('-1')
  })

  test('stays when it has a subscription, with a warning and the new one in its place', async () => {
    await using it = await backedUp()
    await it.database.psql(
      "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false)",
    )

    const { status, stdout, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])

    expect(status).toBe(0)
    const old = `${it.database.name}_old_`
    expect(stderr).toContain('has 1 subscriptions')
    expect(stderr).toContain(`could not be dropped and is now called ${old}`)
    expect(stdout).toContain(`is now called ${old}`)
    expect(await it.rows()).toBe('10')
    const [, kept = ''] = (await namesLike(it.database.name)).split('\n')
    await server().psql(kept, 'ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s')
  })

  test.each(['postgres', 'template1', 'template0'])(
    'is never %s in place of another database',
    async (name) => {
      await using it = await backedUp()
      const oidSql = `SELECT oid FROM pg_database WHERE datname = '${name}'`
      const oid = await server().psql('postgres', oidSql)

      const to = specOf(server(), name)
      const { status, stderr } = await it.here.run(['-r', it.database.spec, '--to', to, '--yes'])

      expect(status).toBe(2)
      expect(stderr).toContain(`${to} is not replaced by a restore. Nothing was touched.`)
      expect(await server().psql('postgres', oidSql)).toBe(oid)
    },
  )

  test('a dry run touches nothing', async () => {
    await using it = await backedUp()
    const { status, stdout } = await it.here.run(['-r', it.database.spec, '--dry-run'])
    expect(status).toBe(0)
    expect(stdout).toContain('would be replaced')
    expect(stdout).toContain('Nothing was touched.')
    expect(await it.rows()).toBe('0')
    expect(await namesLike(it.database.name)).toBe(it.database.name)
  })
})

describe('a failing restore leaves the old database, and nothing else', () => {
  test('after an SQL error', async () => {
    await using it = await backedUp()
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', 'SELECT no_such_function();\nCOPY public.t '),
    )
    const { status, stderr, stdout } = await it.here.run(['-r', it.database.spec, '--yes'])
    expect(status).toBe(1)
    expect(stderr).toContain('no_such_function')
    expect(stderr).toContain('The present database is as it was.')
    expect(stdout).not.toContain('Restore complete')
    expect(await it.rows()).toBe('0')
    expect(await namesLike(it.database.name)).toBe(it.database.name)
    const runs = await it.here.runs()
    expect(runs.at(-1)).toMatchObject({ verb: 'restore', result: 'failed' })
  })

  test('for want of room, and names --in-place (the error is made up)', async () => {
    await using it = await backedUp()
    const full = `DO $$ BEGIN RAISE 'could not extend file "base/1/2": No space left on device'
      USING ERRCODE = 'disk_full'; END $$;`
    await it.makeForeign((sql) => sql.replace('COPY public.t ', () => `${full}\nCOPY public.t `))
    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])
    expect(status).toBe(1)
    expect(stderr).toContain('no room for two copies')
    expect(stderr).toContain('--in-place')
    expect(await it.rows()).toBe('0')
  })

  test('but goes on after SQL errors with -I, and says which', async () => {
    await using it = await backedUp()
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', 'SELECT no_such_function();\nCOPY public.t '),
    )
    const { status, stderr } = await it.here.run(['-I', '-r', it.database.spec, '--yes'])
    expect(status).toBe(0)
    expect(stderr).toContain('1 SQL error')
    expect(stderr).toContain('no_such_function')
    expect(await it.rows()).toBe('10')
  })

  test('and with -I names the tables that lost rows, and the line', async () => {
    await using it = await backedUp({}, 'CREATE TABLE "Odd one" AS SELECT \'a\' AS i')
    await it.makeForeign((sql) => sql.replace(/^7$/mu, 'seven'))

    const { status, stderr } = await it.here.run(['-I', '-r', it.database.spec, '--yes'])

    expect(status).toBe(1)
    expect(stderr).toContain('The table public.t is EMPTY: all of its 10 rows are missing.')
    expect(stderr).toContain('Restored with losses')
    const old = /is kept as (\S+), because data is missing.*: DROP DATABASE "\1";/u.exec(
      stderr,
    )?.[1]
    expect(await it.rows(old)).toBe('0')
    expect((await it.here.runs()).at(-1)).toMatchObject({ verb: 'restore', result: 'failed' })
    expect(stderr).toMatch(/invalid input syntax .* \(line \d+ of the dump\)/u)
    expect(stderr).not.toContain('Odd one')
    expect(await it.rows()).toBe('0')
    expect(await it.database.psql('SELECT i FROM "Odd one"')).toBe('a')
  })

  test('a dump with a command for psql does nothing', async () => {
    await using it = await backedUp()
    const trace = join(it.here.folder.path, 'trace')
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', `\\! touch ${trace}\nCOPY public.t `),
    )
    const { status } = await it.here.run(['-r', it.database.spec, '--yes'])
    expect(status).toBe(1)
    await expect(readFile(trace)).rejects.toThrow('ENOENT')
    expect(await it.rows()).toBe('0')
  })

  test('when it is interrupted', async () => {
    await using it = await backedUp()
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', 'SELECT pg_sleep(30);\nCOPY public.t '),
    )
    await using running = it.here.start(['-r', it.database.spec, '--yes'])
    await expect
      .poll(() => namesLike(`${it.database.name}_restoring`), { timeout: 10_000 })
      .not.toBe('')
    running.kill('SIGTERM')
    expect((await running.done).status).toBe(143)
    expect(await it.rows()).toBe('0')
    expect(await namesLike(it.database.name)).toBe(it.database.name)
  })

  test('when it is killed, and the next one clears up', async () => {
    await using it = await backedUp()
    const [path = ''] = await it.here.backups()
    const whole = await readFile(join(it.here.root, path))
    await it.makeForeign((sql) =>
      sql.replace('COPY public.t ', 'SELECT pg_sleep(30);\nCOPY public.t '),
    )
    await using running = it.here.start(['-r', it.database.spec, '--yes'])
    await expect
      .poll(() => namesLike(`${it.database.name}_restoring`), { timeout: 10_000 })
      .not.toBe('')
    await expect.poll(() => sleepersIn(`${it.database.name}_restoring`)).toBe('1')
    running.kill('SIGKILL')
    await running.done
    expect(await it.rows()).toBe('0')
    await writeFile(join(it.here.root, path), whole)
    await expect
      .poll(async () => (await it.here.run(['-r', it.database.spec, '--yes'])).status, {
        timeout: 50_000,
      })
      .toBe(0)
    expect(await it.rows()).toBe('10')
    expect(await namesLike(it.database.name)).toBe(it.database.name)
  }, 90_000)
})

describe('roles', () => {
  test('D-02: existing ones never make it fail, and stay as they are', async () => {
    await using role = await createRole(server())
    await using it = await backedUp({}, `ALTER TABLE t OWNER TO ${quoted(role.user)}`)
    await server().psql('postgres', `ALTER ROLE ${quoted(role.user)} VALID UNTIL '2040-01-01'`)
    const { status } = await it.here.run(['-r', it.database.spec, '--yes', '--roles'])
    expect(status).toBe(0)
    expect(
      await server().psql(
        'postgres',
        `SELECT rolvaliduntil::date FROM pg_roles WHERE rolname = '${role.user}'`,
      ),
    ).toBe('2040-01-01')
    await it.database.drop()
  })

  test.each([
    ['without login', [], 'f|f', ['login and password', 'LOGIN PASSWORD']],
    ['as the archive has them with --roles', ['--roles'], 't|t', ['password', 'PASSWORD']],
  ] as const)('missing ones are created %s', async (...row) => {
    const [, flags, expected, [lack, clause]] = row
    await using own = await startPostgres()
    await using role = await createRole(server(), { attributes: 'CREATEDB' })
    await using it = await backedUp({}, `ALTER TABLE t OWNER TO ${quoted(role.user)}`)
    const to = specOf(own, 'app')
    const { status, stderr } = await it.here.run([
      '-r',
      it.database.spec,
      '--to',
      to,
      '--yes',
      ...flags,
    ])
    expect(stderr).toContain(
      `The role ${role.user} was created without ${lack}. Who logs in needs: ALTER ROLE ${role.user} ${clause} '…'.`,
    )
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(0)
    expect(
      await own.psql(
        'app',
        `SELECT rolcanlogin, rolcreatedb FROM pg_roles WHERE rolname = (SELECT tableowner FROM pg_tables WHERE tablename = 't')`,
      ),
    ).toBe(expected)
    await it.database.drop()
  })
})

describe('rights', () => {
  test('the password after -a is that of ADMIN_USER, and is in no record', async () => {
    await using role = await createRole(server())
    await using it = await backedUp()
    const env = { ...role.environment, ADMIN_USER: 'postgres' }
    const password = server().superuser.password
    const args = ['-s', '-r', it.database.spec, '-a', password]
    const { status, stderr, stdout } = await it.here.run(args, { env })
    expect(stderr).toContain('visible to every user')
    expect(status).toBe(0)
    expect(stdout + stderr + JSON.stringify(await it.here.runs())).not.toContain(password)
    expect(await it.rows()).toBe('10')
  })

  test('without CREATEDB it says so and names --in-place, which then works for the owner', async () => {
    await using role = await createRole(server())
    const database = await createDatabase(server())
    await server().psql(
      'postgres',
      `ALTER DATABASE ${quoted(database.name)} OWNER TO ${quoted(role.user)}`,
    )
    await database.psql(
      'CREATE SCHEMA s; CREATE TABLE s.t AS SELECT generate_series(1, 5) AS i',
      role,
    )
    await using here = await site([database.spec], role.environment)
    expect((await here.run(['-1'])).status).toBe(0)
    await database.psql('DROP TABLE s.t; CREATE TABLE public.later (i int)', role)

    const refused = await here.run(['-r', database.spec, '--yes'])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('may not create databases')
    expect(refused.stderr).toContain('With --in-place')
    const absent = specOf(server(), uniqueName('absent'))
    const created = await here.run(['-r', database.spec, '--to', absent, '--in-place', '--yes'])
    expect(created.stderr).toMatch(
      /made empty \(CREATE DATABASE \S+ OWNER \S+\), and add --in-place/u,
    )

    const { status, stderr } = await here.run(['-r', database.spec, '--yes', '--in-place'])
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(await database.psql('SELECT count(*) FROM s.t', role)).toBe('5')
    expect(await database.psql("SELECT to_regclass('public.later') IS NULL")).toBe('t')
    await database.psql('CREATE TABLE public.mine (i int)', role)

    const asAdmin = { ADMIN_PASSWORD: server().superuser.password }
    const swapped = await here.run(['-r', database.spec, '--yes'], { env: asAdmin })
    expect(swapped.status).toBe(0)
    expect(await database.psql('SELECT count(*) FROM s.t', role)).toBe('5')
    await database.psql('CREATE TABLE public.mine (i int)', role)
    await database.drop()
  })
})

describe('where the database postgres lets nobody in', () => {
  test('another one serves, and without any it says what to grant', async () => {
    await using own = await startPostgres()
    await using role = await createRole(own, { attributes: 'CREATEDB' })
    await own.psql('postgres', `CREATE DATABASE app OWNER ${quoted(role.user)}`)
    await own.psql('app', 'CREATE TABLE t AS SELECT 1 AS i', role)
    const spec = specOf(own, 'app')
    await using here = await site([spec], role.environment)
    expect((await here.run(['-1'])).status).toBe(0)

    await own.psql('postgres', 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC')
    const byTemplate = await here.run(['-r', spec, '--dry-run'])
    await own.psql('postgres', 'REVOKE CONNECT ON DATABASE template1 FROM PUBLIC')
    const byNone = await here.run(['-r', spec, '--dry-run'])

    expect(byTemplate).toMatchObject({ status: 0, stderr: '' })
    expect(byNone.status).toBe(1)
    expect(byNone.stderr).toContain('permission denied for database "postgres"')
    expect(byNone.stderr).toContain('GRANT CONNECT ON DATABASE')
    expect(byNone.stderr).not.toContain('pg_read_all_data')
    await own.psql('postgres', 'DROP DATABASE app')
  })
})

test('a reconnect storm does not disturb the swap', async () => {
  await using it = await backedUp()
  const over = new AbortController()
  let connections = 0
  const client = async () => {
    while (!over.signal.aborted) {
      await it.database.psql('SELECT pg_sleep(0.2)').then(
        () => (connections += 1),
        () => undefined,
      )
    }
  }
  const clients = Array.from({ length: 12 }, client)
  await expect.poll(() => connections, { timeout: 10_000 }).toBeGreaterThan(5)
  for (let round = 0; round < 3; round += 1) {
    const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])
    expect(stderr).toBe('')
    expect(status).toBe(0)
  }
  over.abort()
  await Promise.all(clients)
  expect(await it.rows()).toBe('10')
  expect(await namesLike(it.database.name)).toBe(it.database.name)
}, 60_000)

describe('the choice', () => {
  test('-f is a filter over path and time, newest first, and says what it picked', async () => {
    await using it = await backedUp()
    const [path = ''] = await it.here.backups()
    await fakeBackup(it.here.root, { core: 'other-thing', at: new Date(2030, 1, 1) })
    await writeFile(join(it.here.root, path.replace('.sql.gz', '9.sql.gz.in_progress')), 'x')
    const { status, stdout } = await it.here.run([
      '-r',
      it.database.spec,
      '-f',
      it.database.name,
      '--yes',
    ])
    expect(status).toBe(0)
    expect(stdout).toContain(`- Backup file: ${it.here.root}/${path}`)
  })

  test('-f that finds several takes no other database’s, and says what it passed over', async () => {
    await using it = await backedUp()
    await fakeBackup(it.here.root, { core: 'other-thing', at: new Date(2030, 1, 1) })

    const { status, stdout, stderr } = await it.here.run([
      '-r',
      it.database.spec,
      '-f',
      '_',
      '--yes',
    ])

    expect(status).toBe(0)
    expect(stdout).toContain(`- Backup file: ${it.here.root}/${it.path}`)
    expect(stderr).toMatch(/passed over: \S*other-thing\S* \(of other-thing\)/u)
    expect(await it.rows()).toBe('10')
  })

  test('-f that finds several takes no bad one, and none when none is left; its path names it', async () => {
    await using it = await backedUp()
    await fakeBackup(it.here.root, { core: 'other-thing', at: new Date(2030, 1, 1) })
    const whole = await readFile(join(it.here.root, it.path))
    await writeFile(join(it.here.root, it.path), whole.subarray(0, whole.length - 9))

    const several = await it.here.run(['-r', it.database.spec, '-f', '_', '--yes'])
    const alone = await it.here.run(['-r', it.database.spec, '-f', it.path, '--yes'])

    expect(several.status).toBe(1)
    expect(several.stderr).toContain('2 backups match "_", and none is a good one')
    expect(several.stderr).toContain(`${it.path} (bad: `)
    expect(alone.stderr).toContain('looks bad')
    expect(alone.status).toBe(1)
    expect(await it.rows()).toBe('0')
  })

  test('--at takes the newest not after that time', async () => {
    await using it = await backedUp({ TZ: 'UTC' })
    const late = await it.here.run(['-r', it.database.spec, '--at', '2020-01-01', '--yes'])
    expect(late.status).toBe(1)
    expect(late.stderr).toContain('There is no good backup')
    expect(late.stderr).toContain(' up to 2020-01-01 23:59. Nothing')
    const nowhere = await it.here.run(['-r', it.database.spec, '--to', '127.0.0.1:1/x', '--yes'])
    expect(nowhere.stderr).toContain('correct 127.0.0.1:1 after --to.')
    expect(late.stderr).toContain((await it.here.backups())[0])
    const wrong = await it.here.run(['-r', it.database.spec, '--at', 'yesterday', '--yes'])
    expect(wrong.status).toBe(2)
    const good = await it.here.run(['-r', it.database.spec, '--at', '2099-01-01 10:00', '--yes'])
    expect(good.status).toBe(0)
    expect(await it.rows()).toBe('10')
  })
})

describe('archives of other tools', () => {
  /** The volume of another tool: this file alone, and nothing of ours. */
  async function foreignVolume(
    it: BackedUp,
    make: (parts: { roles: string; dump: string }) => Buffer,
  ) {
    const [path = ''] = await it.here.backups()
    const sql = gunzipSync(await readFile(join(it.here.root, path))).toString()
    const at = sql.indexOf('--\n-- PostgreSQL database dump\n')
    await writeFile(
      join(it.here.root, path),
      make({ roles: sql.slice(0, at), dump: sql.slice(at) }),
    )
    await rm(join(it.here.root, '.catalog'), { recursive: true })
  }
  const tar = ({ roles, dump }: { roles: string; dump: string }) => {
    const folder = temporaryFolder()
    writeFileSync(folder.join('backup.sql'), dump)
    writeFileSync(folder.join('roles.sql'), roles)
    const bytes = execFileSync('tar', ['-C', folder.path, '-czf', '-', 'backup.sql', 'roles.sql'])
    void folder[Symbol.asyncDispose]()
    return bytes
  }
  const shapes = [
    ['a dump alone', ({ dump }) => gzipSync(dump)],
    ['roles first', ({ roles, dump }) => gzipSync(roles + dump)],
    ['roles last', ({ roles, dump }) => gzipSync(dump + roles)],
    [
      'roles last, two members',
      ({ roles, dump }) => Buffer.concat([gzipSync(dump), gzipSync(roles)]),
    ],
    ['the tar of 2.7 and 2.8', tar],
  ] as const satisfies readonly (readonly [
    string,
    (parts: { roles: string; dump: string }) => Buffer,
  ])[]

  test.each(shapes)(
    'restore, with the owner and settings of the present database: %s',
    async (_name, make) => {
      await using role = await createRole(server())
      await using it = await backedUp({}, `ALTER TABLE t OWNER TO ${quoted(role.user)}`)
      const name = quoted(it.database.name)
      await it.database.psql(
        `ALTER DATABASE ${name} OWNER TO ${quoted(role.user)}; ALTER DATABASE ${name} SET work_mem = '7MB'`,
      )
      await foreignVolume(it, make)
      const { status, stderr } = await it.here.run(['-r', it.database.spec, '--yes'])
      expect(stderr).toContain('no manifest')
      expect(status).toBe(0)
      expect(await it.rows()).toBe('10')
      expect(await it.database.psql('SHOW work_mem')).toBe('7MB')
      await it.database.psql('CREATE TABLE mine (i int); INSERT INTO t VALUES (11)', role)
      await it.database.drop()
    },
  )
})

test.each([
  ['by a restore', '-r', ['--yes']],
  ['by a verification', '-v', ['--json']],
  ['by --check', '--check', ['--json']],
])('a tar of pg_dump -Ft is read %s', async (_name, verb, flags) => {
  await using it = await backedUp()
  await it.database.psql('INSERT INTO t SELECT generate_series(1, 7)')
  const { host, port, superuser } = server()
  const args = ['-Ft', '-h', host, '-p', String(port), '-U', superuser.user, it.database.name]
  const dump = execFileSync(join(debianBinDir(), 'pg_dump'), args, {
    env: { ...process.env, PGPASSWORD: superuser.password },
  })
  const file = join(it.here.root, it.path)
  await writeFile(file, gzipSync(dump))
  await rm(join(it.here.root, '.catalog'), { recursive: true })
  await it.database.psql('DELETE FROM t')
  await chmod(it.here.folder.path, 0o711)
  const env = { VERIFICATION_DIR: it.here.folder.join('verification') }

  const whole = await it.here.run([verb, it.database.spec, ...flags], { env })
  await writeFile(file, gzipSync(dump.subarray(0, dump.length * 0.6)))
  const cut = await it.here.run([verb, it.database.spec, ...flags], { env })

  expect(whole.status).toBe(0)
  expect(await it.rows()).toBe(verb === '-r' ? '7' : '0')
  expect(whole.stdout).toMatch(/Restore complete|"verified-with-exceptions"|"ok":true/u)
  expect(cut.status).toBe(1)
})

describe('on a terminal', () => {
  test('it shows what will be replaced and wants the name of the database', async () => {
    await using it = await backedUp({ TERM: 'xterm' })
    const env = { ...environmentOf(server().superuser), BACKUP_DIR: it.here.root }
    const cwd = it.here.folder.path
    await using declined = startInTerminal(['-r', it.database.spec], { env, cwd })
    await declined.waitFor(/Type the name of the database/u)
    declined.type('yes\r')
    expect((await declined.done).status).toBe(1)
    expect(await it.rows()).toBe('0')

    // A rehearsal by a user who may only read: it asks for who restores, too, and for nothing else.
    await using reader = await createRole(server())
    const rehearsal = ['-r', it.database.spec, '--dry-run']
    const asReader = { ...env, ...reader.environment, ADMIN_USER: server().superuser.user }
    await using rehearsed = startInTerminal(rehearsal, { env: asReader, cwd })
    await rehearsed.waitFor(/Admin password/u)
    rehearsed.type(`${server().superuser.password}\r`)
    const plan = await rehearsed.done
    expect(plan.output).not.toContain('Type the name')
    expect(plan).toMatchObject({ status: 0 })
    const unasked = await it.here.run(rehearsal, { env: reader.environment })
    expect(unasked).toMatchObject({ status: 1 })
    expect(unasked.stderr).toContain('Set ADMIN_PASSWORD or ADMIN_PASSWORD_FILE')
    expect(await it.rows()).toBe('0')

    await using agreed = startInTerminal(['-r', it.database.spec], { env, cwd })
    await agreed.waitFor(/Type the name of the database/u)
    agreed.type(`${it.database.name}\r`)
    await agreed.waitFor(/Admin password, of ADMIN_USER postgres on \S+, empty for /u)
    agreed.type(`${server().superuser.password}\r`)
    const { status, output } = await agreed.done
    expect(status).toBe(0)
    expect(output).toContain('Restore complete')
    expect(output).not.toContain(server().superuser.password)
    expect(await it.rows()).toBe('10')
  })

  test.each(['the name', 'the password'])(
    'the end of input (Ctrl-D) instead of %s is no consent, and no defect',
    async (asked) => {
      await using it = await backedUp({ TERM: 'xterm' })
      const env = { ...environmentOf(server().superuser), BACKUP_DIR: it.here.root }
      await using terminal = startInTerminal(['-r', it.database.spec], {
        env,
        cwd: it.here.folder.path,
      })
      await terminal.waitFor(/Type the name of the database/u)
      if (asked === 'the password') {
        terminal.type(`${it.database.name}\r`)
        await terminal.waitFor(/Admin password/u)
      }

      terminal.type('\u0004')

      const { status, output } = await terminal.done
      expect(status).toBe(1)
      expect(output).toContain('Not confirmed; nothing was touched.')
      expect(output).not.toContain('defect')
      expect(await it.rows()).toBe('0')
    },
  )
})

test.each([14, 17] as const)('a server of major %i restores', async (major) => {
  const { binDirOfMajor } = await import('../support/other-majors.ts')
  await using own = await startPostgres({ binDir: await binDirOfMajor(major) })
  await using it = await backedUp()
  const to = specOf(own, uniqueName('app'))
  const { status, stderr } = await it.here.run(['-r', it.database.spec, '--to', to, '--yes'])
  expect(stderr).toMatch(major === 14 ? /server is older/u : /^$/u)
  expect(status).toBe(0)
})
