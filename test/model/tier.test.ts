import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tierAt } from '../../src/model/index.ts'
import { inZone } from '../support/zone.ts'

const counts = { total: 31, daily: 6, weekly: 4, monthly: 1 }

function rolling(date: string, changes: Partial<typeof counts> = {}): string | null {
  return tierAt(new Date(`${date}T01:00:00`), 'rolling', { ...counts, ...changes })
}

describe('the tier of a cycle', () => {
  test.each([
    ['2026-06-30', 'monthly', 'the last of a month'],
    ['2026-12-31', 'monthly', 'the last of a year'],
    ['2026-02-28', 'monthly', 'the last of February'],
    ['2024-02-28', 'daily', 'the 28th of February in a leap year'],
    ['2024-02-29', 'monthly', 'the 29th of February'],
    ['2100-02-28', 'monthly', 'the last of February in a century that is no leap year'],
    ['2026-05-03', 'weekly', 'a Sunday'],
    ['2026-05-02', 'daily', 'a Saturday'],
    ['2026-05-04', 'daily', 'a Monday'],
    ['2026-05-31', 'monthly', 'a Sunday at the end of a month: the month beats the week'],
    ['2026-05-01', 'daily', 'the first of a month'],
  ])('on %s is %s: %s', (date, tier) => {
    expect(rolling(date)).toBe(tier)
  })

  test('is not monthly when no monthly backups are kept', () => {
    expect(rolling('2026-06-30', { monthly: 0 })).toBe('daily')
    expect(rolling('2026-05-31', { monthly: 0 })).toBe('weekly')
  })

  test('is weekly on a Sunday even when no weekly backups are kept', () => {
    expect(rolling('2026-05-03', { weekly: 0 })).toBe('weekly')
  })

  test('under the daily strategy is none', () => {
    expect(tierAt(new Date('2026-06-30T01:00:00'), 'daily', counts)).toBeNull()
  })

  test('goes by the local date', () => {
    const instant = new Date('2026-07-01T05:00:00Z')

    expect(inZone('UTC', () => tierAt(instant, 'rolling', counts))).toBe('daily')
    expect(inZone('PST8PDT', () => tierAt(instant, 'rolling', counts))).toBe('monthly')
  })

  test('is monthly exactly once in every month, at any hour and around daylight-saving', () => {
    const hours = fc.record({
      year: fc.integer({ min: 1990, max: 2100 }),
      month: fc.integer({ min: 0, max: 11 }),
      hour: fc.integer({ min: 0, max: 23 }),
      zone: fc.constantFrom('PST8PDT', 'Europe/Berlin', 'America/Sao_Paulo', 'Pacific/Auckland'),
    })

    fc.assert(
      fc.property(hours, ({ year, month, hour, zone }) => {
        inZone(zone, () => {
          const days = Array.from({ length: 31 }, (_, day) => new Date(year, month, day + 1, hour))
          const inMonth = days.filter((day) => day.getMonth() === month)
          const tiers = inMonth.map((day) => tierAt(day, 'rolling', counts))

          expect(tiers.filter((tier) => tier === 'monthly')).toHaveLength(1)
          expect(tiers.at(-1)).toBe('monthly')
        })
      }),
    )
  })
})
