import type { JobResult, ServiceEvent } from '../model/index.ts'
import { showError } from './error-lines.ts'
import { elapsedText } from './format.ts'
import type { Screen } from './screen.ts'

type Of<Kind extends ServiceEvent['kind']> = Extract<ServiceEvent, { readonly kind: Kind }>
type Showing = {
  readonly [Kind in ServiceEvent['kind']]: (screen: Screen, event: Of<Kind>) => void
}

/** What the service says of itself: the usual on stdout, what needs a look on stderr. */
export const showingService: Showing = {
  'job-started': (screen, { job, command, missed }) => {
    const why = missed === null ? '' : `, to make up for ${missed.toISOString()}`
    screen.say(`[${job}] Starting${why}: ${command}`, 'blue')
  },
  'job-ended': (screen, { job, command, result, elapsedMs }) => {
    const time = `Elapsed time: ${elapsedText(elapsedMs)}`
    if (result.kind === 'succeeded') return screen.say(`[${job}] Ended well. ${time}`, 'green')
    const text = `[${job}] ${failureText(result)}: ${command} (${time})`
    // Who stops the service knows that its jobs end with it.
    if (result.kind === 'interrupted') screen.tell(`[WARN] - ${text}`, 'yellow')
    else screen.tell(`[!!ERROR!!] - ${text}`, 'red')
  },
  'start-missed': (screen, { job, command, due }) => {
    const text = `The start of ${due.toISOString()} was missed, and is not made up for: ${command}`
    screen.tell(`[WARN] - [${job}] ${text}`, 'yellow')
  },
  'job-skipped': (screen, { job, command, due, runningSince }) => {
    const since = runningSince.toISOString()
    const text = `Not started at ${due.toISOString()}, still running since ${since}: ${command}`
    screen.tell(`[WARN] - [${job}] ${text}`, 'yellow')
  },
  'service-sleeps': (screen, { period }) => {
    screen.say(`Sleeping for ${period} ...`, 'yellow')
  },
  'configuration-applied': (screen, { schedule }) => {
    screen.say('The configuration was read anew. The schedule in force:', 'blue')
    for (const line of schedule) screen.say(`  - ${line}`)
  },
  'configuration-refused': (screen, { error }) => {
    const text = 'The changed configuration is not used; the schedule stays as it was.'
    screen.tell(`[!!ERROR!!] - ${text}`, 'red')
    showError(screen, error)
  },
  'pages-refused': (screen, { error }) => showError(screen, error),
  'service-stopping': (screen, { why, running }) => {
    const jobs = running === 1 ? '1 job' : `${running} jobs`
    screen.say(running === 0 ? why : `${why} Ending ${jobs} ...`, 'yellow')
  },
}

function failureText(result: Exclude<JobResult, { kind: 'succeeded' }>): string {
  if (result.kind === 'timed-out') return 'Ended because it ran longer than JOB_TIMEOUT'
  if (result.kind === 'interrupted') return 'Ended before it was done'
  return `Failed with status ${result.exitStatus}`
}

/** One line that a job wrote, with the place of the job in front. */
export function logJobLine(
  screen: Screen,
  { job, stream, line }: { job: string; stream: 'stdout' | 'stderr'; line: string },
): void {
  if (stream === 'stdout') screen.say(`[${job}] ${line}`)
  else screen.tell(`[${job}] ${line}`)
}
