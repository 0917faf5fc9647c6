import { describe, expect, test } from 'vitest'
import type { Manifest, ObjectsOfKind, RestoredFacts } from '../../src/model/index.ts'
import { judge } from '../../src/verification/index.ts'
import { fakeManifest } from '../support/volume.ts'

const people = { schema: 'public', table: 'people', rows: 3 }

function manifestWith(changes: Partial<Manifest> = {}): Manifest {
  const fingerprint = { mode: 'rows', tables: [people], problem: null } as const
  return { ...fakeManifest('p', new Date(0), Buffer.alloc(1)), fingerprint, ...changes }
}

function manifestOf(objects: ObjectsOfKind): Manifest {
  const { fingerprint, ...manifest } = manifestWith()
  return { ...manifest, fingerprint: { ...fingerprint, objects: [objects] } }
}

function factsWith(changes: Partial<RestoredFacts> = {}): RestoredFacts {
  return {
    serverVersion: '15.18',
    databaseBytes: 1,
    tables: [people],
    countProblem: null,
    archiveTables: [people],
    largeObjects: null,
    trees: [],
    sequences: [],
    objects: [],
    invalidIndexes: [],
    unvalidatedConstraints: [],
    missingExtensions: [],
    inventedRoles: [],
    sqlErrors: [],
    checks: [],
    schema: null,
    remarks: [],
    ...changes,
  }
}

function judged(
  facts: Partial<RestoredFacts> = {},
  {
    manifest = manifestWith(),
    ignoreErrors = false,
  }: { manifest?: Manifest | null; ignoreErrors?: boolean } = {},
): ReturnType<typeof judge> {
  return judge({ trial: { kind: 'restored', facts: factsWith(facts) }, manifest, ignoreErrors })
}

