import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backup, type Period, type RetentionRule, tierAt } from '../../src/model/index.ts'
import { planRetention } from '../../src/retention/index.ts'
import { count } from '../support/counts.ts'
import { policyOf } from '../support/retention.ts'
import { someCountingRule } from '../support/retention-arbitraries.ts'
import { sampleBackup } from '../support/sample-backup.ts'

const numRuns = count(300, 10_000)
const timeout = count(120_000, 3_600_000)
const hourMs = 3_600_000
const twoYearsHours = 2 * 365 * 24
/** The tiers that a rolling strategy gives. */
const counts = { total: 0, daily: 1, weekly: 1, monthly: 1 }

/** A history in the making: every backup is followed by a pruning. */
interface History {
  readonly made: Backup[]
  kept: readonly Backup[]
}

test('pruning after every backup for two years leaves no period empty and keeps no more than asked', {
  timeout,
}, () => {
  const rules = fc.array(someCountingRule, { minLength: 1, maxLength: 3 })
  const everyHours = fc.constantFrom(20, 24, 31, 48, 100, 168)
  const someBad = fc.integer({ min: 2, max: 20 })
  fc.assert(
    fc.property(rules, everyHours, someBad, (some, every, nthIsBad) => {
      const history: History = { made: [], kept: [] }
      const wrong: string[] = []
      for (let hours = 0; hours <= twoYearsHours; hours += every) {
        const at = new Date(Date.UTC(2026, 0, 1) + hours * hourMs)
        const isBad = history.made.length % nthIsBad === 1
        const tier = tierAt(at, 'rolling', counts)
        const made = sampleBackup({ at, tier, quality: isBad ? 'bad' : 'good' })
        history.made.push(made)
        history.kept = pruned([...history.kept, made], some, at)
        if (history.made.length % 29 === 0) wrong.push(...wrongIn(history, some))
      }
      expect([...wrong, ...wrongIn(history, some)]).toEqual([])
    }),
    { numRuns },
  )
})

function pruned(backups: readonly Backup[], rules: readonly RetentionRule[], now: Date): Backup[] {
  return planRetention({ backups, policy: policyOf(rules), now })
    .decisions.filter(({ keep }) => keep)
    .map(({ backup }) => backup)
}

/**
 * Of all that was ever made there should be what the rules ask for, the newest, and nothing else;
 * the paths that are there against that, or that should be.
 */
function wrongIn({ made, kept }: History, rules: readonly RetentionRule[]): readonly string[] {
  const real = made.filter(isReal).toReversed()
  const wanted = [...real.slice(0, 1), ...rules.flatMap((rule) => wantedBy(rule, real))]
  const paths = new Set(wanted.map(({ path }) => path))
  const there = new Set(kept.filter(isReal).map(({ path }) => path))
  const missing = [...paths].filter((path) => !there.has(path))
  return [...missing, ...[...there].filter((path) => !paths.has(path))]
}

function wantedBy(rule: RetentionRule, newestFirst: readonly Backup[]): readonly Backup[] {
  if (rule.kind === 'newest') return newestFirst.slice(0, rule.count)
  if (rule.kind === 'calendar') {
    const newest = new Map<string, Backup>()
    for (const backup of newestFirst) {
      const label = labelOf(rule.period, backup.takenAt)
      if (!newest.has(label)) newest.set(label, backup)
    }
    return [...newest.values()].slice(0, rule.count)
  }
  if (rule.kind !== 'tiers') throw new TypeError(`${rule.kind} does not count.`)
  const nothingAtAll = rule.daily === 0 && rule.weekly === 0 && rule.monthly === 0
  const tierCounts = nothingAtAll ? { ...rule, daily: 1 } : rule
  return (['daily', 'weekly', 'monthly'] as const).flatMap((tier) =>
    newestFirst.filter(({ name }) => name.tier === tier).slice(0, tierCounts[tier] ?? 0),
  )
}

/** In UTC, in which the tests run; a week by the date of its Monday. */
function labelOf(period: Period, time: Date): string {
  const text = time.toISOString()
  if (period === 'week') {
    const daysSinceMonday = (time.getUTCDay() + 6) % 7
    return new Date(time.getTime() - daysSinceMonday * 24 * hourMs).toISOString().slice(0, 10)
  }
  const lengths = { hour: 13, day: 10, month: 7, year: 4 }
  return text.slice(0, lengths[period])
}

function isReal({ quality }: Backup): boolean {
  return quality !== 'bad'
}
