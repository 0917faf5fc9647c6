import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DumpSplitter, type Piece } from '../../../src/engines/postgres/load/split/dump-splitter.ts'

const sql = String.raw`-- a comment; with 'quotes'
SET client_encoding = 'UTF8';
/* a /* nested; */ comment' */ SELECT 1 - -1, 4 / 2, $1;
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_x1$ ; $$ '; $_x $_x1$;
CREATE FUNCTION g(begin int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN 1 > 0 THEN 1 END; SELECT 2; END;
CREATE OR REPLACE PROCEDURE h() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES ('end;'); END;
SELECT E'a\'; b\\', 'it''s; \', U&'\0041', "na""me;", E'x''y;\'';
CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2););
COPY public."T (x) FROM stdin" (a, b) FROM stdin;
1	\\.
\\.	\N

x	y;'$$
\.
COPY public.z  FROM stdin;
\.
COPY public.y (a) FROM stdin;
\N
\.

SELECT pg_catalog.setval('public.s', 5, true);
-- the end
`

function split(text: Buffer, sizes: readonly number[], rows = 'keep'): readonly Piece[] {
  const splitter = new DumpSplitter()
  const pieces: Piece[] = []
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    for (const piece of splitter.push(text.subarray(at, at + size))) {
      pieces.push(piece)
      if (rows === 'skip' && piece.kind === 'copy') splitter.skipRows()
    }
    at += size
  }
  return [...pieces, ...splitter.end()]
}

/** What the pieces say, in a form that does not depend on where the chunks were cut. */
function outlineOf(pieces: readonly Piece[]): readonly string[] {
  const outline: string[] = []
  let rows = ''
  for (const piece of pieces) {
    if (piece.kind === 'rows') rows += Buffer.concat(piece.bytes).toString()
    else if (piece.kind === 'copy-end') outline.push(`rows ${JSON.stringify(rows)}`)
    else if (piece.kind === 'rest') outline.push('rest')
    else outline.push(`${piece.line} ${piece.text.toString()}`)
    if (piece.kind !== 'rows') rows = ''
  }
  return outline
}

describe('the splitter', () => {
  test('finds the statements and rows of a dump, and their lines', () => {
    const outline = outlineOf(split(Buffer.from(sql), [1_000_000]))

    expect(outline.map((text) => text.slice(0, 40))).toEqual([
      "2 SET client_encoding = 'UTF8';",
      '3 SELECT 1 - -1, 4 / 2, $1;',
      '4 CREATE FUNCTION f() RETURNS text LANGU',
      '5 CREATE FUNCTION g(begin int) RETURNS i',
      '6 CREATE OR REPLACE PROCEDURE h() LANGUA',
      "7 SELECT E'a\\'; b\\\\', 'it''s; \\', U&'\\00",
      '8 CREATE RULE r AS ON INSERT TO t DO (IN',
      '9 COPY public."T (x) FROM stdin" (a, b) ',
      String.raw`rows "1\t\\\\.\n\\\\.\t\\N\n\nx\ty;'$$\n"`.slice(0, 40),
      '15 COPY public.z  FROM stdin;',
      'rows ""',
      '17 COPY public.y (a) FROM stdin;',
      String.raw`rows "\\N\n"`,
      "21 SELECT pg_catalog.setval('public.s', ",
    ])
  })

  test('finds the same wherever the chunks are cut', () => {
    const whole = outlineOf(split(Buffer.from(sql), [1_000_000]))

    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        expect(outlineOf(split(Buffer.from(sql), sizes))).toEqual(whole)
      }),
    )
  })

  test('passes over the rows of a table wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const pieces = split(Buffer.from(sql), sizes, 'skip')
        const kinds = pieces.map(({ kind }) => kind)
        expect(kinds.filter((kind) => kind === 'copy-end')).toHaveLength(3)
        expect(kinds).not.toContain('rows')
        expect(kinds.at(-1)).toBe('statement')
      }),
    )
  })

  test('counts rows once, wherever the chunks are cut', () => {
    const values = fc.string({
      unit: fc.constantFrom('a', '\t', '\\\\', '\\N', '.', '\\n', ';', "'"),
    })
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })

    fc.assert(
      fc.property(fc.array(values), cuts, (rows, sizes) => {
        const text = `COPY t (a) FROM stdin;\n${rows.map((row) => `${row}\n`).join('')}\\.\nSELECT 1;\n`
        const pieces = split(Buffer.from(text), sizes)
        const found = pieces.filter((piece) => piece.kind === 'rows')
        expect(found.reduce((sum, piece) => sum + piece.rows, 0)).toBe(rows.length)
        expect(found.flatMap(({ bytes }) => bytes).join('')).toBe(
          rows.map((row) => `${row}\n`).join(''),
        )
        expect(pieces.at(-1)).toMatchObject({ kind: 'statement' })
      }),
    )
  })

  test('passes on rows of any length without holding them', () => {
    const row = Buffer.alloc(3_000_000, 'x')
    const text = Buffer.concat([
      Buffer.from('COPY t (a) FROM stdin;\n'),
      row,
      Buffer.from('\nb\n\\.\n'),
    ])

    const pieces = split(text, [65_536]).filter((piece) => piece.kind === 'rows')

    const longest = Math.max(...pieces.map(({ bytes }) => Buffer.concat(bytes).length))
    expect(longest).toBeLessThan(500_000)
    const all = Buffer.concat(pieces.flatMap(({ bytes }) => bytes))
    expect(all.equals(Buffer.concat([row, Buffer.from('\nb\n')]))).toBe(true)
  })

  test.each([
    ['a command of psql', 'SELECT 1 \\! touch x\n;'],
    ['strings with backslashes', 'SET standard_conforming_strings = off;\nSELECT 1;'],
    ['an encoding with such signs in its characters', "SET client_encoding = 'SJIS';\nSELECT 1;"],
    ['a COPY with options', 'COPY t FROM stdin WITH (FORMAT csv);\n1\n\\.\n'],
    ['a COPY with something behind it', 'COPY t FROM stdin; SELECT 1;\n1\n\\.\n'],
    ['a statement without end', 'SELECT 1'],
  ])('hands on all that follows %s', (_, text) => {
    const outline = outlineOf(split(Buffer.from(`SELECT 0;\n${text}`), [1_000_000]))

    expect(outline).toEqual(['1 SELECT 0;', 'rest'])
  })
})
