import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { CheckedArchive, RowsBlock } from '../../../src/engines/postgres/archive/index.ts'
import { Refusal } from '../../../src/model/index.ts'
import { count } from '../../support/counts.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { sharedPostgres } from '../../support/shared-postgres.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { awkwardObjects, awkwardRoutines, awkwardRows, checkThatReads } from './awkward-objects.ts'
import { archiveOf, contentOf, loadInto, pgDump } from './load-setting.ts'

const extensions = `
  CREATE EXTENSION pgcrypto; CREATE EXTENSION postgis;
  CREATE TABLE places (id int PRIMARY KEY, at geometry(Point, 4326), secret bytea);
  INSERT INTO places SELECT i, ST_SetSRID(ST_Point(i, -i), 4326), pgp_sym_encrypt('x' || i, 'k')
    FROM generate_series(1, 90) i;
  INSERT INTO spatial_ref_sys VALUES (990000, 'ours', 1, 'a', 'b');
  CREATE INDEX ON places USING gist (at);
  CREATE TABLE digests (d bytea CHECK (length(d) = 20), e bytea GENERATED ALWAYS AS (digest('x', 'sha1')) STORED);
  INSERT INTO digests SELECT digest(i::text, 'sha1') FROM generate_series(1, 50) i`

const manyTables = `
  SELECT format('CREATE TABLE t%s (id int PRIMARY KEY, up int REFERENCES t%s, x text); CREATE INDEX ON t%s (x);
    INSERT INTO t%s VALUES (1, 1, ''a'')', i, CASE i WHEN 0 THEN 0 ELSE i - 1 END, i, i)
  FROM generate_series(0, ${count(499, 1999)}) i \\gexec`

/** What makes a server save the WAL of rows: that of a verification has it, too. */
const scratchSettings = { wal_level: 'minimal', max_wal_senders: '0' }

const databases = {
  'odd rows and names': awkwardRows,
  'functions that contain semicolons and COPY': `${awkwardRows};${awkwardRoutines}`,
  'objects that depend on each other': awkwardObjects,
  'rows that are checked against another table': checkThatReads,
  'pgcrypto and postgis': extensions,
  'hundreds of tables with foreign keys': manyTables,
}

