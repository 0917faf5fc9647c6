import type { Configuration } from '../config/index.ts'
import {
  accountLine,
  accountOf,
  exitStatus,
  type RunDocument,
  type ServiceState,
} from '../model/index.ts'
import type { Appliance, JobPlan } from '../operations/index.ts'
import { type Alarm, type JobProcess, startJob } from '../platform/index.ts'
import { watchConf } from './conf-watch.ts'
import { HeldConf } from './held-conf.ts'
import { jobCommand } from './job-command.ts'
import { missedStart } from './missed-start.ts'
import { ScheduleInForce } from './schedule-in-force.ts'

/** The service as it is at the moment: its configuration may change while it runs. */
export interface InForce {
  readonly state: () => ServiceState
  readonly appliance: () => Appliance
}

/** Something that answers while the schedule runs, such as the page of health. */
export type ServerBeside = (inForce: InForce) => Promise<AsyncDisposable>

/** A line that a job wrote. */
export interface WrittenLine {
  readonly job: string
  readonly stream: 'stdout' | 'stderr'
  readonly line: string
  /** Of a run of this program alone; else it is text of outside tools. */
  readonly isOwn: boolean
}

export interface ServiceOptions {
  readonly appliance: Appliance
  readonly alarm: Alarm
  /** How this program is called: `[node, main.js]`. */
  readonly program: readonly [string, ...string[]]
  /** Reads it anew. @throws Refusal with every mistake. */
  readonly readConfiguration: () => Promise<Configuration>
  readonly onJobLine: (written: WrittenLine) => void
  /** Tells the service where to leave word when it is asked to read its configuration (SIGHUP). */
  readonly onHangUp: (listener: () => void) => void
  /** Started before the first job, ended after the last. */
  readonly beside: readonly ServerBeside[]
}

/** How many runs back the last one of a job is looked for. */
const mostRuns = 1_000
const heartbeatMs = 1_000

/**
 * Follows the schedule until the signal of the appliance aborts; ends its jobs then.
 * @returns the exit status: 0, for a service that was told to end has done nothing wrong.
 */
export async function runService(options: ServiceOptions): Promise<number> {
  const { appliance, alarm, readConfiguration, onHangUp } = options
  const { configuration, signal } = appliance
  await using held = new HeldConf()
  const schedule = new ScheduleInForce(configuration, {
    alarm,
    hold: (next) => held.hold(next),
    tell: appliance.tell,
    readConfiguration,
    start: (plan, how) => start(options, { plan, held, ...how }),
  })
  const pulse = setInterval(() => schedule.beat(), heartbeatMs)
  try {
    await using beside = new AsyncDisposableStack()
    const inForce: InForce = {
      state: () => schedule.state,
      appliance: () => ({ ...appliance, configuration: schedule.configuration }),
    }
    for (const begin of options.beside) beside.use(await begin(inForce))
    const runs = await runsBefore(appliance)
    await schedule.begin((plan) =>
      missedStart(plan, { runs, now: alarm.now(), ...catchUpOf(appliance) }),
    )
    onHangUp(() => void schedule.reload())
    const path = configuration.confPath ?? configuration.settings.backupConf
    await watchConf({ path, signal, onChange: () => schedule.reload() })
    await schedule.stop(accountOf(signal.reason).message)
  } finally {
    clearInterval(pulse)
  }
  return exitStatus.good
}

interface Start {
  readonly plan: JobPlan
  readonly held: HeldConf
  readonly isMissed: boolean
}

function start(options: ServiceOptions, { plan, held, isMissed }: Start): JobProcess {
  const { appliance, program, onJobLine } = options
  const { environment, configuration } = appliance
  const command = jobCommand(plan, { environment, configuration, program, held, isMissed })
  const isOwn = plan.flags !== null
  const onLine = (stream: WrittenLine['stream'], line: string): void => {
    onJobLine({ job: plan.name, stream, line, isOwn })
  }
  const process = startJob(command, { asks: isOwn ? 'leader' : 'group', onLine })
  process.ended.catch((error: unknown) => {
    onLine('stderr', `${command.program} cannot be started: ${String(error)}`)
  })
  return process
}

/** What a service that makes up for nothing could not read must not end it. */
async function runsBefore(appliance: Appliance): Promise<readonly RunDocument[]> {
  try {
    return await appliance.catalog.recentRuns({ limit: mostRuns })
  } catch (error) {
    if (catchUpOf(appliance).catchUpMs > 0) throw error
    const text = `Whether a start was missed cannot be said: ${accountLine(error)}`
    appliance.tell({ kind: 'warning', database: null, text })
    return []
  }
}

function catchUpOf({ configuration }: Appliance): { readonly catchUpMs: number } {
  return { catchUpMs: configuration.settings.catchUp.seconds * 1000 }
}
