import { describe, expect, test } from 'vitest'
import {
  type Backup,
  isVerified,
  type RetentionCounts,
  type RetentionPolicy,
} from '../../src/model/index.ts'
import { type Decision, planRetention } from '../../src/retention/index.ts'
import { day, days, decide, kept, policyOf, shown } from '../support/retention.ts'
import { sampleBackup } from '../support/sample-backup.ts'

const documented: RetentionCounts = { total: 31, daily: 6, weekly: 4, monthly: 1 }

describe('the daily strategy', () => {
  test('keeps the newest NUM_BACKUPS', () => {
    const backups = days(1, 5)

    const decisions = plan(backups, { strategy: 'daily', total: 3 })

    expect(shown(decisions)).toEqual([
      'keep 05: one of the newest 3, newest good backup',
      'keep 04: one of the newest 3',
      'keep 03: one of the newest 3',
      'delete 02: more than the newest 3',
      'delete 01: more than the newest 3',
    ])
  })

  test('counts backups that a rolling strategy left in tier folders', () => {
    const backups = [...days(1, 2), ...days(3, 4, { tier: 'weekly' })]

    const decisions = plan(backups, { strategy: 'daily', total: 2 })

    expect(kept(decisions)).toEqual(['04', '03'])
  })

  test('keeps everything while there are fewer than the count', () => {
    expect(kept(plan(days(1, 30), { strategy: 'daily' }))).toHaveLength(30)
  })

  test('has nothing to decide about no backups', () => {
    expect(plan([], { strategy: 'daily' })).toEqual([])
  })
})

describe('the rolling strategy', () => {
  test('counts each tier for itself', () => {
    const backups = [
      ...days(1, 8, { tier: 'daily' }),
      ...days(9, 14, { tier: 'weekly' }),
      ...days(15, 17, { tier: 'monthly' }),
    ]

    const decisions = plan(backups, { strategy: 'rolling' })

    expect(shown(decisions.filter(({ keep }) => !keep))).toEqual([
      'delete 16: monthly: not the newest',
      'delete 15: monthly: not the newest',
      'delete 10: weekly: more than the newest 4',
      'delete 09: weekly: more than the newest 4',
      'delete 02: daily: more than the newest 6',
      'delete 01: daily: more than the newest 6',
    ])
  })

  test('never prunes what lies outside the tier folders', () => {
    const decisions = plan(days(1, 40), { strategy: 'rolling', daily: 1, weekly: 0, monthly: 0 })

    expect(kept(decisions)).toHaveLength(40)
    expect(decisions.at(-1)?.reasons.join()).toContain('outside the tier folders')
  })

  test('keeps one daily backup when all three counts are 0', () => {
    const backups = [
      ...days(1, 3, { tier: 'daily', quality: 'unchecked' }),
      ...days(4, 5, { tier: 'weekly', quality: 'unchecked' }),
    ]

    const decisions = plan(backups, { strategy: 'rolling', daily: 0, weekly: 0, monthly: 0 })

    expect(shown(decisions.filter(({ keep }) => keep))).toEqual([
      'keep 05: newest backup, and none is known to be good',
      'keep 03: daily: the newest',
    ])
  })

  test('D-06: a cycle over midnight is counted in the tier of its folder', () => {
    const lastOfMonth = sampleBackup({ at: new Date(2026, 9, 31, 0, 10), tier: 'daily' })
    const backups = [...days(24, 30, { tier: 'daily' }), lastOfMonth]

    const decisions = plan(backups, { strategy: 'rolling' })

    expect(kept(decisions)).toEqual(['31', '30', '29', '28', '27', '26'])
  })
})

describe('D-07: a count of 0', () => {
  test.each([
    ['daily', null, { total: 0 }],
    ['rolling', 'weekly', { weekly: 0 }],
    ['rolling', 'daily', { daily: 0 }],
    ['rolling', 'monthly', { monthly: 0 }],
  ] as const)('does not delete the backup just made (%s, %s)', (strategy, tier, counts) => {
    const justMade = sampleBackup({ at: day(9), tier })

    const decisions = plan([...days(1, 3, { tier }), justMade], { strategy, ...counts })

    expect(shown(decisions)[0]).toBe('keep 09: newest good backup')
    expect(decisions.filter(({ keep }) => !keep).length).toBe(3)
    expect(decisions.at(-1)?.reasons.join()).toContain('none is to be kept')
  })
})

