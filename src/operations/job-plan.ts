import { basename } from 'node:path'
import type { Configuration } from '../config/index.ts'
import { ownFlags } from '../schedule/index.ts'

/** Something that the service is to do again and again. */
export interface JobPlan {
  /** The same in every life of the service, for as long as nobody changes the line. */
  readonly key: string
  /** `backup.conf:3`, `CRON_SCHEDULE`, `BACKUP_PERIOD`. */
  readonly name: string
  /** Five fields, `@daily`, `@every 2h`. */
  readonly expression: string
  /** As written. */
  readonly command: string
  /** What it gives to this program; null: it is for a shell. */
  readonly flags: readonly string[] | null
  readonly trigger: 'schedule' | 'interval'
  /** Of BACKUP_PERIOD, as configured; null for a line of the schedule. */
  readonly period: string | null
}

/** What a configuration asks the service to do. */
export function planJobs(configuration: Configuration): readonly JobPlan[] {
  const { schedule, settings, mode, confPath } = configuration
  const file = basename(confPath ?? settings.backupConf)
  const lines = schedule.map(({ expression, command, from }): JobPlan => {
    const name = typeof from === 'number' ? `${file}:${from}` : from
    const key = `${expression} ${command}`
    return {
      key,
      name,
      expression,
      command,
      flags: ownFlags(command),
      trigger: 'schedule',
      period: null,
    }
  })
  return withDifferentKeys(mode === 'cron' ? lines : [rhythmOf(configuration), ...lines])
}

function rhythmOf({ settings }: Configuration): JobPlan {
  const { written, seconds } = settings.backupPeriod
  return {
    key: `BACKUP_PERIOD ${written}`,
    name: 'BACKUP_PERIOD',
    expression: `@every ${seconds}s`,
    command: 'backup.sh -s',
    flags: ['-s'],
    trigger: 'interval',
    period: written,
  }
}

/** A line may be there twice. */
function withDifferentKeys(plans: readonly JobPlan[]): readonly JobPlan[] {
  const seen = new Map<string, number>()
  return plans.map((plan) => {
    const times = (seen.get(plan.key) ?? 0) + 1
    seen.set(plan.key, times)
    return times === 1 ? plan : { ...plan, key: `${plan.key} #${times}` }
  })
}
