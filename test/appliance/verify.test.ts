import { existsSync, readFileSync, statSync } from 'node:fs'
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { debianBinDir } from '../support/postgres-server.ts'
import { isAlive } from '../support/run-folder.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import {
  createDatabase,
  createRole,
  quoted,
  specOf,
  type TestDatabase,
  uniqueName,
} from '../support/test-database.ts'
import { backedUp, forge, verdictOf, verify } from '../support/verifying.ts'
import { manifestPathOf, readManifest, temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const sample = `
  CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL);
  INSERT INTO people (name) SELECT 'person ' || i FROM generate_series(1, 1000) i;
  CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES people);
  INSERT INTO orders SELECT i, i FROM generate_series(1, 500) i;
  CREATE VIEW names AS SELECT name FROM people`

/** Loads for about a second, so that a test can interfere. */
const slow = `CREATE TABLE big AS SELECT i, repeat(md5(i::text), 8) AS t FROM generate_series(1, 300000) i`

function postmasterIn(here: Site): string {
  return here.folder.join('verification/backup-container/scratch/data/postmaster.pid')
}

/** Empty when there is no such file, or not any more. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

async function untilReady(here: Site): Promise<void> {
  await waitUntil('the scratch server', () => {
    return textOf(postmasterIn(here)).includes('ready')
  })
}

/** Loading, or about to: the restored database has taken some room. */
async function untilLoading(here: Site): Promise<void> {
  await untilReady(here)
  const databases = join(dirname(postmasterIn(here)), 'base')
  await waitUntil('some rows in the restored database', async () => {
    const sizes = (await readdir(databases, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }))
    return sizes.some((stat) => (stat?.size ?? 0) > 5_000_000)
  })
}

