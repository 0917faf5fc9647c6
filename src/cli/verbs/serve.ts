import { Refusal } from '../../model/index.ts'
import { makesBackups, noBackupText } from '../../schedule/index.ts'
import { modeOf, type Session } from '../session.ts'
import { showSettings } from '../settings-block.ts'

/** No flag: the container's own way of running, announced in the original's words. */
export async function serve(session: Session): Promise<number> {
  const { request, appliance, screen } = session
  const mode = modeOf(request, appliance)
  refuseFlags(request)
  refuseWithin(appliance)
  screen.say(`Starting backup server in ${mode} mode ...`, 'blue')
  screen.say()
  const { configuration, clock } = appliance
  showSettings(screen, { configuration, mode, now: clock.now() })
  screen.say()
  warnOfSchedule(session)
  return await session.serve()
}

/** What is right by the rules, and may not be what was meant. */
function warnOfSchedule({ appliance, screen }: Session): void {
  const { schedule, mode, assignments, settings } = appliance.configuration
  if (!makesBackups({ mode, schedule })) screen.tell(`[WARN] - ${noBackupText}`, 'yellow')
  const zone = assignments['TZ']?.reveal() ?? settings.tz
  if (zone !== settings.tz) {
    const text = `TZ=${zone} in the file is for commands only; when they start follows the zone of the container.`
    screen.tell(`[WARN] - ${text} Set TZ in its environment to have both agree.`, 'yellow')
  }
}

/** `backup.sh --only db/app` is a command whose verb was forgotten, and no wish for a service. */
function refuseFlags(request: Session['request']): void {
  const { only, filter, at, from, to, report, json, yes, roles, keepOld, inPlace } = request
  const hasValue = [only, filter, at, from, to, report].some((value) => value !== null)
  if (!hasValue && !json && !yes && !roles && !keepOld && !inPlace) return
  throw new Refusal('These flags say with what, but not what to do.', {
    reason:
      'Without a verb backup.sh is the service, which takes its orders from the configuration.',
    advice:
      'Add one: -1 (back up), -v, -r, -p, -l, --check or --status. backup.sh -h explains them.',
    exitStatus: 2,
  })
}

/** A job that starts the service would start services that start services. */
function refuseWithin({ job }: Session['appliance']): void {
  if (job === null) return
  throw new Refusal('A job of the schedule cannot be the service itself.', {
    reason: 'backup.sh without a flag is the service, and it is running already.',
    advice: 'Write ./backup.sh -s (back up) or ./backup.sh -s -v all (verify) in the schedule.',
    exitStatus: 2,
  })
}
