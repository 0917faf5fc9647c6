import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { createDatabase, createRole, quoted } from '../support/test-database.ts'
import { fakeBackup } from '../support/volume.ts'

const databasesLike = async (name: string) =>
  await sharedPostgres().psql(
    'postgres',
    `SELECT datname FROM pg_database WHERE datname LIKE '${name}%' ORDER BY 1`,
  )

describe('a restore', () => {
  test('brings back what was there, with owner, settings and grants (D-13)', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(
      server,
      undefined,
      `CREATE TABLE t AS SELECT generate_series(1, 1000) AS i; ALTER TABLE t OWNER TO ${quoted(role.user)}`,
    )
    const name = quoted(database.name)
    await database.psql(`ALTER DATABASE ${name} OWNER TO ${quoted(role.user)};
      ALTER DATABASE ${name} SET search_path TO "$user", public, 'odd "schema"';
      ALTER DATABASE ${name} SET app.tenant TO 'it''s';
      ALTER ROLE ${quoted(role.user)} IN DATABASE ${name} SET work_mem TO '5MB';
      REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC;
      GRANT CREATE ON DATABASE ${name} TO pg_monitor WITH GRANT OPTION;
      COMMENT ON DATABASE ${name} IS 'ours';
      ALTER DATABASE ${name} CONNECTION LIMIT 17`)
    const stateSql = `SELECT pg_get_userbyid(datdba), datacl::text, datconnlimit, shobj_description(oid, 'pg_database'),
      pg_encoding_to_char(encoding), datcollate, datctype,
      (SELECT string_agg(setrole::regrole || ' ' || setting, ';' ORDER BY setrole, setting) FROM pg_db_role_setting, unnest(setconfig) setting WHERE setdatabase = d.oid)
      FROM pg_database d WHERE datname = current_database()`
    const before = await database.psql(stateSql)
    await using here = await site([database.spec])
    expect((await here.run(['-1'])).status).toBe(0)
    await database.psql('DROP TABLE t; CREATE TABLE later (i int)')

    const { status, stdout, stderr } = await here.run(['-r', database.spec, '--yes'])

    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('Restore complete - Elapsed time: ')
    expect(await database.psql('SELECT count(*) FROM public.t')).toBe('1000')
    expect(await database.psql("SELECT to_regclass('later') IS NULL")).toBe('t')
    expect(await database.psql(stateSql)).toBe(before)
    expect(await database.psql('CREATE TABLE public.mine (i int)', role)).toBe('')
    expect(await databasesLike(database.name)).toBe(database.name)
    const [, run] = await here.runs()
    expect(run).toMatchObject({
      verb: 'restore',
      result: 'succeeded',
      databases: [{ spec: database.spec, state: 'succeeded' }],
    })
    await database.drop()
  })

  test('asks nobody where nobody is, and touches nothing', async () => {
    await using here = await site(['postgres=127.0.0.1:1/app'])

    const { status, stderr } = await here.run(['-r', '127.0.0.1/app'])

    expect(status).toBe(2)
    expect(stderr).toContain('Add --yes')
  })

  test('D-03: without a backup it touches nothing and says what there is', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, 'CREATE TABLE keep (i int)')
    await using here = await site([database.spec])

    const { status, stdout, stderr } = await here.run(['-s', '-r', database.spec])

    expect(status).toBe(1)
    expect(stdout).not.toContain('Restore complete')
    expect(stderr).toContain('There is no good backup')
    expect(await database.psql("SELECT to_regclass('keep')")).toBe('keep')
  })

  test('D-04: of a cut archive is refused, and the database stays', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(
      server,
      undefined,
      'CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 50000) AS i',
    )
    await using here = await site([database.spec])
    await here.run(['-1'])
    const [path = ''] = await here.backups()
    const bytes = await readFile(`${here.root}/${path}`)
    await writeFile(`${here.root}/${path}`, bytes.subarray(0, bytes.length * 0.6))
    await rm(`${here.root}/.catalog`, { recursive: true })

    const { status, stderr } = await here.run(['-r', database.spec, '--yes'])

    expect(status).toBe(1)
    expect(stderr).toContain('is damaged')
    expect(await database.psql('SELECT count(*) FROM t')).toBe('50000')
    expect(await databasesLike(database.name)).toBe(database.name)
  })

  test('learns that an archive is cut, names the next one, and takes that from then on', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, 'CREATE TABLE t (i int)')
    await using here = await site([database.spec])
    await here.run(['-1'])
    const [newest = ''] = await here.backups()
    const content = await readFile(`${here.root}/${newest}`)
    const core = `${server.host}-${database.name}`
    const older = await fakeBackup(here.root, { core, at: new Date('2026-01-01'), content })
    await truncate(`${here.root}/${newest}`, Math.floor(content.length * 0.6))
    await rm(`${here.root}/.catalog`, { recursive: true })

    const first = await here.run(['-r', database.spec, '--dry-run'])
    const status = await here.run(['--status'])
    const second = await here.run(['-r', database.spec, '--dry-run'])

    expect(first.status).toBe(1)
    expect(first.stderr).toContain('is damaged')
    expect(first.stderr).toContain(`The newest other one, which nobody has checked: -f ${older}`)
    expect(status.stderr).toContain('The newest backup is bad')
    expect(second.stderr).toMatch(/The newest backup is bad: .*is damaged.* was passed over/u)
    expect(second.status).toBe(0)
    expect(second.stdout).toContain(older)
  })
})
