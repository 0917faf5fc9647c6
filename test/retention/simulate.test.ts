import { expect, test } from 'vitest'
import { tierAt } from '../../src/model/index.ts'
import { simulateRetention } from '../../src/retention/index.ts'
import { policyOf } from '../support/retention.ts'

const nightly = Array.from({ length: 400 }, (_, index) => new Date(2026, 0, index + 1, 1))

test('simulates what is left when every backup is followed by pruning', () => {
  const policy = policyOf([
    { kind: 'calendar', period: 'day', count: 3 },
    { kind: 'calendar', period: 'month', count: 2 },
  ])

  const left = simulateRetention({ times: nightly, policy, tierOf: () => null })

  expect(left.map(({ backup }) => backup.name.stamp.date)).toEqual([
    '2027-02-04',
    '2027-02-03',
    '2027-02-02',
    '2027-01-31',
  ])
  expect(left.at(-1)?.reasons).toEqual(['newest of its month'])
})

test('the five windows that the original documents keep what they say, without its gap', () => {
  const specification = (window: number, spacing: number, smudge: number) => ({
    window: window * 3_600,
    spacing: spacing * 3_600,
    smudge: smudge * 3_600,
  })
  const week = 7 * 24
  const policy = policyOf([
    {
      kind: 'grid',
      specifications: [
        specification(1, 0.25, 1 / 12),
        specification(6, 1, 0.25),
        specification(week, week, 24),
        specification(4 * week, 4 * week, week),
      ],
    },
  ])
  // A nightly backup at 23:00 that is pruned at once fell into the gap of the original.
  const times = nightly.map((time) => new Date(time.getTime() - 2 * 3_600_000))

  const left = simulateRetention({ times, policy, tierOf: () => null })

  const weekly = left.filter(({ backup }) => backup.takenAt < new Date(2027, 0, 20))
  expect(weekly.length).toBeGreaterThanOrEqual(13)
})

test('the rolling strategy with its documented counts: 6 days, 4 Sundays, 1 last of a month', () => {
  const counts = { total: 31, daily: 6, weekly: 4, monthly: 1 }
  const policy = policyOf([{ kind: 'tiers', daily: 6, weekly: 4, monthly: 1 }])

  const left = simulateRetention({
    times: nightly,
    policy,
    tierOf: (time) => tierAt(time, 'rolling', counts),
  })

  const perTier = Map.groupBy(left, ({ backup }) => backup.name.tier)
  const dates = (tier: 'daily' | 'weekly' | 'monthly') =>
    perTier
      .get(tier)
      ?.map(({ backup }) => backup.name.folder.slice(5))
      .join(' ')
  expect(dates('daily')).toBe('02-04 02-03 02-02 02-01 01-30 01-29')
  // The 31st of January 2027 is a Sunday, too; monthly beats weekly.
  expect(dates('weekly')).toBe('01-24 01-17 01-10 01-03')
  expect(dates('monthly')).toBe('01-31')
})

test('the daily strategy keeps 31', () => {
  const policy = policyOf([{ kind: 'newest', count: 31 }])

  const left = simulateRetention({ times: nightly, policy, tierOf: () => null })

  expect(left).toHaveLength(31)
})