describe('protections', () => {
  test('keep the newest good backup behind any number of unchecked ones', () => {
    const backups = [...days(1, 1), ...days(2, 9, { quality: 'unchecked' })]

    const decisions = plan(backups, { strategy: 'daily', total: 2 })

    expect(shown(decisions.filter(({ keep }) => keep))).toEqual([
      'keep 09: one of the newest 2, newest backup',
      'keep 08: one of the newest 2',
      'keep 01: newest good backup',
    ])
  })

  test.each(['verified', 'verified-with-exceptions'] as const)(
    'keep the newest %s backup behind newer good ones',
    (verdict) => {
      const backups = [...days(1, 2, { verdict }), ...days(3, 6)]

      const decisions = plan(backups, { strategy: 'daily', total: 1 })

      expect(shown(decisions.filter(({ keep }) => keep))).toEqual([
        'keep 06: the newest, newest good backup',
        'keep 02: newest verified backup',
      ])
    },
  )

  test('do not take a failed verification for a verified backup', () => {
    const backups = [...days(1, 1, { verdict: 'failed' }), ...days(2, 3)]

    expect(kept(plan(backups, { strategy: 'daily', total: 1 }))).toEqual(['03'])
  })

  test('keep what somebody reads right now', () => {
    const [oldest, ...others] = days(1, 4) as [Backup, ...Backup[]]

    const { decisions } = planRetention({
      backups: [oldest, ...others],
      policy: strategyPolicy('daily', { total: 1 }),
      now: day(31),
      protect: new Set([oldest.path]),
    })

    expect(shown(decisions).at(-1)).toBe('keep 01: being read right now')
  })
})

describe('MIN_BACKUPS', () => {
  test('keeps so many of the newest, bad ones not counted', () => {
    const backups = [...days(1, 5), ...days(6, 7, { quality: 'bad' }), ...days(8, 9)]

    const decisions = decide(backups, policyOf([], { minBackups: 4 }), day(31))

    expect(kept(decisions)).toEqual(['09', '08', '05', '04'])
    expect(shown(decisions)[1]).toBe('keep 08: one of the newest 4 (MIN_BACKUPS)')
  })
})

describe('a pinned backup', () => {
  test('stays, and takes a slot like any other', () => {
    const backups = [
      ...days(1, 1, { pinnedAt: '2026-10-05T10:00:00.000Z' }),
      ...days(2, 2, { pinnedAt: '2026-10-05T10:00:00.000Z', quality: 'bad' }),
      ...days(3, 5),
    ]

    const decisions = plan(backups, { strategy: 'daily', total: 2 })

    expect(kept(decisions)).toEqual(['05', '04', '02', '01'])
    expect(shown(decisions).at(-1)).toBe('keep 01: pinned on 2026-10-05')
  })
})

describe('STALE_AFTER', () => {
  const threeDays = 3 * 86_400

  test('keeps everything while the newest good backup is older', () => {
    const backups = [...days(1, 4), ...days(5, 9, { quality: 'bad' })]
    const policy = policyOf([{ kind: 'newest', count: 1 }], { staleAfterSeconds: threeDays })

    const inTime = decide(backups, policy, day(7))
    const late = decide(backups, policy, new Date(day(7).getTime() + 1_000))

    expect(inTime.filter(({ keep }) => !keep)).toHaveLength(3)
    expect(late.every(({ keep }) => keep)).toBe(true)
    expect(shown(late).at(-1)).toBe(
      'keep 01: backups have stopped: the newest good one is older than 3 d (STALE_AFTER)',
    )
  })

  test('is measured by the newest of any where none is known to be good, for rules of the clock', () => {
    const backups = days(1, 4, { quality: 'unchecked' })
    const stale = { staleAfterSeconds: threeDays }
    const grid = { window: 86_400, spacing: 86_400 * 365, smudge: 3_600 }

    const counted = decide(backups, policyOf([{ kind: 'newest', count: 1 }], stale), day(31))
    const byClock = policyOf([{ kind: 'grid', specifications: [grid] }], stale)

    expect(kept(counted)).toEqual(['04'])
    expect(kept(decide(backups, byClock, day(31)))).toHaveLength(4)
  })
})

