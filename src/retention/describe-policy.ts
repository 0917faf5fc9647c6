import {
  printKeepSpecification,
  type RetentionPolicy,
  type RetentionRule,
  tiers,
} from '../model/index.ts'
import { spanText } from './span-text.ts'

/** What a policy keeps, a line for each rule: `the newest of each of 7 days`. */
export function describePolicy({ rules }: Pick<RetentionPolicy, 'rules'>): readonly string[] {
  return rules.flatMap(describeRule)
}

function describeRule(rule: RetentionRule): readonly string[] {
  switch (rule.kind) {
    case 'newest':
      return [`the newest ${rule.count}`]
    case 'tiers':
      return tiers.flatMap((tier) => {
        const count = rule[tier]
        return count === null ? [] : [`the newest ${count} of ${tier}/`]
      })
    case 'calendar':
      return [`the newest of each of ${rule.count} ${rule.period}s`]
    case 'within':
      return [`what was taken less than ${spanText(rule.seconds)} before the newest`]
    case 'age':
      return [`what is less than ${spanText(rule.seconds)} old`]
    case 'grid':
      return rule.specifications.map((one) => `KEEP ${printKeepSpecification(one)}`)
  }
}
