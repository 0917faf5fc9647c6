import { ageText, minuteText, prettySize } from '../model/index.ts'
import { type Line, line } from './line.ts'
import type { State } from './state.ts'

const daySeconds = 86_400
/** What is further ahead than this is no news. */
const farAheadDays = 730

/** The volume, who works on it, and what is due next: three lines. */
export function volumeLines({ world, now }: State): readonly Line[] {
  return [volumeLine(world), lockLine(world, now), nextLine(world)]
}

function volumeLine({ observation, problem, root, ...world }: State['world']): Line {
  if (problem !== null) return line(`Volume ${root}: ${problem}`, 'bad')
  if (observation === null) return line(`Volume ${root}: reading the backups ...`, 'dim')
  const { volume, statuses } = observation
  if (volume !== null) return roomLine(root, volume, world.bytesPerDay)
  if (statuses.every(({ backups }) => backups.length === 0)) {
    return line(`Volume ${root}: there is no backup yet.`)
  }
  const size = world.isLocal ? 'its size is not known' : 'an object store: it has no size to show'
  return line(`Volume ${root}: ${size}`)
}

function roomLine(
  root: string,
  { free, total }: { readonly free: number; readonly total: number },
  bytesPerDay: number | null,
): Line {
  const text = `Volume ${root}: ${prettySize(free)} of ${prettySize(total)} free`
  if (bytesPerDay === null) return line(text)
  if (bytesPerDay <= 0) return line(`${text}, and it does not fill up`)
  const days = free / bytesPerDay
  if (days > farAheadDays) return line(`${text}, full in more than two years`)
  const when = days < 1 ? 'less than a day' : ageText(Math.floor(days) * daySeconds)
  return line(`${text}, full in about ${when}`, days < 14 ? 'warn' : 'plain')
}

function lockLine({ observation }: State['world'], now: Date): Line {
  if (observation === null) return line()
  const { lock } = observation
  if (lock === null) return line('Lock   free: nothing is running.')
  const since = lock.since === null ? '' : ` for ${ageText(secondsSince(lock.since, now))}`
  return line(`Lock   held${since} by ${lock.what ?? 'a run that left no name'}`, 'busy')
}

function nextLine({ ahead, configuration }: State['world']): Line {
  const [next] = ahead?.coming ?? []
  if (next !== undefined) return line(`Next   ${minuteText(next.at)}  ${next.command}`)
  const { mode, settings } = configuration
  if (mode === 'cron') return line('Next   see the schedule (2)')
  return line(`Next   every ${settings.backupPeriod.written}, while the service is up`)
}

function secondsSince(iso: string, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(iso)) / 1000)
}
