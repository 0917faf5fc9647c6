import { minuteText } from '../model/index.ts'
import { type Line, line } from './line.ts'
import type { State } from './state.ts'
import { runTone } from './words.ts'

/** The lines of the schedule with their last results, and the runs ahead. */
export function scheduleText({ world }: State): readonly Line[] {
  const { ahead } = world
  if (ahead === null) return [line('Reading the records of runs ...', 'dim')]
  const lines = ahead.lines.flatMap(({ job, next, last }) => [
    line(`${job.name}: ${job.expression} ${job.command}`, 'strong'),
    line(`  next  ${next === null ? 'not known: its first run has not been' : minuteText(next)}`),
    last === null
      ? line('  last  none on record', 'dim')
      : line(
          `  last  ${minuteText(new Date(last.run.startedAt))}, ${last.state}`,
          runTone(last.state),
        ),
  ])
  const coming = ahead.coming.map(({ at, name, command }) =>
    line(`  ${minuteText(at)}  ${command}  (${name})`),
  )
  return [
    ...(lines.length === 0 ? [line('There is no schedule.', 'warn')] : lines),
    line(),
    line(`The next ${coming.length} runs, as long as the service is up:`, 'strong'),
    ...coming,
  ]
}
