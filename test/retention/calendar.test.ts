import { describe, expect, test } from 'vitest'
import type { Period, RetentionRule } from '../../src/model/index.ts'
import { day, days, decide, kept, policyOf, shown } from '../support/retention.ts'
import { sampleBackup } from '../support/sample-backup.ts'
import { inZone } from '../support/zone.ts'

const now = new Date(2026, 9, 31, 12)

function calendar(period: Period, count: number): RetentionRule {
  return { kind: 'calendar', period, count }
}

/** Every six hours from the first of a month of 2026 to `now`. */
function sixHourly(fromMonth: number): Date[] {
  const times: Date[] = []
  for (let time = new Date(2026, fromMonth - 1, 1, 5); time <= now; ) {
    times.push(time)
    time = new Date(time.getFullYear(), time.getMonth(), time.getDate(), time.getHours() + 6)
  }
  return times
}

function keptTimes(times: readonly Date[], ...rules: RetentionRule[]): string[] {
  const backups = times.map((at) => sampleBackup({ at }))
  return decide(backups, policyOf(rules), now)
    .filter(({ keep }) => keep)
    .map(({ backup }) => `${backup.name.stamp.date} ${backup.name.stamp.time.slice(0, 2)}`)
}

describe('calendar rules keep the newest of each period that has a backup', () => {
  test.each<[Period, number, string[]]>([
    ['hour', 3, ['2026-10-31 11', '2026-10-31 05', '2026-10-30 23']],
    ['day', 3, ['2026-10-31 11', '2026-10-30 23', '2026-10-29 23']],
    // The 25th and 18th of October are Sundays, the last days of their weeks.
    ['week', 3, ['2026-10-31 11', '2026-10-25 23', '2026-10-18 23']],
    ['month', 3, ['2026-10-31 11', '2026-09-30 23', '2026-08-31 23']],
    ['year', 3, ['2026-10-31 11']],
  ])('%s, %i', (period, count, expected) => {
    expect(keptTimes(sixHourly(7), calendar(period, count))).toEqual(expected)
  })

  test('and periods without one do not count, so that nothing goes when backups stop', () => {
    const times = [new Date(2020, 1, 3), new Date(2023, 5, 5), new Date(2026, 0, 1)]

    expect(keptTimes(times, calendar('day', 3))).toHaveLength(3)
    expect(keptTimes(times, calendar('year', 2))).toEqual(['2026-01-01 00', '2023-06-05 00'])
  })

  test('each rule for itself, with a reason each', () => {
    const rules = [calendar('day', 2), calendar('month', 1)]

    const decisions = decide(days(1, 4), policyOf(rules), now)

    expect(shown(decisions)).toEqual([
      'keep 04: newest of its day, newest of its month, newest good backup',
      'keep 03: newest of its day',
      'delete 02: beyond the newest 2 days, not the newest of its month',
      'delete 01: beyond the newest 2 days, not the newest of its month',
    ])
  })

  test('a bad one takes no slot of its period', () => {
    const backups = [...days(1, 3), sampleBackup({ at: new Date(2026, 9, 3, 13), quality: 'bad' })]

    const decisions = decide(backups, policyOf([calendar('day', 2)]), now)

    expect(kept(decisions)).toEqual(['03', '03', '02'])
  })
})

test('the defaults of the restic sidecar: 7 days, 4 weeks, 12 months, 3 years', () => {
  const nightly = Array.from({ length: 4 * 366 }, (_, index) => new Date(2026, 9, 31 - index, 2))
  const rules = [
    calendar('day', 7),
    calendar('week', 4),
    calendar('month', 12),
    calendar('year', 3),
  ]

  const left = keptTimes(nightly, ...rules)

  expect(left.slice(0, 7).map((text) => text.slice(8, 10))).toEqual([
    '31',
    '30',
    '29',
    '28',
    '27',
    '26',
    '25',
  ])
  expect(left.slice(7).join(', ')).toBe(
    [
      '2026-10-18 02, 2026-10-11 02, 2026-09-30 02, 2026-08-31 02, 2026-07-31 02',
      '2026-06-30 02, 2026-05-31 02, 2026-04-30 02, 2026-03-31 02, 2026-02-28 02',
      '2026-01-31 02, 2025-12-31 02, 2025-11-30 02, 2024-12-31 02',
    ].join(', '),
  )
})

test('an hour that a change of clocks repeats is two hours', () => {
  inZone('America/Vancouver', () => {
    const times = ['2026-11-01T08:30:00Z', '2026-11-01T09:30:00Z'].map((text) => new Date(text))
    const backups = times.map((takenAt) => ({ ...sampleBackup({ at: takenAt }), takenAt }))
    const apart = backups.map((backup, index) => ({ ...backup, path: `${index}` }))

    const decisions = decide(apart, policyOf([calendar('hour', 2)]), new Date('2026-11-02T00:00Z'))

    expect(decisions.map(({ reasons }) => reasons[0])).toEqual([
      'newest of its hour',
      'newest of its hour',
    ])
  })
})

describe('KEEP_WITHIN', () => {
  test('is measured from the newest backup, which time alone cannot make older', () => {
    const rule = { kind: 'within', seconds: 3 * 86_400 } as const

    for (const when of [day(9), day(31), new Date(2030, 1, 1)]) {
      const decisions = decide(days(1, 9), policyOf([rule]), when)

      expect(kept(decisions)).toEqual(['09', '08', '07'])
      expect(shown(decisions)[3]).toBe('delete 06: 3 d or more before the newest')
    }
  })
})

test('KEEP_WITHIN is not measured from a bad backup', () => {
  const backups = [...days(1, 3), ...days(20, 20, { quality: 'bad' })]
  const rule = { kind: 'within', seconds: 3 * 86_400 } as const

  expect(kept(decide(backups, policyOf([rule]), day(31)))).toEqual(['20', '03', '02', '01'])
})

describe('MAX_AGE', () => {
  const thirtyDays = { kind: 'age', seconds: 2_592_000 } as const
  const noon = new Date('2026-03-31T12:00:00Z')

  /** The keys of the bucket of system 003, as its own names say. */
  function ages(...times: string[]): string[] {
    const backups = times.map((time, index) => ({
      ...sampleBackup({ at: new Date(time) }),
      takenAt: new Date(time),
      path: `${index}`,
    }))
    return decide(backups, policyOf([thirtyDays]), noon)
      .filter(({ keep }) => keep)
      .map(({ backup }) => times[Number(backup.path)] ?? '')
  }

  test('deletes at exactly that age and not a moment before', () => {
    const young = '2026-03-30T00:00:00Z'
    const [limit, before] = ['2026-03-01T12:00:00.000Z', '2026-03-01T12:00:00.001Z']

    expect(ages(young, limit)).toEqual([young])
    expect(ages(young, before)).toEqual([young, before])
    expect(ages(young, '2026-03-01T11:59:59.999Z')).toEqual([young])
  })

  test('never empties a store in which dumps have stopped', () => {
    expect(ages('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toEqual(['2026-01-02T00:00:00Z'])
  })

  test('keeps an old good backup behind any number of younger ones that are not known to be good', () => {
    const backups = [...days(1, 2), ...days(3, 4, { quality: 'unchecked' })]

    const decisions = decide(backups, policyOf([thirtyDays]), new Date(2027, 0, 1))

    expect(kept(decisions)).toEqual(['04', '03', '02'])
    expect(shown(decisions)[2]).toBe(
      'keep 02: 30 d old or older, but no newer one is known to be good, newest good backup',
    )
  })
})