describe('a verification', () => {
  test('proves a backup by restoring it, in the original’s words', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)

    const { status, stdout, stderr } = await verify(here)

    expect(stderr).not.toContain('[!!ERROR!!]')
    expect(stdout).toContain(`Successfully verified backup: ${join(here.root, here.path)}`)
    expect(stdout).toMatch(/The restored database contained 2 tables, and is .* in size\./u)
    expect(stdout).toContain('Elapsed time: 0h:0m:')
    expect(status).toBe(0)
    const { verifications } = await readManifest(here.root, here.path)
    expect(verifications).toMatchObject([
      { verdict: 'verified', tables: 2, rows: 1500, differences: [] },
    ])
    expect((await here.run(['-l'])).stdout).toContain('\tverified')
    expect((await here.run(['--status'])).stdout).toContain('verified')
    expect((await here.runs()).at(-1)).toMatchObject({ verb: 'verify', result: 'succeeded' })

    await here.run(['-1'])
    const newest = (await here.backups()).find((path) => path !== here.path) ?? ''
    await truncate(join(here.root, newest))
    const older = await verify(here, ['--report', here.folder.join('report.md')])

    expect(older.status).toBe(1)
    expect(older.stdout).toContain(`Successfully verified backup: ${join(here.root, here.path)}`)
    expect(older.stderr).toMatch(/The newest backup is bad: .* were sealed\. \S+ was passed over/u)
    expect(await readFile(here.folder.join('report.md'), 'utf8')).toMatch(/0 of 1[^]*is bad: /u)
    expect((await here.runs()).at(-1)).toMatchObject({ verb: 'verify', result: 'failed' })
  })

  test('finds a row that was deleted from the archive', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await forge(here, (sql) => sql.replace('17\tperson 17\n', '').replace('17\t17\n', ''))

    const { status, verdict, differences } = await verdictOf(here)

    expect({ status, verdict }).toEqual({ status: 1, verdict: 'failed' })
    expect(differences).toContain('table public.people has 999 rows instead of 1000')
    const state = await here.run(['--status'])
    expect(state).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^bad /mu) as string,
      stderr: expect.stringContaining('The newest backup is bad') as string,
    })
  })

  test('finds content that was changed, with FINGERPRINT=content', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database, { FINGERPRINT: 'content' })
    expect(await verdictOf(here)).toMatchObject({ status: 0, verdict: 'verified' })
    await forge(here, (sql) => sql.replace('person 17\n', 'person XX\n'))

    const { status, verdict, differences } = await verdictOf(here)

    expect({ status, verdict }).toEqual({ status: 1, verdict: 'failed' })
    expect(differences.join()).toContain('public.people has as many rows, but their content')
  })

  test('finds a sequence that stands elsewhere than the archive says', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await forge(here, (sql) =>
      sql.replace(
        '-- PostgreSQL database dump complete',
        'ALTER SEQUENCE public.people_id_seq RESTART WITH 5;\n\n--\n-- PostgreSQL database dump complete',
      ),
    )

    const { differences } = await verdictOf(here)

    expect(differences).toEqual(['sequence public.people_id_seq stands at 5 instead of 1000'])
  })

  test('works with every kind of object that a database may hold', async () => {
    await using role = await createRole(sharedPostgres())
    await using other = await createRole(sharedPostgres())
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `CREATE EXTENSION pgcrypto; CREATE SCHEMA extra; CREATE EXTENSION citext SCHEMA extra;
      CREATE EXTENSION pg_stat_statements; CREATE EXTENSION postgres_fdw;
      CREATE SCHEMA "Mixed case" AUTHORIZATION ${quoted(role.user)};
      CREATE TABLE "Mixed case"."T ""x"" \\ é" ("A b" int PRIMARY KEY, c extra.citext);
      ALTER TABLE "Mixed case"."T ""x"" \\ é" OWNER TO ${quoted(other.user)};
      INSERT INTO "Mixed case"."T ""x"" \\ é" VALUES (1, 'a'), (2, E'tab\\tline\\nend\\\\.');
      GRANT SELECT ON "Mixed case"."T ""x"" \\ é" TO ${quoted(role.user)} WITH GRANT OPTION;
      CREATE TABLE no_columns (); INSERT INTO no_columns DEFAULT VALUES;
      CREATE TABLE generated (i int, j int GENERATED ALWAYS AS (i * 2) STORED, k int GENERATED ALWAYS AS IDENTITY);
      INSERT INTO generated (i) VALUES (1), (2);
      CREATE TABLE parts (i int) PARTITION BY RANGE (i);
      CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
      INSERT INTO parts VALUES (1), (2); CREATE INDEX ON parts (i);
      CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
      INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1);
      ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
      CREATE MATERIALIZED VIEW matter AS SELECT count(*) AS n FROM a;
      SELECT lo_from_bytea(0, 'a large object');
      CREATE TABLE secure (i int); ALTER TABLE secure ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY p ON secure TO ${quoted(role.user)} USING (i > 1); INSERT INTO secure VALUES (1), (2);
      CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS i;
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
      CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
      CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION e();
      CREATE PUBLICATION everything FOR ALL TABLES;
      CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TYPE mood AS ENUM ('sad', 'ok');
      CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE far (i int) SERVER s;
      CREATE USER MAPPING FOR ${quoted(role.user)} SERVER s;
      COMMENT ON SCHEMA public IS 'ours'; GRANT CREATE ON SCHEMA public TO ${quoted(role.user)};
      ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(role.user)} GRANT SELECT ON TABLES TO ${quoted(other.user)}`,
    )
    await using here = await backedUp(database, { FINGERPRINT: 'content' })

    expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })
    await database.drop()
  })

  test('needs no superuser where the dump needs none, and says nothing when it does', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `CREATE TABLE t AS SELECT 1 AS i;
      CREATE FUNCTION who() RETURNS boolean LANGUAGE sql IMMUTABLE AS
        $$ SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user $$;
      CREATE MATERIALIZED VIEW loader AS SELECT who() AS is_superuser`,
    )
    await using here = await backedUp(database)
    await using checks = temporaryFolder()
    const core = here.path.slice(here.path.indexOf('/') + 1).replace(/_\d{4}-.*$/u, '')
    await mkdir(checks.join(core), { recursive: true })
    await writeFile(checks.join(core, 'loader.sql'), 'SELECT NOT is_superuser FROM loader;')

    const found = await verdictOf(here, { VERIFY_CHECKS: checks.path })

    expect(found).toEqual({ status: 0, verdict: 'verified', differences: [] })
  })

  test.each([
    ['SELECT count(*) = 1 FROM people WHERE id = 1;', null],
    ['SELECT false;', 'it returned "f"'],
    ['SELECT true UNION ALL SELECT true;', 'it returned "t\\nt"'],
    ['SELECT 1 FROM nowhere;', 'relation "nowhere" does not exist'],
  ])('runs the check %s of VERIFY_CHECKS', async (sql, problem) => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await using checks = temporaryFolder()
    const core = here.path.slice(here.path.indexOf('/') + 1).replace(/_\d{4}-.*$/u, '')
    await mkdir(checks.join(core), { recursive: true })
    await writeFile(checks.join(core, 'mine.sql'), sql)

    const { verdict, differences } = await verdictOf(here, { VERIFY_CHECKS: checks.path })

    expect(verdict).toBe(problem === null ? 'verified' : 'failed')
    expect(differences.join()).toMatch(
      problem === null ? /^$/u : /^check mine\.sql does not hold: /u,
    )
    expect(differences.join()).toContain(problem ?? '')
  })

  test('judges a schema only when one is named (D-35)', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE SCHEMA app; CREATE TABLE app.t AS SELECT 1 AS i',
    )
    await using here = await backedUp(database)

    expect(await verdictOf(here)).toMatchObject({ verdict: 'verified' })
    expect(await verdictOf(here, { TABLE_SCHEMA: 'app' })).toMatchObject({ verdict: 'verified' })
    expect(await verdictOf(here, { TABLE_SCHEMA: 'public' })).toEqual({
      status: 1,
      verdict: 'failed',
      differences: [
        expect.stringContaining(
          'schema public has no table, nor had it one in the database when it was dumped',
        ),
      ],
    })
  })
})

