import { frequencyOf, type Settings } from '../config/index.ts'
import type {
  ConfiguredDatabase,
  RetentionCounts,
  RetentionPolicy,
  StoreName,
} from '../model/index.ts'
import { backupSchedule, longestGap, longestPause, type Schedule } from '../schedule/index.ts'
import type { Appliance } from './appliance.ts'

/** The counts of the strategy, which also say what tiers there are. */
export function retentionCounts(settings: Settings): RetentionCounts {
  return {
    total: settings.numBackups,
    daily: settings.dailyBackups,
    weekly: settings.weeklyBackups,
    monthly: settings.monthlyBackups,
  }
}

/** So many periods without a good backup mean that backups have stopped. */
const stalePeriods = 3

/** The policy of each database in a store. */
export function policiesIn(
  { configuration, clock }: Pick<Appliance, 'configuration' | 'clock'>,
  store: StoreName,
): (database: ConfiguredDatabase) => RetentionPolicy {
  const pause = longestPause(scheduleOf(configuration), clock.now())
  return (database) => {
    const period = periodOf(database, configuration.settings, pause)
    const staleByDefault = period === null ? null : stalePeriods * period
    const { staleAfter, ...policy } = configuration.policyOf(database, store)
    const seconds = staleAfter === null ? staleByDefault : staleAfter.seconds
    return { ...policy, staleAfterSeconds: seconds === 0 ? null : seconds }
  }
}

/** Seconds between two backups, of a database that scheduled cycles may skip; null: none is due. */
function periodOf(
  database: ConfiguredDatabase,
  settings: Settings,
  pause: number | null,
): number | null {
  const frequency = frequencyOf(database, settings)
  if (frequency === null || pause === null) return pause
  const gap = longestGap(frequency)
  return gap === null ? null : Math.max(gap, pause)
}

/** When backups are made, as far as this configuration says. */
export function scheduleOf({
  schedule,
  settings,
}: Pick<Appliance['configuration'], 'schedule' | 'settings'>): Schedule {
  return backupSchedule(schedule, settings.backupPeriod.seconds)
}
