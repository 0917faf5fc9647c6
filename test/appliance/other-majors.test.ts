import { chmod, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { binDirOfMajor } from '../support/other-majors.ts'
import { debianBinDir, startPostgres } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import {
  createDatabase,
  createRole,
  environmentOf,
  quoted,
  specOf,
} from '../support/test-database.ts'
import { fakeBackup, readManifest } from '../support/volume.ts'

async function verificationOf(here: Site, env: Readonly<Record<string, string>> = {}) {
  // Root's scratch server runs as somebody else, who must get through.
  await chmod(here.folder.path, 0o711)
  const ended = await here.run(['-v', 'all', '--json'], {
    env: { VERIFICATION_DIR: here.folder.join('verification'), ...env },
  })
  const { results } = JSON.parse(ended.stdout) as {
    results: { verdict: string; differences: string[] }[]
  }
  return { status: ended.status, ...results[0] }
}

describe('a database of PostgreSQL 14', () => {
  test.each(['plain', 'custom', 'directory'])(
    'is backed up with the tools of 15 and verified on 15: %s',
    async (format) => {
      await using old = await startPostgres({ binDir: await binDirOfMajor(14) })
      const database = await createDatabase(
        old,
        undefined,
        `CREATE TABLE t (id serial PRIMARY KEY, x numeric, y float8, z text DEFAULT 'ä');
        INSERT INTO t (x, y) SELECT i / 7.0, i / 7.0 FROM generate_series(1, 1000) i;
        CREATE TABLE p (d date) PARTITION BY RANGE (d);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        INSERT INTO p VALUES ('2026-02-02'); SELECT lo_from_bytea(0, 'a large one')`,
      )
      const environment = {
        ...environmentOf(old.superuser),
        FORMAT: format,
        FINGERPRINT: 'content',
      }
      await using here = await site([database.spec], environment)
      expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })
      const [path = ''] = await here.backups()

      const found = await verificationOf(here)

      expect(found).toMatchObject({ status: 0, verdict: 'verified', differences: [] })
      const { serverVersion, verifications } = await readManifest(here.root, path)
      expect(serverVersion).toMatch(/^14\./u)
      expect(verifications[0]?.serverVersion).toMatch(/^15\./u)
    },
  )

  test('D-13: restored on 15, its user can still create in public, and its grants are there', async () => {
    await using old = await startPostgres({ binDir: await binDirOfMajor(14) })
    await using role = await createRole(sharedPostgres())
    await using reader = await createRole(sharedPostgres())
    for (const { user, password } of [role, reader]) {
      await old.psql('postgres', `CREATE ROLE ${quoted(user)} LOGIN PASSWORD '${password}'`)
    }
    const database = await createDatabase(old)
    const sql = `CREATE TABLE mine (i int); INSERT INTO mine VALUES (1); GRANT SELECT ON mine TO ${quoted(reader.user)}`
    await old.psql(database.name, sql, role)
    await old.psql(
      'postgres',
      `REVOKE CONNECT ON DATABASE ${quoted(database.name)} FROM PUBLIC;
      GRANT CONNECT ON DATABASE ${quoted(database.name)} TO ${quoted(role.user)}, ${quoted(reader.user)}`,
    )
    await using here = await site([database.spec], environmentOf(old.superuser))
    expect(await here.run(['-1'])).toMatchObject({ status: 0 })
    await using restored = await createDatabase(sharedPostgres())
    const env = {
      ...role.environment,
      ADMIN_PASSWORD: sharedPostgres().superuser.password,
    }

    const { status, stderr } = await here.run(
      ['-r', database.spec, '--to', restored.spec, '--yes'],
      { env },
    )

    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(await restored.psql('CREATE TABLE later (i int); SELECT i FROM mine', role)).toBe('1')
    expect(await restored.psql('SELECT i FROM mine', reader)).toBe('1')
    await expect(restored.psql('INSERT INTO mine VALUES (2)', reader)).rejects.toThrow('denied')
    await restored.drop()
  })
})

const dumpOf17 = `--
-- PostgreSQL database dump
--

-- Dumped from database version 17.10
-- Dumped by pg_dump version 17.10

SET statement_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.t (i integer NOT NULL, j integer GENERATED ALWAYS AS ((i * 2)) STORED);

COPY public.t (i) FROM stdin;
1
2
\\.

ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (i);

--
-- PostgreSQL database dump complete
--
`

