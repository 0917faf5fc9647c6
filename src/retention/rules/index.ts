/** The rules of retention, a file each. Each makes a judge that is asked once per plan and backup. */
import type { RetentionRule } from '../../model/index.ts'
import { judgeByAge } from './age.ts'
import { judgeByCalendar } from './calendar.ts'
import { judgeByGrid } from './grid.ts'
import type { Circumstances, Judge } from './judge.ts'
import { judgeByCount } from './newest.ts'
import { judgeByTier } from './tiers.ts'
import { judgeByDistance } from './within.ts'

export type { Judge, Verdict } from './judge.ts'

type Of<Kind extends RetentionRule['kind']> = Extract<RetentionRule, { readonly kind: Kind }>

const judges: {
  readonly [Kind in RetentionRule['kind']]: (rule: Of<Kind>, about: Circumstances) => Judge
} = {
  newest: judgeByCount,
  tiers: judgeByTier,
  calendar: judgeByCalendar,
  within: judgeByDistance,
  age: judgeByAge,
  grid: judgeByGrid,
}

/** To be asked about each backup once, newest first. */
export function judgeOf<Kind extends RetentionRule['kind']>(
  rule: Of<Kind>,
  about: Circumstances,
): Judge {
  const make = judges[rule.kind] as (rule: Of<Kind>, about: Circumstances) => Judge
  return make(rule, about)
}