describe('a backup that is dated in the future', () => {
  test('stays, and displaces none that is not', () => {
    const decisions = decide(days(1, 8), strategyPolicy('daily', { total: 2 }), day(5))

    expect(kept(decisions)).toEqual(['08', '07', '06', '05', '04'])
    expect(shown(decisions)[0]).toBe('keep 08: dated in the future, not counted')
    expect(shown(decisions)[3]).toBe('keep 05: one of the newest 2, newest good backup')
  })
})

describe('a bad backup', () => {
  test('takes no slot of a real one', () => {
    const backups = [...days(1, 3), ...days(4, 8, { quality: 'bad' })]

    const decisions = plan(backups, { strategy: 'daily', total: 3 })

    expect(kept(decisions)).toEqual(['08', '07', '06', '05', '04', '03', '02', '01'])
    expect(shown(decisions)[0]).toBe(
      'keep 08: bad, would be one of the newest 3, bad, but there is nothing better since',
    )
  })

  test('goes once as many newer ones exist as are kept', () => {
    const backups = [...days(1, 1, { quality: 'bad' }), ...days(2, 4)]

    const decisions = plan(backups, { strategy: 'daily', total: 3 })

    expect(shown(decisions).at(-1)).toBe('delete 01: bad, and more than the newest 3')
  })

  test('stays where none is to be kept until there is anything better', () => {
    const bad = days(1, 2, { quality: 'bad', tier: 'weekly' })
    const counts = { weekly: 0 }

    expect(kept(plan(bad, { strategy: 'rolling', ...counts }))).toEqual(['02', '01'])
    expect(
      kept(plan([...bad, ...days(3, 3, { tier: 'daily' })], { strategy: 'rolling', ...counts })),
    ).toEqual(['03'])
  })

  test('is neither the newest good nor the newest verified backup', () => {
    const backups = [...days(1, 2), ...days(3, 3, { quality: 'bad', verdict: 'verified' })]

    const [, newestReal] = plan(backups, { strategy: 'daily', total: 1 })

    expect(newestReal?.backup.quality).toBe('good')
    expect(newestReal?.reasons).toContain('newest good backup')
  })
})

test('D-14: a copied volume with other mtimes changes no decision, since only names and manifests count', () => {
  const inNameOrder = days(1, 4)
  const inCopyOrder = [3, 0, 2, 1].map((index) => inNameOrder[index] as Backup)

  expect(plan(inCopyOrder, { strategy: 'daily', total: 2 })).toEqual(
    plan(inNameOrder, { strategy: 'daily', total: 2 }),
  )
})

test('two backups of one second are ordered by their paths', () => {
  const at = day(1)
  const backups = [sampleBackup({ at, tier: 'daily' }), sampleBackup({ at, tier: 'weekly' })]

  expect(plan(backups, { strategy: 'daily' }).map(({ backup }) => backup.name.tier)).toEqual([
    'weekly',
    'daily',
  ])
})

test('every decision has a reason, and verified ones are seen as such', () => {
  const backups = [...days(1, 9, { verdict: 'verified' }), ...days(10, 20, { tier: 'daily' })]

  for (const { backup, keep, reasons } of plan(backups, { strategy: 'rolling', daily: 2 })) {
    expect(reasons.length).toBeGreaterThan(0)
    expect(keep || !isVerified(backup)).toBe(true)
  }
})

interface Policy extends Partial<RetentionCounts> {
  readonly strategy: 'daily' | 'rolling'
}

function plan(backups: readonly Backup[], { strategy, ...counts }: Policy): readonly Decision[] {
  return decide(backups, strategyPolicy(strategy, counts), day(31))
}

function strategyPolicy(
  strategy: 'daily' | 'rolling',
  counts: Partial<RetentionCounts>,
): RetentionPolicy {
  const { total, ...tiers } = { ...documented, ...counts }
  return policyOf([
    strategy === 'daily' ? { kind: 'newest', count: total } : { kind: 'tiers', ...tiers },
  ])
}
