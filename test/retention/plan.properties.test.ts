import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attribute } from '../../src/catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  coreNameOf,
  isInFuture,
  isVerified,
  type RetentionRule,
} from '../../src/model/index.ts'
import { planRetention, type RetentionQuestion } from '../../src/retention/index.ts'
import { count } from '../support/counts.ts'
import { policyOf } from '../support/retention.ts'
import {
  someAcceptance,
  someBackup,
  someCountingRule,
  someHistory,
  someNow,
  somePolicy,
} from '../support/retention-arbitraries.ts'
import { sampleBackup } from '../support/sample-backup.ts'

const numRuns = count(300, 10_000)
const timeout = count(60_000, 600_000)

/** Everything that a plan depends on. */
const someQuestion: fc.Arbitrary<RetentionQuestion> = fc.record({
  backups: someHistory,
  policy: somePolicy,
  now: someNow,
  accepted: someAcceptance,
})

describe('under any history, policy and clock', () => {
  test('the newest good and the newest verified backup survive', { timeout }, () => {
    fc.assert(
      fc.property(someQuestion, (question) => {
        const kept = new Set(keptOf(question))
        const past = question.backups
          .filter(({ takenAt }) => !isInFuture(takenAt, question.now))
          .toSorted((left, right) => right.takenAt.getTime() - left.takenAt.getTime())

        const good = past.filter(({ quality }) => quality === 'good')
        for (const candidates of [good, past.filter(isVerified)]) {
          const newest = candidates.filter((one) => time(one) === time(candidates[0]))
          expect(newest.length === 0 || newest.some((one) => kept.has(one))).toBe(true)
        }
      }),
      { numRuns },
    )
  })

  test('something that is not bad survives if there is any, and every decision has a reason', {
    timeout,
  }, () => {
    fc.assert(
      fc.property(someQuestion, (question) => {
        const isReal = ({ quality }: Backup): boolean => quality !== 'bad'
        const { decisions } = planRetention(question)

        expect(decisions).toHaveLength(question.backups.length)
        expect(decisions.every(({ reasons }) => reasons.length > 0)).toBe(true)
        expect(keptOf(question).some(isReal)).toBe(question.backups.some(isReal))
      }),
      { numRuns },
    )
  })

  test('the order of the files does not matter', { timeout }, () => {
    const shuffled = someQuestion.chain((question) =>
      fc.tuple(
        fc.constant(question),
        fc.shuffledSubarray([...question.backups], {
          minLength: question.backups.length,
        }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([question, backups]) => {
        expect(planRetention({ ...question, backups })).toEqual(planRetention(question))
      }),
      { numRuns },
    )
  })

  test('pruning twice deletes no more than pruning once', { timeout }, () => {
    fc.assert(
      fc.property(someQuestion, (question) => {
        const once = keptOf(question)

        expect(keptOf({ ...question, backups: once })).toEqual(once)
      }),
      { numRuns },
    )
  })

  test('one that cannot be compared never changes what stays as the last before a loss', {
    timeout,
  }, () => {
    fc.assert(
      fc.property(someQuestion, someBackup, (question, one) => {
        const { takenAt: at, bytes, quality } = one
        const other = sampleBackup({ at, bytes, quality, codec: 'none', manifest: null })
        const after = beforeLosses({ ...question, backups: [...question.backups, other] })

        expect(after).toEqual(beforeLosses(question))
      }),
      { numRuns },
    )
  })

  test('no more are kept than the rules count and the protections name', { timeout }, () => {
    const rules = fc.array(someCountingRule, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(someHistory, rules, someNow, (backups, some, now) => {
        const unpinned = backups.filter(({ manifest }) => manifest?.pinnedAt === undefined)
        const kept = keptOf({ backups: unpinned, policy: policyOf(some), now })
        const real = kept.filter(
          ({ quality, takenAt }) => quality !== 'bad' && !isInFuture(takenAt, now),
        )

        // The newest good one, the newest verified one, and the newest one.
        expect(real.length).toBeLessThanOrEqual(limitOf(some, unpinned) + 3)
      }),
      { numRuns },
    )
  })

  test('a backup more of one database changes nothing for another', { timeout }, () => {
    const [app, web] = [configured('app'), configured('web')]
    fc.assert(
      fc.property(someQuestion, someHistory, someBackup, (question, others, one) => {
        const mine = question.backups.map((backup) => belonging(backup, app))
        const theirs = others.map((backup) => belonging(backup, web))
        const before = attribute([...mine, ...theirs], [app, web])
        const after = attribute([...mine, ...theirs, belonging(one, web)], [app, web])

        expect(planRetention({ ...question, backups: after.of.get(app) ?? [] })).toEqual(
          planRetention({ ...question, backups: before.of.get(app) ?? [] }),
        )
      }),
      { numRuns },
    )
  })
})

function keptOf(question: RetentionQuestion): Backup[] {
  return planRetention(question)
    .decisions.filter(({ keep }) => keep)
    .map(({ backup }) => backup)
}

function beforeLosses(question: RetentionQuestion): Backup[] {
  return planRetention(question)
    .decisions.filter(({ reasons }) => reasons.some((reason) => reason.startsWith('last before')))
    .map(({ backup }) => backup)
}

function limitOf(rules: readonly RetentionRule[], backups: readonly Backup[]): number {
  const flat = backups.filter(({ name }) => name.tier === null).length
  return rules.reduce((sum, rule) => {
    if (rule.kind === 'newest' || rule.kind === 'calendar') return sum + rule.count
    if (rule.kind !== 'tiers') throw new TypeError(`${rule.kind} does not count.`)
    const { daily, weekly, monthly } = rule
    return sum + flat + Math.max(1, (daily ?? 0) + (weekly ?? 0) + (monthly ?? 0))
  }, 0)
}

function time(backup: Backup | undefined): number {
  return backup?.takenAt.getTime() ?? Number.NaN
}

function configured(database: string): ConfiguredDatabase {
  const spec = {
    engine: 'postgres',
    host: 'h',
    port: 5432,
    database,
    written: `h/${database}`,
  } as const
  const credentials = { user: null, password: null }
  return { spec, core: coreNameOf(spec), credentials, options: {} }
}

function belonging(backup: Backup, { core }: ConfiguredDatabase): Backup {
  return { ...backup, manifest: null, name: { ...backup.name, core } }
}