describe('loading a plain archive', () => {
  test.each(Object.entries(databases))(
    'gives the same on one and on three connections: %s',
    async (_, sql) => {
      const server = sharedPostgres()
      await using source = await createDatabase(server)
      await source.psql(sql)
      await using archive = await archiveOf(await pgDump(server, source.name))

      await using one = await loadInto(server, archive, { jobs: 1 })
      await using many = await loadInto(server, archive, { jobs: 3 })

      const expected = await contentOf(server, source.name)
      expect(await contentOf(server, one.name)).toBe(expected)
      expect(await contentOf(server, many.name)).toBe(expected)
      expect(many.report.rows).toEqual(one.report.rows)
      expect(many.report.sequences).toEqual(one.report.sequences)
      expect(many.report.phases.map(({ name }) => name)).toContain('data')
    },
  )

  test('gives the same where tables are loaded whole, side by side', async () => {
    await using server = await startPostgres({ settings: scratchSettings })
    const { 'hundreds of tables with foreign keys': _, ...those } = databases
    for (const sql of Object.values(those)) {
      await using source = await createDatabase(server)
      await source.psql(sql)
      const dump = await pgDump(server, source.name)
      await using archive = await archiveOf(dump, { leastBlock: 5 })
      await using divided = await archiveOf(dump, { leastBlock: 1e9 })
      expect(archive.blocks.length).toBeGreaterThan(0)
      expect(divided.blocks).toEqual([])

      await using one = await loadInto(server, archive, { jobs: 1 })
      await using two = await loadInto(server, archive, { jobs: 2 })
      await using three = await loadInto(server, divided, { jobs: 3 })

      const expected = await contentOf(server, source.name)
      expect(await contentOf(server, two.name)).toBe(expected)
      expect(await contentOf(server, three.name)).toBe(expected)
      expect(two.report.rows).toEqual(one.report.rows)
      expect(two.report.sequences).toEqual(one.report.sequences)
    }
  }, 180_000)

  test.each([1, 2, 3])(
    'loses no row of a table that is filled twice, on %i connections',
    async (jobs) => {
      await using server = await startPostgres({ settings: scratchSettings })
      const rows = (table: string, from: number): string =>
        `COPY public.${table} (i) FROM stdin;\n${[0, 1, 2].map((i) => `${from + i}\n`).join('')}\\.\n\n`
      const sql = `CREATE TABLE public.a (i integer);\nCREATE TABLE public.b (i integer);\n${rows('b', 1)}${rows('a', 1)}${rows('b', 4)}`
      const dump = `-- PostgreSQL database dump\n${sql}-- PostgreSQL database dump complete\n`
      for (const leastBlock of [0, 1e6]) {
        await using archive = await archiveOf(dump, { leastBlock })

        await using loaded = await loadInto(server, archive, { jobs, mayRecreate: true })

        expect(await loaded.psql('SELECT count(*), sum(i) FROM b')).toBe('6|21')
        expect(loaded.report.rows?.get('public.b')).toBe(6)
      }
    },
  )

  test.each([1, 2, 3])('sets nothing before it is there, on %i connections', async (jobs) => {
    const server = sharedPostgres()
    await using source = await createDatabase(server)
    await source.psql(`CREATE ACCESS METHOD am2 TYPE TABLE HANDLER heap_tableam_handler;
      CREATE TABLE t (i int PRIMARY KEY) USING am2; INSERT INTO t VALUES (1), (2);
      CREATE TABLE u (i int PRIMARY KEY)`)
    await using archive = await archiveOf(await pgDump(server, source.name))

    await using loaded = await loadInto(server, archive, { jobs })

    expect(await contentOf(server, loaded.name)).toBe(await contentOf(server, source.name))
  })

  test('counts the rows and sequences that the archive says it has', async () => {
    const server = sharedPostgres()
    await using source = await createDatabase(server)
    await source.psql(awkwardRows)
    await using archive = await archiveOf(await pgDump(server, source.name))

    await using loaded = await loadInto(server, archive, { jobs: 2 })

    expect(Object.fromEntries(loaded.report.rows ?? [])).toEqual({
      'public.odd_rows': 10,
      'public."Mixed Case"': 2,
      '"Other.Schema"."Ta ble"': 1000,
      'public.zero': 5,
      'public.empty': 0,
      'public.one_column': 5,
      'public.wide': 6,
      'public.many': 40_000,
    })
    expect(Object.fromEntries(loaded.report.sequences ?? [])).toEqual({
      'public.empty_j_seq': { value: '1', called: false },
      'public.many_id_seq': { value: '40000', called: true },
    })
  })

  test.each(['--inserts', '--column-inserts', '--clean', '--blobs'])(
    'gives the same for a dump made with %s',
    async (option) => {
      const server = sharedPostgres()
      await using source = await createDatabase(server)
      await source.psql(`${awkwardRows}; CREATE INDEX ON many (v)`)
      const options = option === '--clean' ? [option, '--if-exists'] : [option]
      await using archive = await archiveOf(await pgDump(server, source.name, ...options))

      await using many = await loadInto(server, archive, { jobs: 2 })

      expect(await contentOf(server, many.name)).toBe(await contentOf(server, source.name))
    },
  )

  test.each([
    ['settings of strings', "SET standard_conforming_strings = off;\nSELECT 'a\\'; ';"],
    ['a statement that pg_dump does not write', 'PREPARE p AS SELECT 1; EXECUTE p;'],
    [
      'a COPY in another format',
      'COPY public.empty (i) FROM stdin WITH (FORMAT csv);\n"12"\n\\.\n',
    ],
    [
      'a temporary table',
      'CREATE TEMP TABLE passing (i int);\nCOPY passing (i) FROM stdin;\n1\n\\.\n',
    ],
    [
      'a transaction',
      'BEGIN;\nCREATE TABLE public.later (i int);\nCOPY public.later (i) FROM stdin;\n1\n\\.\nCOMMIT;',
    ],
  ])('goes on with one connection after %s', async (_, sql) => {
    const server = sharedPostgres()
    await using source = await createDatabase(server)
    await source.psql(`${awkwardRows}; CREATE INDEX ON many (v)`)
    const dump = await pgDump(server, source.name)
    const at = dump.indexOf('COPY public.one_column')
    await using archive = await archiveOf(`${dump.slice(0, at)}${sql}\n${dump.slice(at)}`)

    await using one = await loadInto(server, archive, { jobs: 1 })
    await using many = await loadInto(server, archive, { jobs: 3 })
    await using two = await loadInto(server, archive, { jobs: 2 })

    const expected = await contentOf(server, one.name)
    expect(await contentOf(server, many.name)).toBe(expected)
    expect(await contentOf(server, two.name)).toBe(expected)
    expect(await many.psql('SELECT count(*) FROM zero')).toBe('5')
  })
})