describe('the report of a drill', () => {
  test.each([
    ['drill.md', /^# Restore drill\n/u],
    ['drill.html', /^<!doctype html>/u],
  ])(
    'is written to %s: what was restored, compared, and how long each phase took',
    async (name, begin) => {
      await using database = await createDatabase(sharedPostgres(), undefined, sample)
      await using here = await backedUp(database)

      const { status } = await verify(here, ['--report', here.folder.join(name)])

      const text = (await readFile(here.folder.join(name), 'utf8')).replaceAll('\\', '')
      expect(status).toBe(0)
      expect(text).toMatch(begin)
      expect(text).toContain('1 of 1 backups verified')
      expect(text).toContain(here.path)
      expect(text).toContain('1500 rows in 2 tables')
      for (const phase of ['check', 'start server', 'restore', 'compare', 'Restore time per GB']) {
        expect(text).toContain(phase)
      }
    },
  )
})

describe('what cannot be proved', () => {
  test('no backup to verify is a failure (D-23)', async () => {
    await using here = await site(['postgres=127.0.0.1:1/nothing'])

    const { status, stdout, stderr } = await verify(here)

    expect(status).toBe(1)
    expect(stderr).toContain('Backup verification failed: postgres=127.0.0.1:1/nothing')
    expect(stderr).toContain('there is no backup to verify')
    expect(stdout).not.toContain('Successfully')
    expect((await here.runs()).at(-1)).toMatchObject({ verb: 'verify', result: 'failed' })
  })

  test('a cut archive fails (D-04), manifest or not', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    const file = join(here.root, here.path)
    const bytes = await readFile(file)
    await writeFile(file, bytes.subarray(0, bytes.length * 0.6))
    await rm(join(here.root, '.catalog'), { recursive: true })

    expect(await verdictOf(here)).toMatchObject({ status: 1, verdict: 'failed' })
  })

  test('a server that does not start is our trouble, told with its log (#21)', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await mkdir(here.folder.join('bin'))
    await writeFile(
      here.folder.join('bin/postgres'),
      '#!/bin/sh\n[ "$1" = --version ] && exec echo "postgres (PostgreSQL) 15.99"\necho "FATAL:  out of luck" >&2\nexit 1\n',
      { mode: 0o755 },
    )
    await symlink(join(debianBinDir(), 'initdb'), here.folder.join('bin/initdb'))
    for (const tool of ['pg_dump', 'psql', 'pg_restore']) {
      await symlink(join(debianBinDir(), tool), here.folder.join('bin', tool))
    }

    const found = await verdictOf(here, { PG_BIN_DIR: here.folder.join('bin') })

    expect(found).toMatchObject({ status: 1, verdict: 'could-not-verify' })
    expect(found.differences.join('\n')).toContain('did not start: it ended.')
    expect(found.differences).toContain('FATAL:  out of luck')
    expect((await here.run(['-l'])).stdout).toContain('good, could not verify')
    const { stdout } = await here.run(['--status', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      databases: [{ verdict: 'could-not-verify', verifiedAt: null }],
    })
  })

  test('a folder that cannot be used is our trouble', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await writeFile(here.folder.join('file'), '')

    const found = await verdictOf(here, { VERIFICATION_DIR: here.folder.join('file') })

    expect(found).toMatchObject({ status: 1, verdict: 'could-not-verify' })
  })

  test('a dump that is newer than every server here is our trouble', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    const manifest = await readManifest(here.root, here.path)
    await writeFile(
      join(here.root, manifestPathOf(here.path)),
      JSON.stringify({ ...manifest, serverVersion: '99.1' }),
    )

    const found = await verdictOf(here)

    expect(found).toMatchObject({ status: 1, verdict: 'could-not-verify' })
    expect(found.differences.join()).toContain('PostgreSQL 99')
  })
})