describe('the verdict', () => {
  test('is verified when all agrees, with nothing to say', () => {
    expect(judged()).toEqual({ verdict: 'verified', differences: [] })
  })

  test.each<[string, Partial<RestoredFacts>, string]>([
    ['a missing table', { tables: [] }, 'table public.people is missing'],
    [
      'a missing row',
      { tables: [{ ...people, rows: 2 }] },
      'table public.people has 2 rows instead of 3',
    ],
    [
      'rows from nowhere',
      { tables: [people, { schema: 'a', table: 'b', rows: 1 }] },
      'table a.b with 1 rows was not in the database',
    ],
    [
      'a sequence that stands elsewhere',
      {
        sequences: [
          {
            name: 'public.s',
            archive: { value: '9223372036854775807', called: true },
            restored: { value: '9223372036854775806', called: true },
          },
        ],
      },
      'sequence public.s stands at 9223372036854775806 instead of 9223372036854775807',
    ],
    ['an index that is not valid', { invalidIndexes: ['a.i'] }, 'index a.i is not valid'],
    ['a statement that failed', { sqlErrors: ['ERROR: x'] }, 'SQL error: ERROR: x'],
    [
      'a check of the user that does not hold',
      { checks: [{ name: 'a.sql', problem: 'it returned "f"' }] },
      'check a.sql does not hold: it returned "f"',
    ],
  ])('is failed for %s', (_what, facts, difference) => {
    expect(judged(facts)).toEqual({ verdict: 'failed', differences: [difference] })
  })

  test.each<[string, Partial<RestoredFacts>, string]>([
    ['an extension that is missing', { missingExtensions: ['postgis'] }, 'extension postgis'],
    ['a role that was invented', { inventedRoles: ['app'] }, 'role app'],
    ['a constraint that was dumped as NOT VALID', { unvalidatedConstraints: ['a.c'] }, 'NOT VALID'],
    ['a remark', { remarks: ['locale de_DE is missing'] }, 'locale de_DE'],
  ])('is verified with exceptions for %s, by its name', (_what, facts, difference) => {
    const { verdict, differences } = judged(facts)

    expect(verdict).toBe('verified-with-exceptions')
    expect(differences.join()).toContain(difference)
    expect(differences).toHaveLength(1)
  })

  test('is failed for a named schema without a table, and tells when it had none before', () => {
    const schema = { name: 'app', tables: 0 }
    const noTable = 'schema app has no table'
    const fingerprint = { mode: 'rows', tables: [people], problem: null } as const
    const inApp = { schema: 'app', table: 'a', rows: 0 }
    const has = manifestWith({ fingerprint: { ...fingerprint, tables: [people, inApp] } })
    const unsure = manifestWith({ fingerprint: { ...fingerprint, problem: 'one is not counted' } })
    const uncounted = manifestWith({ fingerprint: { mode: 'off', tables: null, problem: null } })

    expect(judged({ schema })).toEqual({
      verdict: 'failed',
      differences: [
        expect.stringMatching(/^schema app has no table, nor had it one .*TABLE_SCHEMA/u),
      ],
    })
    for (const manifest of [has, null, unsure, uncounted]) {
      const { verdict, differences } = judged({ schema }, { manifest })
      expect(verdict).toBe('failed')
      expect(differences).toEqual(expect.arrayContaining([noTable]))
    }
  })

  test('excuses what needs an extension that is not here, but nothing that was restored', () => {
    const geo = { schema: 'public', table: 'geo', rows: 0 }
    const manifest = manifestWith({
      fingerprint: { mode: 'rows', tables: [people, geo], problem: null },
    })
    const missing = { missingExtensions: ['postgis'], sqlErrors: ['type geometry does not exist'] }

    const { verdict, differences } = judged(missing, { manifest })
    expect(verdict).toBe('verified-with-exceptions')
    expect(differences.join()).toContain('public.geo could not be')
    const cut = { ...missing, tables: [{ ...people, rows: 2 }] }
    expect(judged(cut, { manifest }).verdict).toBe('failed')
  })

  test('is could-not-verify when rows could not be restored without an extension', () => {
    const geo = { schema: 'gis', table: 'geo', rows: 7 }
    const { fingerprint } = manifestWith({
      fingerprint: { mode: 'rows', tables: [people, geo], problem: null },
    })
    const manifest = manifestWith({ fingerprint })
    const missing = { missingExtensions: ['postgis'], schema: { name: 'gis', tables: 0 } }

    const { verdict, differences } = judged(missing, { manifest })
    expect(verdict).toBe('could-not-verify')
    expect(differences[0]).toBe(
      'not all tables could be restored without postgis on the scratch server: 7 rows of 1 of them are not proved',
    )
    const empty = manifestWith({
      fingerprint: { ...fingerprint, tables: [people, { ...geo, rows: 0 }] },
    })
    expect(judged(missing, { manifest: empty })).toMatchObject({
      verdict: 'could-not-verify',
      differences: expect.arrayContaining([
        'no table of schema gis could be restored without postgis on the scratch server',
      ]),
    })
    const cut = { ...missing, tables: [{ ...people, rows: 2 }] }
    expect(judged(cut, { manifest }).verdict).toBe('failed')
  })

  test('is could-not-verify when nothing at all could be restored without an extension', () => {
    expect(judged({ missingExtensions: ['postgis'], tables: [] })).toMatchObject({
      verdict: 'could-not-verify',
      differences: [
        'no table could be restored without postgis on the scratch server',
        expect.anything(),
        expect.anything(),
      ],
    })
  })

  test('with -I takes SQL errors for exceptions, and nothing else', () => {
    const sqlErrors = ['ERROR: x']

    expect(judged({ sqlErrors }, { ignoreErrors: true }).verdict).toBe('verified-with-exceptions')
    expect(judged({ sqlErrors, tables: [] }, { ignoreErrors: true }).verdict).toBe('failed')
  })

  test('without a manifest is with exceptions at best, and judged by the archive’s rows', () => {
    const manifest = null

    expect(judged({}, { manifest })).toMatchObject({ verdict: 'verified-with-exceptions' })
    expect(judged({ tables: [{ ...people, rows: 2 }] }, { manifest }).verdict).toBe('failed')
    expect(judged({ tables: [], archiveTables: [] }, { manifest }).verdict).toBe('failed')
  })

  test('of an empty database that was backed up as such is verified', () => {
    const manifest = manifestWith({ fingerprint: { mode: 'rows', tables: [], problem: null } })

    expect(judged({ tables: [], archiveTables: [] }, { manifest }).verdict).toBe('verified')
  })

  test('names what the snapshot did not count, and compares that with the archive', () => {
    const fingerprint = { mode: 'rows', tables: [], problem: 'not counted: public.people' } as const
    const manifest = manifestWith({ fingerprint })

    expect(judged({}, { manifest })).toEqual({
      verdict: 'verified-with-exceptions',
      differences: ['not counted: public.people'],
    })
    expect(judged({ tables: [{ ...people, rows: 2 }] }, { manifest }).verdict).toBe('failed')
  })

  test('compares digests where both sides have them', () => {
    const table = { ...people, digest: '1:2' }
    const manifest = manifestWith({
      fingerprint: { mode: 'content', tables: [table], problem: null },
    })

    expect(judged({ tables: [table] }, { manifest }).verdict).toBe('verified')
    expect(judged({ tables: [{ ...people, digest: '1:3' }] }, { manifest }).verdict).toBe('failed')
    expect(judged({ tables: [people] }, { manifest }).verdict).toBe('verified')
  })

  test('is failed for objects that are missing or strange, by their names', () => {
    const named = (names: readonly string[]): ObjectsOfKind => ({
      kind: 'index',
      count: names.length,
      digest: names.join(),
      names,
    })
    const manifest = manifestOf(named(['a', 'b', 'c', 'd', 'e', 'f', 'g']))
    const found = (...names: readonly string[]): readonly string[] =>
      judged({ objects: [named(names)] }, { manifest }).differences

    expect(found('a', 'b', 'c', 'd', 'e', 'f', 'g')).toEqual([])
    expect(found('a', 'b', 'c', 'd', 'e', 'f', 'x')).toEqual([
      'index g is missing',
      'index x was not in the database',
    ])
    expect(found('a')).toEqual(['6 indexes are missing: b; c; d; e; f and 1 more'])
  })

  test('is failed for objects whose names are not recorded, by their count or digest', () => {
    const many = { kind: 'view', count: 3000, digest: 'x', names: null }
    const found = (changes: Partial<ObjectsOfKind>): readonly string[] =>
      judged({ objects: [{ ...many, names: [], ...changes }] }, { manifest: manifestOf(many) })
        .differences

    expect(found({})).toEqual([])
    expect(found({ count: 2999, digest: 'y' })).toEqual(['there are 2999 views instead of 3000'])
    expect(found({ digest: 'y' })).toEqual(['of 3000 views some are others than in the database'])
  })

  test('excuses missing objects where an extension is missing, and strange ones never', () => {
    const one = { kind: 'extension', count: 2, digest: 'x', names: ['postgis', 'hstore'] }
    const manifest = manifestOf(one)
    const missingExtensions = ['postgis']
    const objects = (...names: readonly string[]): Partial<RestoredFacts> => ({
      missingExtensions,
      objects: [{ ...one, digest: 'y', count: names.length, names }],
    })

    expect(judged(objects('hstore'), { manifest }).differences).toEqual([
      'extension postgis is missing on the scratch server',
    ])
    expect(judged(objects(), { manifest })).toEqual({
      verdict: 'verified-with-exceptions',
      differences: [
        'extension postgis is missing on the scratch server',
        'extension hstore is missing, perhaps for want of the missing extension',
      ],
    })
    expect(judged(objects('hstore', 'odd'), { manifest }).verdict).toBe('failed')
  })

  test('says which kinds could not be compared, and nothing to manifests without any', () => {
    const values = { kind: 'value of sequence', count: 2, digest: 'x', names: ['a', 'b'] }
    const index = { kind: 'index', count: 1, digest: 'x', names: ['i'] }

    expect(judged({ objects: [] }, { manifest: manifestOf(values) })).toEqual({
      verdict: 'verified-with-exceptions',
      differences: ['2 values of sequences could not be compared: a; b'],
    })
    const one = { ...values, count: 1, names: ['public.sé'] }
    expect(judged({ objects: [] }, { manifest: manifestOf(one) }).differences).toEqual([
      'value of sequence public.sé could not be compared',
    ])
    expect(
      judged({ objects: [] }, { manifest: manifestOf({ ...values, names: null }) }).differences,
    ).toEqual(['2 values of sequences could not be compared'])
    expect(judged({ objects: [index] }).verdict).toBe('verified')
  })

  test('is failed for a broken archive, could-not-verify for trouble of ours', () => {
    const manifest = manifestWith()
    const ignoreErrors = false

    expect(judge({ trial: { kind: 'broken', reason: 'cut' }, manifest, ignoreErrors })).toEqual({
      verdict: 'failed',
      differences: ['cut'],
    })
    const trial = { kind: 'trouble', reason: 'no room', log: ['PANIC'] } as const
    expect(judge({ trial, manifest, ignoreErrors })).toEqual({
      verdict: 'could-not-verify',
      differences: ['no room', 'PANIC'],
    })
  })
})
