import type { Backup, RetentionPolicy, RetentionRule, Tier } from '../../src/model/index.ts'
import { type Decision, planRetention } from '../../src/retention/index.ts'
import { type SampleBackup, sampleBackup } from './sample-backup.ts'

/** A policy of these rules, with protections that take part in nothing but where a test says so. */
export function policyOf(
  rules: readonly RetentionRule[],
  others: Partial<RetentionPolicy> = {},
): RetentionPolicy {
  return { rules, minBackups: 1, staleAfterSeconds: null, anomalyThreshold: 100, ...others }
}

/** The decisions of a plan, newest first. */
export function decide(
  backups: readonly Backup[],
  policy: RetentionPolicy,
  now: Date,
): readonly Decision[] {
  return planRetention({ backups, policy, now }).decisions
}

/** One o'clock in the night of a day of October 2026. */
export function day(ofMonth: number): Date {
  return new Date(2026, 9, ofMonth, 1, 0, 0)
}

export function days(
  from: number,
  to: number,
  sample: Partial<SampleBackup> & { readonly tier?: Tier | null } = {},
): Backup[] {
  return Array.from({ length: to - from + 1 }, (_, index) =>
    sampleBackup({ at: day(from + index), ...sample }),
  )
}

/** `keep 05: reason, reason`: the day of the month stands for the backup. */
export function shown(decisions: readonly Decision[]): string[] {
  return decisions.map(
    ({ backup, keep, reasons }) =>
      `${keep ? 'keep' : 'delete'} ${dayOf(backup)}: ${reasons.join(', ')}`,
  )
}

export function kept(decisions: readonly Decision[]): string[] {
  return decisions.filter(({ keep }) => keep).map(({ backup }) => dayOf(backup))
}

function dayOf(backup: Backup): string {
  return backup.name.folder.slice(-2)
}
