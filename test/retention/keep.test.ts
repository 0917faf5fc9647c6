import { describe, expect, test } from 'vitest'
import {
  type KeepSpecification,
  keepSpecificationWarnings,
  parseKeepSpecification,
  parseKeepSpecifications,
  parseSpan,
  printKeepSpecification,
} from '../../src/model/index.ts'
import { judgeByGrid } from '../../src/retention/rules/grid.ts'
import { sampleBackup } from '../support/sample-backup.ts'
import vectors from './keep-vectors.json' with { type: 'json' }

function specification(text: string): KeepSpecification {
  const read = parseKeepSpecification(text)
  if ('problem' in read) throw new Error(`${text}: ${read.problem}`)
  return read.value
}

/** What KEEP says about a backup of that time; the protections have no part in it. */
function verdict(timestamp: string, now: string, keep: readonly string[]): 'keep' | 'delete' {
  const takenAt = new Date(timestamp)
  const rule = { specifications: keep.map(specification) }
  const judge = judgeByGrid(rule, { past: [], now: new Date(now) })
  return judge({ ...sampleBackup({ at: takenAt }), takenAt }).keep ? 'keep' : 'delete'
}

describe('the vectors', () => {
  test('are all there', () => {
    expect(vectors.keep.length).toBeGreaterThan(50)
    expect(vectors.parse).toHaveLength(14)
  })

  test.each(vectors.keep.map((vector) => [vector.case, vector.timestamp, vector] as const))(
    '%s: %s',
    (_case, _timestamp, { timestamp, now, keep, expect: expected }) => {
      expect(verdict(timestamp, now, keep)).toBe(expected)
    },
  )

  const understood = vectors.parse.filter(({ result }) => result.startsWith('before='))
  const refused = vectors.parse.filter(({ result }) => !result.startsWith('before='))

  test.each(understood.map(({ spec, result }) => [spec, result]))('%j is %s', (spec, result) => {
    const parts =
      /^before=(?<before>\S+) interval=(?<interval>\S+) round=(?<round>\S+) canon="(?<canon>.*)"$/u.exec(
        result,
      )?.groups
    const value = specification(spec)

    expect(value).toEqual({
      window: goSeconds(parts?.['before']),
      spacing: goSeconds(parts?.['interval']),
      smudge: goSeconds(parts?.['round']),
    })
    expect(printKeepSpecification(value)).toBe(parts?.['canon'])
  })

  test.each(refused.map(({ spec, result }) => [spec, result]))(
    '%j is an error; the original said %s',
    (spec) => {
      expect(parseKeepSpecification(spec)).toHaveProperty('problem')
    },
  )

  /** Go writes durations as `168h0m0s`. */
  function goSeconds(text = ''): number {
    const read = parseSpan(text)
    return 'value' in read ? read.value : Number.NaN
  }
})