describe('the room for a verification', () => {
  test.skipIf(cannotMount)(`is our trouble when it is full${cannotMountNote}`, async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, slow)
    await using here = await backedUp(database)
    await using volume = smallVolume(80 * 1024)
    await chmod(volume.path, 0o711)

    const found = await verdictOf(here, { VERIFICATION_DIR: volume.path })

    expect(found).toMatchObject({ status: 1, verdict: 'could-not-verify' })
    expect(found.differences[0]).toMatch(/^There is no room .* below VERIFICATION_DIR\./u)
    expect((await readManifest(here.root, here.path)).verifications).toMatchObject([
      { verdict: 'could-not-verify' },
    ])
  })
})

describe('PostGIS', () => {
  test('is verified, with its table of reference systems', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `CREATE EXTENSION postgis; CREATE TABLE places (at geometry(Point, 4326));
      INSERT INTO places VALUES (ST_SetSRID(ST_MakePoint(1, 2), 4326));
      INSERT INTO spatial_ref_sys (srid, auth_name, proj4text) VALUES (990001, 'ours', '+proj=longlat');
      CREATE INDEX ON places USING gist (at)`,
    )
    await using here = await backedUp(database, { FINGERPRINT: 'content' })

    expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })
  })
})

describe('one verification at a time', () => {
  test('is held by a lock: a second one ends with 3 and disturbs nothing', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, slow)
    await using here = await backedUp(database)
    const env = { VERIFICATION_DIR: here.folder.join('verification') }
    await using first = here.start(['-v', 'all'], { env })
    await untilReady(here)

    const second = await here.run(['-v', 'all'], { env })

    expect(second.status).toBe(3)
    expect((await first.done).status).toBe(0)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('cleans up within seconds on %s', async (signal) => {
    await using database = await createDatabase(sharedPostgres(), undefined, slow)
    await using here = await backedUp(database)
    const env = { VERIFICATION_DIR: here.folder.join('verification') }
    await using run = here.start(['-v', 'all'], { env })
    await untilReady(here)
    const pid = Number((await readFile(postmasterIn(here), 'utf8')).split('\n')[0])
    await untilLoading(here)
    const started = performance.now()

    run.kill(signal)
    const { status } = await run.done

    expect(performance.now() - started).toBeLessThan(5_000)
    expect(status).toBe(signal === 'SIGTERM' ? 143 : 130)
    expect(isAlive(pid)).toBe(false)
    expect(await readdir(here.folder.join('verification/backup-container'))).toEqual([])
    expect((await here.runs()).at(-1)).toMatchObject({ verb: 'verify', result: 'interrupted' })
    expect((await readManifest(here.root, here.path)).verifications).toEqual([])
  })

  test('ends and removes what a killed one left, and then works', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, slow)
    await using here = await backedUp(database)
    const env = { VERIFICATION_DIR: here.folder.join('verification') }
    await using run = here.start(['-v', 'all'], { env })
    await untilReady(here)
    const pid = Number((await readFile(postmasterIn(here), 'utf8')).split('\n')[0])
    const { pid: shell } = run
    run.kill('SIGKILL')
    await run.done
    expect(isAlive(shell)).toBe(false)

    expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })

    expect(isAlive(pid)).toBe(false)
    expect(await readdir(here.folder.join('verification/backup-container'))).toEqual([])
  })

  test('also what one left that was killed while it made its server', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    const env = { VERIFICATION_DIR: here.folder.join('verification') }
    await using run = here.start(['-v', 'all'], { env })
    await waitUntil('initdb', () => existsSync(dirname(postmasterIn(here))))
    run.kill('SIGKILL')
    await run.done

    expect(await verdictOf(here)).toEqual({ status: 0, verdict: 'verified', differences: [] })
  })

  test.each([
    ['when it is ready', untilReady],
    ['in the middle of the load', untilLoading],
  ])('a server that dies under it %s is our trouble', async (_when, until) => {
    await using database = await createDatabase(sharedPostgres(), undefined, slow)
    await using here = await backedUp(database)
    const env = { VERIFICATION_DIR: here.folder.join('verification') }
    await using run = here.start(['-v', 'all', '--json'], { env })
    await until(here)
    const pid = Number((await readFile(postmasterIn(here), 'utf8')).split('\n')[0])
    process.kill(pid, 'SIGKILL')

    const { status, stdout } = await run.done

    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ verdict: 'could-not-verify' }] })
  })
})