describe('a dump of PostgreSQL 17, plain and without manifest', () => {
  async function siteWithDump(): Promise<Site> {
    const here = await site(['postgres=127.0.0.1:1/app'])
    await fakeBackup(here.root, { core: '127.0.0.1-app', at: new Date(), sql: dumpOf17 })
    return here
  }

  test('cannot be verified where only 15 is, and that is said', async () => {
    await using here = await siteWithDump()

    const { status, verdict, differences } = await verificationOf(here)

    expect({ status, verdict }).toEqual({ status: 1, verdict: 'could-not-verify' })
    expect(differences?.join()).toMatch(/is of PostgreSQL 17, and the newest server here is 15\./u)
  })

  test('is verified by a server of 17, also through a psql of 15', async () => {
    await using here = await siteWithDump()
    const bin = here.folder.join('bin')
    await mkdir(bin)
    const [servers, clients] = [await binDirOfMajor(17), debianBinDir()]
    for (const name of ['postgres', 'initdb']) await symlink(join(servers, name), join(bin, name))
    for (const name of ['psql', 'pg_dump', 'pg_restore']) {
      await symlink(join(clients, name), join(bin, name))
    }

    const { status, verdict, differences } = await verificationOf(here, { PG_BIN_DIR: bin })

    expect(differences).toEqual([expect.stringContaining('there is no manifest')])
    expect({ status, verdict }).toEqual({ status: 0, verdict: 'verified-with-exceptions' })
  })

  test('is restored on 17', async () => {
    await using own = await startPostgres({ binDir: await binDirOfMajor(17) })
    await using here = await siteWithDump()
    const to = specOf(own, 'app')

    const { status } = await here.run(['-r', '127.0.0.1:1/app', '--to', to, '--yes'], {
      env: environmentOf(own.superuser),
    })

    expect(status).toBe(0)
    expect(await own.psql('app', 'SELECT sum(j) FROM t')).toBe('6')
  })
})

describe('the locale of a database', () => {
  const orderSql =
    "SELECT string_agg(x, ' ' ORDER BY x) FROM (VALUES ('a10'), ('a2'), ('B'), ('b')) AS v (x)"

  test.each([
    ['ICU', `LOCALE_PROVIDER icu ICU_LOCALE 'en-u-kn-true' LOCALE 'C.UTF-8'`],
    ['C, where the server has C.UTF-8', `LOCALE_PROVIDER libc LOCALE 'C'`],
    ['SQL_ASCII', `LOCALE 'C' ENCODING 'SQL_ASCII'`],
  ])('is the same after a restore, and verified: %s', async (_name, clauses) => {
    const server = sharedPostgres()
    const localeSql = `SELECT datlocprovider, daticulocale, datcollate, datctype, pg_encoding_to_char(encoding)
      FROM pg_database WHERE datname = current_database()`
    await using template = await createDatabase(server)
    await template.drop()
    await server.psql(
      'postgres',
      `CREATE DATABASE ${quoted(template.name)} TEMPLATE template0 ${clauses}`,
    )
    await template.psql(`CREATE TABLE p (x text) PARTITION BY RANGE (x);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('a1') TO ('b');
      INSERT INTO p VALUES ('a2')`)
    const [order, locale] = [await template.psql(orderSql), await template.psql(localeSql)]
    await using here = await site([template.spec])
    expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })
    await template.psql('DROP TABLE p')

    expect(await verificationOf(here)).toMatchObject({ verdict: 'verified', differences: [] })
    expect(await here.run(['-r', template.spec, '--yes'])).toMatchObject({ status: 0, stderr: '' })

    expect(await template.psql(orderSql)).toBe(order)
    expect(await template.psql(localeSql)).toBe(locale)
    expect(await template.psql('SELECT x FROM p1')).toBe('a2')
  })

  test('that needs its own order is verified in it: a partition from a2 to a10', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)
    await database.drop()
    await server.psql(
      'postgres',
      `CREATE DATABASE ${quoted(database.name)} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-u-kn-true' LOCALE 'C.UTF-8'`,
    )
    await database.psql(`CREATE TABLE p (x text) PARTITION BY RANGE (x);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('a2') TO ('a10'); INSERT INTO p VALUES ('a5')`)
    await using here = await site([database.spec])
    expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })

    expect(await verificationOf(here)).toMatchObject({ verdict: 'verified', differences: [] })
  })
})
