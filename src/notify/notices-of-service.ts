import { accountOf, exitStatus, type JobResult, type ServiceEvent } from '../model/index.ts'
import type { Told } from './told.ts'
import { linesOf, timeText } from './words.ts'

type Of<Kind extends ServiceEvent['kind']> = Extract<ServiceEvent, { readonly kind: Kind }>
type Telling = { readonly [Kind in ServiceEvent['kind']]: (event: Of<Kind>) => Told | null }

/** What the service tells of itself; its runs send notices of their own. */
export const noticesOfService: Telling = {
  'job-started': ({ job, command, missed }) =>
    missed === null
      ? null
      : {
          kind: 'missed-run',
          level: 'WARN',
          message: `${job}: The start of ${missed.toISOString()} was missed and is made up for now: ${command}`,
        },
  'job-ended': ({ job, command, result, elapsedMs, isOwn }) => {
    if (!isUntold(result, command, isOwn)) return null
    const why = result.kind === 'timed-out' ? 'It ran longer than JOB_TIMEOUT.' : textOf(result)
    return {
      kind: 'warning',
      level: 'ERROR',
      message: linesOf(
        `${job}: The job failed: ${command}`,
        why,
        `Elapsed time: ${timeText(elapsedMs)}`,
      ),
      figures: { durationMs: Math.round(elapsedMs) },
    }
  },
  'start-missed': ({ job, command, due }) => ({
    kind: 'missed-run',
    level: 'WARN',
    message: linesOf(
      `${job}: The start of ${due.toISOString()} was missed, and is not made up for: ${command}`,
      'Run it by hand if it must not wait for its next time; CATCH_UP makes up for such starts.',
    ),
  }),
  'job-skipped': ({ job, command, due, runningSince }) => ({
    kind: 'missed-run',
    level: 'WARN',
    message: `${job}: Not started at ${due.toISOString()}, still running since ${runningSince.toISOString()}: ${command}`,
  }),
  'service-sleeps': () => null,
  'configuration-applied': () => null,
  'configuration-refused': ({ error }) => {
    const { message, reason, advice } = accountOf(error)
    return {
      kind: 'configuration-error',
      level: 'ERROR',
      message: linesOf(
        'The changed configuration is not used; the schedule stays as it was.',
        message,
        reason,
        advice,
      ),
      figures: { error: { message, reason, advice } },
    }
  },
  'pages-refused': ({ error }) => {
    const { message, reason, advice } = accountOf(error)
    return { kind: 'warning', level: 'WARN', message: linesOf(message, reason, advice) }
  },
  'service-stopping': () => null,
}

/**
 * How a run of ours ends that has told people itself why. A wrong command line and a defect may end
 * it before it can: hearing of them twice is better than never.
 */
const toldByRun: ReadonlySet<number> = new Set([exitStatus.failed, exitStatus.locked])
/** Verbs that tell nobody how they came out. */
const silentVerb = /\s--(?:check|status)\b/u

function isUntold(result: JobResult, command: string, isOwn: boolean): boolean {
  if (result.kind === 'timed-out') return true
  const tellsItself = isOwn && !silentVerb.test(command)
  return result.kind === 'failed' && !(tellsItself && toldByRun.has(result.exitStatus))
}

function textOf(result: JobResult): string {
  return result.kind === 'failed' ? `It ended with status ${result.exitStatus}.` : ''
}
