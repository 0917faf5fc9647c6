import {
  array,
  assert,
  constant,
  constantFrom,
  nat,
  property,
  record,
  shuffledSubarray,
  string,
  tuple,
  uniqueArray,
} from 'fast-check'
import { describe, test } from 'vitest'
import type { RestoredFacts, TableFingerprint } from '../../src/model/index.ts'
import { judge } from '../../src/verification/index.ts'
import { fakeManifest } from '../support/volume.ts'

const anyTable = record({
  schema: constantFrom('public', 'app', 'Mixed'),
  table: string({ minLength: 1, maxLength: 5 }),
  rows: nat(1_000),
})
const tables = uniqueArray(anyTable, {
  maxLength: 8,
  selector: ({ schema, table: name }) => `${schema}\0${name}`,
})

function judged(
  expected: readonly TableFingerprint[],
  restored: readonly TableFingerprint[],
  changes: Partial<RestoredFacts> = {},
): ReturnType<typeof judge> {
  const facts: RestoredFacts = {
    serverVersion: '15',
    databaseBytes: 0,
    tables: restored,
    countProblem: null,
    archiveTables: null,
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
  const manifest = {
    ...fakeManifest('p', new Date(0), Buffer.alloc(1)),
    fingerprint: { mode: 'rows', tables: expected, problem: null },
  } as const
  return judge({ trial: { kind: 'restored', facts }, manifest, ignoreErrors: false })
}

describe('for all databases', () => {
  test('the same tables in any order are verified', () => {
    assert(
      property(
        tables.chain((all) =>
          tuple(
            constant(all),
            shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          ),
        ),
        ([expected, restored]) => judged(expected, restored).verdict === 'verified',
      ),
    )
  })

  test('one row more or less anywhere, or a table less, is failed, whatever else is wrong', () => {
    const excuses = record({
      inventedRoles: array(string(), { maxLength: 2 }),
      remarks: array(string(), { maxLength: 2 }),
    })
    assert(
      property(
        tables.filter((all) => all.length > 0),
        nat(),
        constantFrom(-1, 1, null),
        excuses,
        (...[expected, at, by, changes]) => {
          const victim = expected[at % expected.length]
          const restored = expected.flatMap((entry) => {
            if (entry !== victim) return [entry]
            return by === null ? [] : [{ ...entry, rows: entry.rows + by }]
          })
          return judged(expected, restored, changes).verdict === 'failed'
        },
      ),
    )
  })

  test('is plainly verified when there is nothing to say, and only then', () => {
    assert(
      property(tables, tables, (expected, restored) => {
        const { verdict, differences } = judged(expected, restored)
        return (verdict === 'verified') === (differences.length === 0)
      }),
    )
  })
})
