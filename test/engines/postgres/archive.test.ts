import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckedArchive, checkArchive } from '../../../src/engines/postgres/archive/archive.ts'
import type { Codec, Manifest } from '../../../src/model/index.ts'
import { fakeManifest, temporaryFolder } from '../../support/volume.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.asyncDispose]())

const roles = `--
-- PostgreSQL database cluster dump
--

\\restrict RolesKey1

SET default_transaction_read_only = off;

CREATE ROLE "Ann";
ALTER ROLE "Ann" WITH NOSUPERUSER LOGIN;

\\unrestrict RolesKey1

--
-- PostgreSQL database cluster dump complete
--

`

/** Rows and a function that look like the frame of a dump, or like commands. */
const body = `SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $_$
-- PostgreSQL database dump complete
\\restrict InTheBody
SELECT 'COPY public.t FROM stdin;' $_$;

ALTER FUNCTION public.f() OWNER TO "O""dd";
GRANT SELECT ON TABLE public.t TO app WITH GRANT OPTION;
CREATE POLICY p ON public.t TO reader, PUBLIC USING ((t <> 'x TO y'::text));

COPY public.t (i, t) FROM stdin;
1\t-- PostgreSQL database dump
2\t\\\\restrict InTheRows
3\t\\\\.
--
-- PostgreSQL database cluster dump
--
\\.


COPY public.empty (i) FROM stdin;
\\.

`

function dump({ guard = true, extra = '' } = {}) {
  return `--
-- PostgreSQL database dump
--

${guard ? '\\restrict DumpKey1\n' : ''}
-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

${body}${extra}--
-- PostgreSQL database dump complete
--

${guard ? '\\unrestrict DumpKey1\n' : ''}
`
}

const zstd = (text: string) =>
  zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })

async function check(
  bytes: Buffer,
  { codec = 'gzip', manifest = null }: { codec?: Codec; manifest?: Manifest | null } = {},
): Promise<CheckedArchive> {
  const path = folder.join(`archive.sql.${codec === 'gzip' ? 'gz' : 'zst'}`)
  writeFileSync(path, bytes)
  const { signal } = new AbortController()
  const { PATH } = process.env
  return checkArchive(path, { codec, format: 'plain', manifest, signal, environment: { PATH } })
}

async function sqlOf(archive: CheckedArchive): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of archive.openSql(new AbortController().signal)) {
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks).toString()
}

function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const place = folder.join('tar')
  mkdirSync(place, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(`${place}/${name}`, text)
  return execFileSync('tar', ['-C', place, '-cf', '-', ...Object.keys(files)])
}

const gz = (text: string) => gzipSync(text)
const shapes: readonly (readonly [string, () => Buffer, boolean])[] = [
  ['a dump alone', () => gz(dump()), false],
  ['a dump without guard lines', () => gz(dump({ guard: false })), false],
  ['roles first, one member', () => gz(roles + dump()), true],
  ['roles first, two members', () => Buffer.concat([gz(roles), gz(dump())]), true],
  ['roles last, one member', () => gz(dump() + roles), true],
  ['roles last, two members', () => Buffer.concat([gz(dump()), gz(roles)]), true],
  ['roles last, without guards', () => gz(dump({ guard: false }) + roles), true],
  [
    'the tar of 2.7 and 2.8',
    () => gzipSync(tarOf({ 'backup.sql': dump(), 'roles.sql': roles })),
    true,
  ],
  ['NUL padding at the end', () => Buffer.concat([gz(dump()), Buffer.alloc(5000)]), false],
  [
    'many small members',
    () =>
      Buffer.concat(
        dump()
          .split(/(?<=\s)/u)
          .map((word) => gz(word)),
      ),
    false,
  ],
]

describe('an archive of any shape', () => {
  test.each(shapes)('is read: %s', async (_name, bytes, hasRoles) => {
    const archive = await check(bytes())

    const sql = await sqlOf(archive)
    expect(sql).toContain(body)
    expect(sql.replace(body, '')).not.toMatch(/restrict|cluster dump|CREATE ROLE/u)
    expect(archive.sqlBytes).toBe(Buffer.byteLength(sql))
    expect(archive.rolesSql.includes('CREATE ROLE "Ann";')).toBe(hasRoles)
    expect(archive.rolesSql).not.toContain('restrict')
    expect(archive.serverMajor).toBe(15)
    expect(archive.encoding).toBe('UTF8')
    expect(archive.roles).toEqual(['O"dd', 'app', 'reader'])
    expect(archive.psqlCommands).toEqual([])
  })

  test.each([0, 12, 1e6])(
    'is read in chunks of any size, tables from %i bytes apart',
    async (leastBlock) => {
      const { DumpScanner } = await import('../../../src/engines/postgres/archive/dump-scanner.ts')
      const bytes = Buffer.from(roles + dump())
      const scanned = (size: number) => {
        const scanner = new DumpScanner(leastBlock)
        for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size))
        const { withoutBlocks, ...found } = scanner.end()
        return { ...found, sql: Buffer.concat(withoutBlocks ?? []).toString() }
      }
      const whole = scanned(bytes.length)
      expect(whole.problem).toBeNull()
      for (const size of [1, 2, 3, 5, 7, 64, 100, 1000]) expect(scanned(size)).toEqual(whole)
    },
  )

  test('keeps what is not its own guard', async () => {
    const extra = '\\! touch a-file\n\\restrict Second\n\\unrestrict DumpKey2\n'
    const archive = await check(gz(dump({ extra })))

    expect(await sqlOf(archive)).toContain(extra)
    expect(archive.psqlCommands).toEqual(extra.trim().split('\n'))
  })
})