describe('an extension that the scratch server lacks', () => {
  test('is named (#58), with what needs it; the rest is compared', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await forge(here, (sql) =>
      sql
        .replace(
          'CREATE TABLE public.people',
          'CREATE EXTENSION IF NOT EXISTS nowhere WITH SCHEMA public;\n\n\nCREATE TABLE public.people',
        )
        .replace(
          'CREATE TABLE public.orders (',
          'CREATE TABLE public.orders (\n    place public.nowhere,',
        ),
    )
    const manifest = await readManifest(here.root, here.path)
    const extensions = [...manifest.extensions, { name: 'nowhere', version: '1' }]
    await writeFile(
      join(here.root, manifestPathOf(here.path)),
      JSON.stringify({ ...manifest, extensions }),
    )

    const { status, verdict, differences } = await verdictOf(here)

    expect(differences).toContain('extension nowhere is missing on the scratch server')
    expect(differences.join()).toContain('table public.orders could not be restored')
    // Its rows were not proved, nor found to be bad.
    expect({ status, verdict, differences }).toMatchObject({
      status: 1,
      verdict: 'could-not-verify',
    })
    expect(differences[0]).toMatch(/without nowhere on the scratch server: \d+ rows of 1 of them/u)
  })
})

describe('--check', () => {
  test('reads every backup whole, and what it finds bad is bad from then on', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await here.run(['-1'])
    const [first = '', second = ''] = await here.backups()
    const bytes = await readFile(join(here.root, second))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4
    await writeFile(join(here.root, second), bytes)

    const { status, stdout } = await here.run(['--check', 'all', '--json'])

    expect(status).toBe(1)
    const { results } = JSON.parse(stdout) as { results: { path: string; ok: boolean }[] }
    expect(results.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
      { path: first, ok: true, problem: null },
      { path: second, ok: false },
    ])
    expect((await readManifest(here.root, first)).check).toMatchObject({ ok: true })
    const listed = JSON.parse((await here.run(['-l', '--json'])).stdout) as {
      backups: { path: string; quality: string }[]
    }
    expect(listed.backups.find(({ path }) => path === second)?.quality).toBe('bad')
    expect((await here.runs()).at(-1)).toMatchObject({ verb: 'check', result: 'failed' })
  })

  test('makes an archive without a manifest good, until its bytes change', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await rm(join(here.root, '.catalog'), { recursive: true })
    const qualityOf = async (): Promise<unknown> => {
      const { stdout } = await here.run(['-l', '--json'])
      return (JSON.parse(stdout) as { backups: { quality: string }[] }).backups[0]?.quality
    }
    expect(await qualityOf()).toBe('unchecked')

    const { status, stdout } = await here.run(['--check', database.spec])

    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 of 1 backups are whole.') as string,
    })
    expect(await qualityOf()).toBe('good')
    await appendFile(join(here.root, here.path), 'x')
    expect(await qualityOf()).toBe('unchecked')
  })
})

