import { type RetentionRule, type Tier, tiers } from '../../model/index.ts'
import type { Judge } from './judge.ts'
import { judgeByCount } from './newest.ts'

type Tiers = Extract<RetentionRule, { readonly kind: 'tiers' }>

/**
 * The rolling strategy: each tier is counted for itself. The tier is that of the folder, fixed
 * when the cycle began (D-06). What lies outside the tier folders is none of its business, so it
 * stays (contract 4.5).
 */
export function judgeByTier(rule: Tiers): Judge {
  const judges = new Map(tiers.map((tier) => [tier, judgeOfTier(tier, rule)]))
  return (backup) => {
    const { tier } = backup.name
    if (tier === null) return { keep: true, reason: outside }
    const { keep, reason } = (judges.get(tier) ?? silent)(backup)
    return { keep, reason: `${tier}: ${reason}` }
  }
}

const outside = 'outside the tier folders, which the rolling strategy does not prune'

function judgeOfTier(tier: Tier, rule: Tiers): Judge {
  const nothingAtAll = rule.daily === 0 && rule.weekly === 0 && rule.monthly === 0
  const count = nothingAtAll && tier === 'daily' ? 1 : rule[tier]
  return count === null ? silent : judgeByCount({ count })
}

const silent: Judge = () => ({ keep: false, reason: 'not counted' })
