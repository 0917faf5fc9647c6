import { Secret } from '../model/index.ts'
import type { Conf } from './conf.ts'
import type { Configuration } from './configuration.ts'
import type { ScheduleLine } from './schedule-line.ts'
import type { Settings } from './settings.ts'

/** When the service does what: of the file, and of CRON_SCHEDULE and VERIFY_SCHEDULE. */
export function scheduleIn(
  { entries }: Conf,
  settings: Settings,
): Pick<Configuration, 'schedule' | 'mode' | 'assignments'> {
  const lines = entries.flatMap((entry) => (entry.kind === 'schedule' ? [entry.schedule] : []))
  const schedule = [...lines, ...variableLines(settings)]
  const setsBackups = schedule.some(({ from }) => from !== 'VERIFY_SCHEDULE')
  const assignments = entries.filter((entry) => entry.kind === 'assignment')
  return {
    schedule,
    mode: setsBackups ? 'cron' : 'legacy',
    assignments: Object.fromEntries(
      assignments.map(({ name, value }) => [name, new Secret(value)]),
    ),
  }
}

/** Schedules without a file, as lines of a file would have them. */
function variableLines({ cronSchedule, verifySchedule }: Settings): readonly ScheduleLine[] {
  const rows = [
    ['CRON_SCHEDULE', cronSchedule, 'backup.sh -s'],
    ['VERIFY_SCHEDULE', verifySchedule, 'backup.sh -s -v all'],
  ] as const
  return rows.flatMap(([from, expression, command]) => {
    if (expression === null) return []
    const user = 'default'
    return [{ expression, user, command, from, text: `${expression} ${user} ${command}` }]
  })
}