describe('an archive without a manifest', () => {
  async function foreign(database: TestDatabase): Promise<Site & { readonly path: string }> {
    const here = await backedUp(database)
    await rm(join(here.root, '.catalog'), { recursive: true })
    return here
  }

  test('is compared with its own rows, and that is named', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await foreign(database)

    const { verdict, status, differences } = await verdictOf(here)

    expect({ verdict, status }).toEqual({ verdict: 'verified-with-exceptions', status: 0 })
    expect(differences).toHaveLength(1)
    expect(differences.join()).toContain('no manifest')
    expect((await here.run(['-l'])).stdout).toContain('verified with exceptions')
  })

  test('as the first version made it has no roles: they are invented, and named', async () => {
    await using role = await createRole(sharedPostgres())
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      `CREATE TABLE t AS SELECT 1 AS i; ALTER TABLE t OWNER TO ${quoted(role.user)}`,
    )
    await using here = await foreign(database)
    const file = join(here.root, here.path)
    const sql = gunzipSync(await readFile(file)).toString('utf8')
    await writeFile(file, gzipSync(sql.slice(sql.indexOf('-- PostgreSQL database dump\n') - 3)))

    const { verdict, differences } = await verdictOf(here)

    expect(verdict).toBe('verified-with-exceptions')
    expect(differences).toContain(`role ${role.user} is not in the archive and was invented`)
    await database.drop()
  })
})

describe('a hostile dump', () => {
  test('that carries a command for psql does nothing', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    const trace = join(tmpdir(), uniqueName('trace'))
    await forge(here, (sql) =>
      sql.replace('CREATE TABLE public.people', `\\! touch ${trace}\nCREATE TABLE public.people`),
    )

    const { status } = await verdictOf(here)

    expect(existsSync(trace)).toBe(false)
    expect(status).toBe(1)
  })

  test('that runs a program through the server is refused', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    const trace = join(tmpdir(), uniqueName('trace'))
    await forge(here, (sql) =>
      sql.replace(
        '-- PostgreSQL database dump complete',
        `CREATE TABLE public.x (t text);\nCOPY public.x FROM PROGRAM 'env > ${trace}; cat ${trace}';\n\n--\n-- PostgreSQL database dump complete`,
      ),
    )

    const { status, verdict, differences } = await verdictOf(here)

    expect(existsSync(trace)).toBe(false)
    expect({ status, verdict }).toEqual({ status: 1, verdict: 'failed' })
    expect(differences.join()).toMatch(/program/u)
  })

  test('without a manifest never gets a superuser by claiming to need one', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    const trace = join(tmpdir(), uniqueName('trace'))
    await forge(here, (sql) =>
      sql.replace(
        '-- PostgreSQL database dump complete',
        () => `DO $$ BEGIN IF current_setting('is_superuser') = 'off' THEN RAISE 'must be superuser'; END IF;
         COPY (SELECT 1) TO PROGRAM 'cat > ${trace}'; END $$;\n\n--\n-- PostgreSQL database dump complete`,
      ),
    )
    await rm(join(here.root, '.catalog'), { recursive: true })

    const { status, verdict, differences } = await verdictOf(here)

    expect(existsSync(trace)).toBe(false)
    expect({ status, verdict, differences }).toMatchObject({
      status: 1,
      verdict: 'could-not-verify',
    })
    expect(differences.join()).toContain('rights of a superuser')
  })
})

describe('a database in another encoding', () => {
  test.each(['plain', 'custom', 'directory'])(
    'is verified with names that are not ASCII, as %s',
    async (format) => {
      const server = sharedPostgres()
      const name = uniqueName('latin')
      await server.psql(
        'postgres',
        `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`,
      )
      await server.psql(
        name,
        `SET client_encoding = 'UTF8'; CREATE TABLE "größe" (a text, "ü" int);
         INSERT INTO "größe" VALUES ('äöü', 1), ('é', 2); CREATE SEQUENCE "säq"; SELECT nextval('"säq"')`,
      )
      await using here = await site([specOf(server, name)], { FORMAT: format })
      await chmod(here.folder.path, 0o711)
      const environment = { VERIFICATION_DIR: here.folder.join('verification') }
      await here.run(['-1'])

      const { status, stdout, stderr } = await here.run(['-v', 'all', '-s'], { env: environment })

      await server.psql('postgres', `DROP DATABASE ${name}`)
      expect(stderr).not.toContain('ERROR')
      expect(stdout).toContain('Rows Compared: 2 in 1 table')
      expect(status).toBe(0)
    },
  )
})