describe('a dump with a mistake', () => {
  const broken = `CREATE TABLE public.t (i integer);\n\nCOPY public.t (i) FROM stdin;\n1\n2\nthree\n4\n\\.\n\nCREATE TABLE public.u (i integer);\n`
  const framed = `--\n-- PostgreSQL database dump\n--\n\n${broken}\n--\n-- PostgreSQL database dump complete\n--\n\n`

  test.each([1, 2, 3])(
    'is refused with the line of the mistake, on %i connections',
    async (jobs) => {
      const server = sharedPostgres()
      await using archive = await archiveOf(framed)

      const loading = loadInto(server, archive, { jobs })

      await expect(loading).rejects.toThrow(Refusal)
      await expect(loading).rejects.toMatchObject({
        reason: expect.stringMatching(/ERROR:.*integer: "three".* \(line (?:10|12)\)/u),
      })
    },
  )

  test('is loaded as far as possible when errors are to be ignored', async () => {
    const server = sharedPostgres()
    await using archive = await archiveOf(framed)

    await using loaded = await loadInto(server, archive, { jobs: 3, ignoreErrors: true })

    expect(loaded.report.errors).toHaveLength(1)
    expect(await loaded.psql('SELECT count(*) FROM t')).toBe('0')
    expect(await loaded.psql('SELECT count(*) FROM u')).toBe('0')
  })

  test('never runs rows as SQL when errors are to be ignored, wherever a COPY fails', async () => {
    const server = sharedPostgres()
    const evil = '; CREATE TABLE public.injected (i int); DROP TABLE public.first;'
    const rows = `1\t${evil}\n2\t${evil}\n\\.\n`
    const sql = [
      'CREATE TABLE public.first (i integer, t text);',
      `COPY public.first (i, t) FROM stdin;\n${rows}`,
      // Its type is not there, so neither is the table.
      'CREATE TABLE public.absent (i integer, t public.citext);',
      `COPY public.absent (i, t) FROM stdin;\n${rows}`,
      // It can be read, but not be filled so.
      "CREATE TABLE public.made (i integer, t text GENERATED ALWAYS AS ('x') STORED);",
      `COPY public.made (i, t) FROM stdin;\n${rows}`,
      'CREATE VIEW public.seen AS SELECT 1 AS i, 2 AS t;',
      `COPY public.seen (i, t) FROM stdin;\n${rows}`,
      // In a transaction that has failed no question is answered.
      'BEGIN;',
      'SELECT 1 / 0;',
      `COPY public.first (i, t) FROM stdin;\n${rows}`,
      'ROLLBACK;',
      'CREATE TABLE public.last (i integer, t text);',
      `COPY public.last (i, t) FROM stdin;\n${rows}`,
    ].join('\n')
    const lineOf = (words: string): number => sql.slice(0, sql.indexOf(words)).split('\n').length
    const begin = '--\n-- PostgreSQL database dump\n--\n\n'
    const end = '\n--\n-- PostgreSQL database dump complete\n--\n\n'
    await using archive = await archiveOf(`${begin}${sql}${end}`)

    await using loaded = await loadInto(server, archive, { jobs: 1, ignoreErrors: true })

    expect(await loaded.psql("SELECT to_regclass('public.injected') IS NULL")).toBe('t')
    expect(await loaded.psql('SELECT count(*) FROM public.first')).toBe('2')
    expect(await loaded.psql('SELECT count(*) FROM public.last')).toBe('2')
    expect(await loaded.psql('SELECT count(*) FROM public.made')).toBe('0')
    const before = begin.split('\n').length - 1
    expect(loaded.report.errors.map(({ message, line }) => `${line} ${message}`)).toEqual([
      expect.stringMatching(/type "public.citext" does not exist$/u),
      `${before + lineOf('COPY public.absent')} ERROR:  relation "public.absent" does not exist`,
      expect.stringMatching(/column "t" is a generated column$/u),
      expect.stringMatching(/cannot copy to view "seen"$/u),
      `${before + lineOf('SELECT 1 / 0')} ERROR:  division by zero`,
      expect.stringMatching(/current transaction is aborted, commands ignored/u),
    ])
  })

  test('is refused when errors are to be ignored and it is not understood', async () => {
    const server = sharedPostgres()
    await using archive = await archiveOf(
      framed.replace('CREATE', "SET client_encoding = 'SJIS';\nCREATE"),
    )

    await expect(loadInto(server, archive, { jobs: 1, ignoreErrors: true })).rejects.toMatchObject({
      message: 'The dump cannot be loaded past its errors.',
    })
  })

  test('is tried again on one connection where the database can be made anew', async () => {
    const server = sharedPostgres()
    await using archive = await archiveOf(framed)
    const recreate = vi.fn<() => Promise<void>>().mockResolvedValue()

    const loading = loadInto(server, archive, { jobs: 3, recreate })

    await expect(loading).rejects.toThrow(Refusal)
    expect(recreate).toHaveBeenCalledOnce()
  })

  test('is refused where tables are loaded whole, and one that holds other rows than were found', async () => {
    await using server = await startPostgres({ settings: scratchSettings })
    await using archive = await archiveOf(framed, { leastBlock: 0 })
    await using sound = await archiveOf(framed.replace('three', '3'), { leastBlock: 0 })
    const others = (change: Partial<RowsBlock>): CheckedArchive => ({
      ...sound,
      blocks: sound.blocks.map((block) => ({ ...block, ...change })),
    })

    await using loaded = await loadInto(server, sound, { jobs: 2 })
    expect(await loaded.psql('SELECT sum(i) FROM t')).toBe('10')
    await expect(loadInto(server, archive, { jobs: 2 })).rejects.toMatchObject({
      reason: expect.stringContaining('ERROR:  invalid input syntax for type integer: "three"'),
    })
    for (const change of [{ rows: 5 }, { copy: 'COPY public.t FROM stdin;' }, { index: 1 }]) {
      await expect(loadInto(server, others(change), { jobs: 2 })).rejects.toThrow(Refusal)
    }
    const gone = { ...sound, path: '/nowhere', reader: { ...sound.reader, args: ['/nowhere'] } }
    await expect(loadInto(server, gone as CheckedArchive, { jobs: 2 })).rejects.toThrow(/./u)
  })

  test.each([1, 3])('runs no command that it has for psql, on %i connections', async (jobs) => {
    const server = sharedPostgres()
    await using scratch = await archiveOf(framed)
    const file = join(scratch.folder, 'a-file')
    const sql = framed.replace(
      'CREATE TABLE public.u',
      `\\! touch ${file}\nSELECT 1 \\! touch ${file}\n;CREATE TABLE public.u`,
    )
    await using archive = await archiveOf(sql.replace('three\n', ''))

    await expect(loadInto(server, archive, { jobs })).rejects.toThrow(Refusal)
    await expect(loadInto(server, archive, { jobs, ignoreErrors: true })).rejects.toThrow(Refusal)

    expect(existsSync(file)).toBe(false)
  })

  test('that ends within the rows of a table is refused', async () => {
    const server = sharedPostgres()
    await using archive = await archiveOf(framed)
    const cut = {
      ...archive,
      withoutBlocks: null,
      openSql: async function* () {
        yield Buffer.from(broken.slice(0, 80))
      },
    }

    await expect(loadInto(server, cut, { jobs: 2 })).rejects.toThrow(Refusal)
    await expect(loadInto(server, cut, { jobs: 1 })).rejects.toThrow(Refusal)
  })
})

const hangingSql = `SELECT count(*) FROM pg_stat_activity
  WHERE wait_event = 'PgSleep' AND query LIKE '%MATERIALIZED VIEW public.m %'`

test.each([1, 2])('ends at once when it is told to, on %i connections', async (jobs) => {
  const server = sharedPostgres()
  const sql =
    'CREATE TABLE public.t (i integer);\nCREATE VIEW public.v AS SELECT pg_sleep(60)::text AS t;\nCREATE MATERIALIZED VIEW public.m AS SELECT * FROM public.v;\n'
  await using archive = await archiveOf(
    `-- PostgreSQL database dump\n${sql}-- PostgreSQL database dump complete\n`,
  )
  const stop = new AbortController()
  const loading = loadInto(server, archive, { jobs, signal: stop.signal })
  const ended = Promise.allSettled([loading])
  await waitUntil(
    'the load to hang',
    async () => (await server.psql('postgres', hangingSql)) === '1',
  )
  const began = performance.now()
  stop.abort(new Error('enough'))

  const reason = expect.objectContaining({ message: 'enough' }) as Error
  expect(await ended).toEqual([{ status: 'rejected', reason }])

  expect(performance.now() - began).toBeLessThan(10_000)
})
