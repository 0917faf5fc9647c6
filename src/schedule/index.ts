/** Schedule: (lines, zone) → times. croner lives here and nowhere else. */
export type { Schedule } from './schedule.ts'
export { backupSchedule } from './schedule.ts'
