import type { Settings } from '../config/index.ts'
import type { RetentionCounts } from '../model/index.ts'
import type { RetentionPolicy } from '../retention/index.ts'

export function retentionCounts(settings: Settings): RetentionCounts {
  return {
    total: settings.numBackups,
    daily: settings.dailyBackups,
    weekly: settings.weeklyBackups,
    monthly: settings.monthlyBackups,
  }
}

export function retentionPolicy(settings: Settings): RetentionPolicy {
  return { strategy: settings.backupStrategy, counts: retentionCounts(settings) }
}