describe('the worked cases of the original, without its gap', () => {
  const noon = '2026-03-31T12:00:00Z'
  const documented = ['@1h/15m~5m', '@6h/1h~15m', '@7d/1w~1d', '@4w/4w~1w', '@52w/156w~1w']

  const cases: readonly [
    name: string,
    keep: readonly string[],
    now: string,
    k: string,
    d: string,
  ][] = [
    [
      'A',
      ['@2w/1d~6h'],
      noon,
      '03-31T00:00 03-17T12:00:01 03-17T00:05 03-16T21:00 03-16T23:59:59 03-15T02:59:59 03-14T21:00 03-01T00:00',
      '03-17T12:00 03-17T06:05 03-16T20:59:59 03-16T18:05 03-15T03:00 03-14T20:59:59.999',
    ],
    [
      'B',
      ['@2w/1d~6h'],
      '2026-03-31T22:30:00Z',
      '03-17T21:00 03-17T22:29:59 03-17T22:30:00 03-17T22:30:01 03-16T22:30',
      '',
    ],
    ['C', ['@7d/1d'], noon, '03-20T00:00 03-25T02:00:13', '03-20T00:00:01 03-20T02:00:13'],
    [
      'D',
      documented,
      noon,
      '03-31T11:00:01 03-31T11:00 03-31T10:47:29 03-31T10:45 03-31T10:42:30 03-31T06:00 03-31T05:07:29 03-31T04:52:30 03-23T11:59:59 03-22T12:00 03-03T12:00 03-02T00:00 02-05T11:59:59 2025-02-06T11:59:59 2025-02-03T00:00 2025-01-30T12:00 2022-02-07T00:00',
      '03-31T10:47:30 03-31T10:42:29 03-31T05:45 03-31T05:07:30 03-24T12:00 03-23T12:00 03-22T11:59:59 03-19T00:00 02-23T00:00 02-09T00:00 02-05T12:00 2025-04-01T12:00 2025-02-06T12:00 2025-01-30T11:59:59 2024-02-05T00:00 2023-10-16T00:00',
    ],
    ['E', [], noon, '2000-01-01T00:00 2027-01-01T00:00', ''],
    [
      'F',
      ['/1d~6h'],
      noon,
      '03-31T00:30 03-31T22:00 2027-01-01T00:00',
      '03-31T11:00 2027-01-01T12:00',
    ],
    ['G', ['@7d', '@30d/7d'], noon, '03-20T13:14:15 03-02T00:00 02-23T00:00', '02-24T00:00'],
    ['H', ['@1d/1h~1d'], noon, '03-20T13:14:15 03-20T01:14:15', ''],
    ['I', ['@7d/1d', '@7d/1w'], noon, '03-18T00:00 03-16T00:00', ''],
    ['I swapped', ['@7d/1w', '@7d/1d'], noon, '03-16T00:00', '03-18T00:00'],
    [
      'J',
      ['@7d/7d', '@30d/30d'],
      noon,
      '03-16T00:00',
      '02-23T00:00 02-16T00:00 02-14T00:00 01-15T00:00',
    ],
    ['L', ['@1h/1h~25m'], noon, '03-31T10:00 03-31T09:55', '03-31T09:10 03-31T08:00'],
    [
      'M',
      ['@7d/1w', '@28d/4w'],
      '2026-03-31T03:00:00Z',
      '03-25T00:00 03-23T00:00 03-09T00:00 03-02T00:00 02-02T00:00 01-05T00:00 2025-12-08T00:00',
      '03-24T00:00 03-03T00:00 02-23T00:00 2025-12-15T00:00',
    ],
    ['N', ['@7d/1w', ''], noon, '03-30T12:34:56', '03-18T00:00'],
  ]

  test.each(cases.map(([name, keep, now, k, d]) => ({ name, keep, now, k, d })))(
    '$name',
    ({ keep, now, k, d }) => {
      const verdicts = (times: string): string[] =>
        times
          .split(' ')
          .filter((time) => time !== '')
          .map((time) => {
            const full = time.startsWith('20') ? time : `2026-${time}`
            return verdict(/T\d\d:\d\d$/u.test(full) ? `${full}:00Z` : `${full}Z`, now, keep)
          })

      expect(new Set(verdicts(k)).has('delete')).toBe(false)
      expect(new Set(verdicts(d)).has('keep')).toBe(false)
    },
  )

  test('K: times are instants, the grid is in UTC', () => {
    expect(verdict('2026-03-20T00:00:00+02:00', noon, ['@7d/1d'])).toBe('delete')
    expect(verdict('2026-03-20T02:00:00+02:00', noon, ['@7d/1d'])).toBe('keep')
  })

  test('the order of windows does not matter', () => {
    const times = ['2026-03-31T10:45:00Z', '2026-03-24T12:00:00Z', '2026-02-05T11:59:59Z']

    for (const time of times) {
      expect(verdict(time, noon, documented.toReversed())).toBe(verdict(time, noon, documented))
    }
  })
})

describe('what crashes or starves the original', () => {
  test.each([
    ['@15', '"15" has no unit'],
    ['@1y', 'there are no years; write 52w or 365d'],
    ['@1M', 'there are no months; write 4w or 30d'],
    ['@7D', '"D" is written "d"'],
    ['@1.5h', 'there are no fractions; write 90m'],
    ['@99999w', 'is longer than 292 years'],
    ['@2147483648s', 'is too large'],
    ['@d', 'there is no number before "d"'],
    ['@7d/', 'the time is missing'],
    ['7d/1d', '"7d" does not begin with "@"'],
    ['@7d,@8d', 'does not begin with "@"'],
  ])('%s is an error that says what to write', (text, problem) => {
    const read = parseKeepSpecification(text)

    expect('problem' in read ? read.problem : '').toContain(problem)
  })

  test.each([
    ['/1d~6h', 'has no window'],
    ['@7d/1d', 'has no smudge'],
    ['@1d/1h~1d', 'so it keeps every backup of its window'],
    ['@1d/1h~90m', 'not smaller than its spacing'],
    ['@1h/1h~25m', 'does not divide its spacing'],
    [
      '@7d/7d~1d @30d/30d~1d',
      'The spacing of "@4w2d/4w2d~1d" is no multiple of that of "@1w/1w~1d"',
    ],
    [
      '@1d/1d~6h @2d @3d/36h~6h',
      'The spacing of "@3d/1d12h~6h" is no multiple of that of "@1d/1d~6h"',
    ],
    ['@7d/1d~6h @7d/1w~1d', 'only the one that is written first counts'],
  ])('%s is warned of, with what will happen', (text, warning) => {
    expect(warningsOf(text)).toEqual([expect.stringContaining(warning)])
  })

  test.each(['@2w/1d~6h', '@1h/15m~5m @6h/1h~15m @7d/1w~1d @4w/4w~1w @52w/156w~1w', '@7d', 'none'])(
    '%s needs no warning',
    (text) => {
      expect(warningsOf(text)).toEqual([])
    },
  )

  function warningsOf(text: string): readonly string[] {
    const read = parseKeepSpecifications(text)
    return 'value' in read ? keepSpecificationWarnings(read.value) : [read.problem]
  }
})
