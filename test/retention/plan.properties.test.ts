import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Backup, isVerified, strategies, tiers, verdicts } from '../../src/model/index.ts'
import { planRetention, type RetentionPolicy } from '../../src/retention/index.ts'
import { count } from '../support/counts.ts'
import { sampleBackup } from '../support/sample-backup.ts'

const numRuns = count(300, 20_000)
const start = Date.UTC(2026, 0, 1)
/** After all of them: what is dated in the future is another matter. */
const now = new Date(start + 201 * 3_600_000)

const backup = fc
  .record({
    at: fc.integer({ min: 0, max: 200 }).map((hours) => new Date(start + hours * 3_600_000)),
    tier: fc.constantFrom(null, ...tiers),
    quality: fc.constantFrom('good', 'unchecked', 'bad' as const),
    verdict: fc.option(fc.constantFrom(...verdicts), { nil: undefined, freq: 3 }),
  })
  .map(({ verdict, ...sample }) =>
    sampleBackup(verdict === undefined ? sample : { ...sample, verdict }),
  )

const history = fc.uniqueArray(backup, { selector: ({ path }) => path, maxLength: 40, size: 'max' })
const someCount = fc.integer({ min: 0, max: 6 })
const policy: fc.Arbitrary<RetentionPolicy> = fc.record({
  strategy: fc.constantFrom(...strategies),
  counts: fc.record({ total: someCount, daily: someCount, weekly: someCount, monthly: someCount }),
})

describe('under any history and policy', () => {
  test('the newest good and the newest verified backup survive', () => {
    fc.assert(
      fc.property(history, policy, (backups, some) => {
        const kept = keptOf(backups, some)

        const good = newestOf(backups.filter(({ quality }) => quality === 'good'))
        const verified = newestOf(backups.filter(isVerified))
        for (const newest of [good, verified]) {
          expect(newest === null || kept.some((one) => time(one) === newest)).toBe(true)
        }
      }),
      { numRuns },
    )
  })

  test('something that is not bad survives if there is any', () => {
    fc.assert(
      fc.property(history, policy, (backups, some) => {
        const isReal = ({ quality }: Backup): boolean => quality !== 'bad'

        expect(keptOf(backups, some).some(isReal)).toBe(backups.some(isReal))
      }),
      { numRuns },
    )
  })

  test('the order of the question does not matter', () => {
    const shuffled = history.chain((backups) =>
      fc.tuple(
        fc.constant(backups),
        fc.shuffledSubarray(backups, { minLength: backups.length, maxLength: backups.length }),
      ),
    )
    fc.assert(
      fc.property(shuffled, policy, ([backups, others], some) => {
        expect(planRetention({ backups: others, policy: some, now })).toEqual(
          planRetention({ backups, policy: some, now }),
        )
      }),
      { numRuns },
    )
  })

  test('pruning twice deletes no more than pruning once', () => {
    fc.assert(
      fc.property(history, policy, (backups, some) => {
        const once = keptOf(backups, some)

        expect(keptOf(once, some)).toEqual(once)
      }),
      { numRuns },
    )
  })

  test('no more are kept than the policy counts and the protections name', () => {
    fc.assert(
      fc.property(history, policy, (backups, some) => {
        const real = keptOf(backups, some).filter(({ quality }) => quality !== 'bad')

        expect(real.length).toBeLessThanOrEqual(limitOf(some, backups) + 2)
      }),
      { numRuns },
    )
  })

  test('a backup is deleted only if enough newer real ones of its scope are kept', () => {
    fc.assert(
      fc.property(history, policy, (backups, some) => {
        const decisions = planRetention({ backups, policy: some, now })
        const kept = decisions.filter(({ keep }) => keep).map((decision) => decision.backup)
        for (const { backup: gone } of decisions.filter(({ keep }) => !keep)) {
          const rivals = kept.filter(
            (one) =>
              one.quality !== 'bad' &&
              time(one) >= time(gone) &&
              (some.strategy === 'daily' || one.name.tier === gone.name.tier),
          )
          const { counts } = some
          const needed =
            some.strategy === 'daily' ? counts.total : counts[gone.name.tier as 'daily']
          expect(rivals.length).toBeGreaterThanOrEqual(needed)
        }
      }),
      { numRuns },
    )
  })
})

function keptOf(backups: readonly Backup[], some: RetentionPolicy): Backup[] {
  return planRetention({ backups, policy: some, now })
    .filter(({ keep }) => keep)
    .map((decision) => decision.backup)
}

function limitOf({ strategy, counts }: RetentionPolicy, backups: readonly Backup[]): number {
  if (strategy === 'daily') return counts.total
  const flat = backups.filter(({ name, quality }) => name.tier === null && quality !== 'bad').length
  return flat + Math.max(1, counts.daily + counts.weekly + counts.monthly)
}

function time({ takenAt }: Backup): number {
  return takenAt.getTime()
}

function newestOf(backups: readonly Backup[]): number | null {
  return backups.length === 0 ? null : Math.max(...backups.map(time))
}