describe('what an archive wants of its server', () => {
  test('are the tablespaces of its tables and indexes', async () => {
    const extra = `SET default_tablespace = fast;\nSET default_tablespace = '';\nSET default_tablespace = "A ""b""";\n`
    expect((await check(gz(dump({ extra })))).tablespaces).toEqual(['A "b"', 'fast'])
    expect((await check(gz(dump()))).tablespaces).toEqual([])
  })

  test.each([
    ['CREATE ROLE x SUPERUSER;', true],
    ['create user x;', true],
    ['/* harmless */ ALTER\n ROLE x LOGIN;', true],
    ['DROP GROUP x;', true],
    ['GRANT postgres TO x;', true],
    ['REVOKE "a b" FROM x;', true],
    ['GRANT SELECT ON TABLE public.t TO x;', false],
    ['ALTER ROLE x IN DATABASE app SET work_mem TO 1;', false],
    ['CREATE USER MAPPING FOR x SERVER s;', false],
    ["SELECT 'CREATE ROLE x;';", false],
  ])('are changes of roles among the contents of the database: %s', async (extra, is) => {
    const archive = await check(gz(roles + dump({ extra: `${extra}\n` })))
    expect(archive.roleStatements).toHaveLength(is ? 1 : 0)
  })
})

describe('a damaged archive is refused', () => {
  const whole = () => Buffer.concat([gz(roles), gz(dump())])
  test.each([
    ['empty', () => Buffer.alloc(0), /empty/u],
    ['an empty gzip', () => gz(''), /no dump of a database/u],
    ['cut', () => whole().subarray(0, -9), /cut off/u],
    ['cut between members', () => gz(roles), /no dump of a database/u],
    [
      'without end marker',
      () => gz(dump().split('-- PostgreSQL database dump complete')[0] ?? ''),
      /within|marker/u,
    ],
    [
      'cut within rows, then compressed',
      () => gz(dump().slice(0, dump().indexOf('3\t'))),
      /within the rows of COPY public.t/u,
    ],
    ['two dumps', () => gz(dump() + dump()), /several databases/u],
    [
      'garbage behind it',
      () => Buffer.concat([whole(), Buffer.from('garbage')]),
      /cut off|no gzip member/u,
    ],
    [
      'a tar that is cut',
      () => gzipSync(tarOf({ 'backup.sql': dump(), 'roles.sql': roles }).subarray(0, 3000)),
      /./u,
    ],
    [
      'a damaged second header',
      () => {
        const bytes = whole()
        bytes[gz(roles).length] = 0
        return bytes
      },
      /no gzip member/u,
    ],
  ] as const)('%s', async (_name, bytes, reason) => {
    await expect(check(bytes())).rejects.toMatchObject({
      name: 'Refusal',
      reason: expect.stringMatching(reason),
    })
  })

  test('with a manifest whose checksum or size does not agree', async () => {
    const at = new Date()
    const manifest = fakeManifest('x', at, gz(dump()))
    await expect(check(gz(dump()), { manifest })).resolves.toBeDefined()
    await expect(check(gz(dump({ guard: false })), { manifest })).rejects.toThrow('damaged')
    const same = { ...manifest, sha256: createHash('sha256').update('other').digest('hex') }
    await expect(check(gz(dump()), { manifest: same })).rejects.toThrow('damaged')
  })
})

describe.each([
  ['gzip', () => Buffer.concat([gz(roles), gz(bulky())])],
  ['zstd', () => Buffer.concat([zstd(roles), zstd(bulky())])],
] as const)('one flipped bit in a %s archive', (codec, make) => {
  let bytes: Buffer
  let good: string
  beforeAll(async () => {
    bytes = make()
    good = await sqlOf(await check(bytes, { codec }))
  })

  test.each([false, true])('is found, or changes nothing; manifest: %s', async (withManifest) => {
    const manifest = withManifest ? fakeManifest('x', new Date(), bytes) : null
    const headers = Array.from({ length: 30 }, (_, at) => at)
    const random = Array.from({ length: 200 }, () => Math.floor(Math.random() * bytes.length))
    for (const at of [...headers, ...random]) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
      const result = await check(flipped, { codec, manifest }).then(sqlOf, (error: Error) => error)
      const verdict = typeof result === 'string' ? result === good : result.name
      expect({ at, verdict }).toEqual({ at, verdict: verdict === true ? true : 'Refusal' })
    }
  })
})

function bulky(): string {
  const rows = Array.from(
    { length: 3000 },
    (_, i) => `${i}\t${createHash('md5').update(`${i}`).digest('hex')}`,
  )
  return dump({ extra: `COPY public.b (i, t) FROM stdin;\n${rows.join('\n')}\n\\.\n\n` })
}
