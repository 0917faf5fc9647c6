import { accountOf, type JobResult, type JobState, type ServiceState } from '../model/index.ts'
import { type Appliance, type Observation, statusDocument } from '../operations/index.ts'
import { metricsPage } from './metrics.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** All that the pages are made from. */
export interface Surroundings {
  readonly appliance: () => Appliance
  readonly state: () => ServiceState
  readonly observe: () => Promise<Observation>
  /** Of the volume, in words; null: there is none. */
  readonly problem: () => Promise<string | null>
}

type Page = (surroundings: Surroundings) => Promise<Answer>

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/healthz', health],
  ['/readyz', readiness],
  ['/metrics', metrics],
  ['/status.json', status],
])

/** null: there is no such page. */
export function pageOf(path: string): Page | null {
  return pages.get(path) ?? null
}

/** Turns of the event loop are noted every second; this long without one, and it hangs. */
const mostSilenceMs = 30_000

async function health({ state }: Surroundings): Promise<Answer> {
  const silence = state().silentMs
  if (silence <= mostSilenceMs) return json(200, { alive: true })
  return json(503, {
    alive: false,
    problems: [`No sign of life for ${Math.round(silence / 1000)} s.`],
  })
}

async function readiness({ problem, state }: Surroundings): Promise<Answer> {
  const { configuration, stopping } = state()
  const volume = await problem().catch(textOf)
  const problems = [
    ...(configuration.valid ? [] : configuration.problems),
    ...(volume === null ? [] : [volume]),
    ...(stopping ? ['The service is being stopped.'] : []),
  ]
  return json(problems.length === 0 ? 200 : 503, { ready: problems.length === 0, problems })
}

function textOf(error: unknown): string {
  const { message, reason } = accountOf(error)
  return `${message} ${reason}`.trim()
}

async function metrics({ state, observe }: Surroundings): Promise<Answer> {
  const page = await metricsPage({ observation: await observe(), service: state() })
  return { status: 200, ...page }
}

/** As `--status --json`, with what only the service knows. */
async function status({ state, observe }: Surroundings): Promise<Answer> {
  const { statuses, sizing, lock, volume } = await observe()
  const { mode, startedAt, configuration, jobs, stopping } = state()
  return json(200, {
    ...statusDocument({ statuses, sizing }),
    lock,
    volume,
    service: { mode, startedAt, configuration, stopping, jobs: jobs.map(jobDocument) },
  })
}

function jobDocument({ name, command, lastResult, ...times }: JobState): unknown {
  return { name, command, ...resultFields(lastResult), ...times }
}

function resultFields(result: JobResult | null): object {
  const lastExitStatus = exitStatusOf(result)
  return { lastResult: result?.kind ?? null, lastExitStatus }
}

/** null: it was ended before it had one, or never began. */
function exitStatusOf(result: JobResult | null): number | null {
  if (result?.kind === 'succeeded') return 0
  return result?.kind === 'failed' ? result.exitStatus : null
}

function json(code: number, document: unknown): Answer {
  return {
    status: code,
    type: 'application/json; charset=utf-8',
    text: `${JSON.stringify(document)}\n`,
  }
}
