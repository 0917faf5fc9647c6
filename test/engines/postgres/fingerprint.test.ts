import { describe, expect, test } from 'vitest'
import type { Fingerprint } from '../../../src/model/index.ts'
import { configured, dumpText, prepare } from '../../support/engine.ts'
import { sharedPostgres } from '../../support/shared-postgres.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'

async function fingerprintOf(
  database: TestDatabase,
  mode: 'rows' | 'content' | 'off' = 'rows',
  between: () => Promise<unknown> = async () => {},
): Promise<{ readonly fingerprint: Fingerprint; readonly text: string }> {
  const server = sharedPostgres()
  const target = configured(server, database.name, server.superuser)
  await using dump = await prepare(target, { fingerprint: mode })
  await between()
  const text = await dumpText(dump)
  return { fingerprint: await dump.fingerprint(), text }
}

function rowsOf({ tables }: Fingerprint): Record<string, number> {
  return Object.fromEntries(
    (tables ?? []).map(({ schema, table, rows }) => [`${schema}.${table}`, rows]),
  )
}

describe('the row counts', () => {
  test('are those of exactly the tables whose rows pg_dump dumps', async () => {
    await using database = await createDatabase(sharedPostgres())
    await database.psql(`
      CREATE TABLE plain (i int); INSERT INTO plain SELECT generate_series(1, 3);
      CREATE TABLE parent (i int); INSERT INTO parent VALUES (1);
      CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (2), (3);
      CREATE TABLE parts (i int) PARTITION BY RANGE (i);
      CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (10); INSERT INTO parts VALUES (1), (2);
      CREATE UNLOGGED TABLE unlogged (i int); INSERT INTO unlogged VALUES (1);
      CREATE TABLE no_columns (); INSERT INTO no_columns DEFAULT VALUES;
      CREATE SCHEMA "Other: schema"; CREATE TABLE "Other: schema"."Mixed 'n "" \\ ;" (i int);
      CREATE MATERIALIZED VIEW materialised AS SELECT * FROM plain;
      CREATE VIEW view AS SELECT * FROM plain;
      CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;
      CREATE FOREIGN TABLE foreign_table (i int) SERVER s`)

    const { fingerprint, text } = await fingerprintOf(database)

    expect(rowsOf(fingerprint)).toEqual({
      'public.plain': 3,
      'public.parent': 1,
      'public.child': 2,
      'public.part_1': 2,
      'public.unlogged': 1,
      'public.no_columns': 1,
      [`Other: schema.Mixed 'n " \\ ;`]: 0,
    })
    expect(text.match(/^COPY /gmu)).toHaveLength(fingerprint.tables?.length ?? -1)
    expect(fingerprint.problem).toBeNull()
  })

  test("are those of the dump's own snapshot, whatever is written meanwhile", async () => {
    await using database = await createDatabase(sharedPostgres())
    await database.psql('CREATE TABLE t AS SELECT generate_series(1, 10) AS i')

    const { fingerprint, text } = await fingerprintOf(database, 'rows', async () =>
      database.psql('INSERT INTO t SELECT generate_series(11, 500); DELETE FROM t WHERE i < 5'),
    )

    expect(rowsOf(fingerprint)).toEqual({ 'public.t': 10 })
    expect(text).toContain('\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n\\.\n')
  })

  test('leave out a table that was truncated between snapshot and dump, and say so', async () => {
    await using database = await createDatabase(sharedPostgres())
    await database.psql('CREATE TABLE t AS SELECT 1 AS i; CREATE TABLE other AS SELECT 1 AS i')

    const { fingerprint } = await fingerprintOf(database, 'rows', async () =>
      database.psql('TRUNCATE t'),
    )

    expect(rowsOf(fingerprint)).toEqual({ 'public.other': 1 })
    expect(fingerprint.problem).toContain('public.t')
  })

  test('never make pg_dump wait behind us: a count leaves no lock', async () => {
    await using database = await createDatabase(sharedPostgres())
    await database.psql('CREATE TABLE t AS SELECT 1 AS i')
    const server = sharedPostgres()
    await using dump = await prepare(configured(server, database.name, server.superuser))
    await dump.fingerprint()

    await database.psql("SET lock_timeout = '1s'; ALTER TABLE t ADD COLUMN j int")

    expect(await dumpText(dump)).toContain(dump.endMarker)
  })

  test('are off when they are not wanted', async () => {
    await using database = await createDatabase(sharedPostgres())
    await database.psql('CREATE TABLE t ()')

    const { fingerprint } = await fingerprintOf(database, 'off')

    expect(fingerprint).toEqual({ mode: 'off', tables: null, problem: null })
  })

  test('that cannot be taken because the session is gone are a problem, not a failed dump', async () => {
    await using database = await createDatabase(sharedPostgres())
    await database.psql('CREATE TABLE t ()')
    const server = sharedPostgres()
    await using dump = await prepare(configured(server, database.name, server.superuser))
    await dumpText(dump)
    await database.psql(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )

    const fingerprint = await dump.fingerprint()

    expect(fingerprint.tables).toBeNull()
    expect(fingerprint.problem).toMatch(/^rows could not be counted/u)
  })
})

describe('the digests', () => {
  const sql = `CREATE TABLE t (i int, "from" text, at timestamptz, f float8, b bytea, j jsonb);
    INSERT INTO t VALUES (1, 'ä', '2026-01-01 00:00+00', 0.1, '\\x00ff', '{"a": 1}'), (2, NULL, NULL, 1e300, '', '[]')`

  async function digestAfter(change: string): Promise<string | undefined> {
    await using database = await createDatabase(sharedPostgres())
    await database.psql(`${sql}; ${change}`)
    const { fingerprint } = await fingerprintOf(database, 'content')
    return fingerprint.tables?.find(({ table }) => table === 't')?.digest
  }

  test('do not depend on the order of rows or columns, nor on settings of the database', async () => {
    const plain = await digestAfter('')
    const reordered =
      await digestAfter(`CREATE TABLE u (j jsonb, b bytea, f float8, at timestamptz, "from" text, i int);
      INSERT INTO u SELECT j, b, f, at, "from", i FROM t ORDER BY i DESC; DROP TABLE t; ALTER TABLE u RENAME TO t;
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database());
        EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database());
        EXECUTE format('ALTER DATABASE %I SET DateStyle = ''German''', current_database()); END $$`)

    expect(plain).toMatch(/^-?\d+:-?\d+$/u)
    expect(reordered).toBe(plain)
  })

  test.each([
    'UPDATE t SET i = 3 WHERE i = 2',
    'INSERT INTO t SELECT * FROM t',
    "UPDATE t SET at = at + interval '1 microsecond'",
    'UPDATE t SET f = f + 1e-16',
    'DELETE FROM t',
  ])('differ after %s', async (change) => {
    expect(await digestAfter(change)).not.toBe(await digestAfter(''))
  })
})
