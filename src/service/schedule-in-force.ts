import type { Configuration } from '../config/index.ts'
import { accountOf, exitStatus, Refusal, type ServiceState, type Tell } from '../model/index.ts'
import { type JobPlan, planJobs } from '../operations/index.ts'
import type { Alarm } from '../platform/index.ts'
import { makesBackups, noBackupText } from '../schedule/index.ts'
import { Job, type JobWorld } from './job.ts'
import type { MissedStart } from './missed-start.ts'

interface Surroundings {
  readonly alarm: Alarm
  readonly tell: Tell
  /** Keeps the text of the file that is in force, for the jobs. */
  readonly hold: (configuration: Configuration) => Promise<void>
  readonly readConfiguration: () => Promise<Configuration>
  readonly start: JobWorld['start']
}

/** The jobs that are followed now, and how they change with the configuration. */
export class ScheduleInForce {
  #configuration: Configuration
  #reading: ServiceState['configuration']
  #jobs: readonly Job[]
  /** Of lines that are gone, but whose last run goes on. */
  #retired: readonly Job[] = []
  #reloading: Promise<void> = Promise.resolve()
  /** Not by the clock, which may be set. */
  #lastBeatMs = performance.now()
  #stopping = false
  readonly #startedAt: Date
  readonly #world: Surroundings

  constructor(configuration: Configuration, world: Surroundings) {
    const now = world.alarm.now()
    this.#configuration = configuration
    this.#world = world
    this.#startedAt = now
    this.#reading = { valid: true, readAt: now }
    this.#jobs = planJobs(configuration).map((plan) => this.#jobOf(plan))
  }

  get configuration(): Configuration {
    return this.#configuration
  }

  get state(): ServiceState {
    return {
      mode: this.#configuration.mode,
      startedAt: this.#startedAt,
      configuration: this.#reading,
      jobs: this.#jobs.map(({ state }) => state),
      silentMs: performance.now() - this.#lastBeatMs,
      stopping: this.#stopping,
    }
  }

  beat(): void {
    this.#lastBeatMs = performance.now()
  }

  /** Starts to follow it; `missedBy` says which start a job has missed, if any. */
  async begin(missedBy: (plan: JobPlan) => MissedStart | null): Promise<void> {
    await this.#hold(this.#configuration)
    for (const job of this.#jobs) {
      const missed = missedBy(job.plan)
      if (missed?.isMadeUp === false) this.#tellMissed(job.plan, missed.due)
      this.#follow(job, missed?.isMadeUp === true ? missed.due : null)
    }
  }

  #tellMissed({ name: job, command }: JobPlan, due: Date): void {
    this.#world.tell({ kind: 'start-missed', job, command, due })
  }

  /** Reads the configuration anew; one that is broken changes nothing but is told. */
  async reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#read())
    await this.#reloading
  }

  /** No more starts; what runs is told to end. Settles when nothing runs any more. */
  async stop(why: string): Promise<void> {
    this.#stopping = true
    const all = [...this.#jobs, ...this.#retired]
    const running = all.filter(({ isRunning }) => isRunning).length
    this.#world.tell({ kind: 'service-stopping', why, running })
    await Promise.all(all.map((job) => job.stop()))
  }

  async #read(): Promise<void> {
    if (this.#stopping) return
    const { alarm, tell, readConfiguration } = this.#world
    try {
      const next = await readConfiguration()
      if (this.#stopping) return
      refuseEmptySchedule(this.#configuration, next)
      await this.#hold(next)
      this.#reading = { valid: true, readAt: alarm.now() }
      this.#apply(next)
      tell({ kind: 'configuration-applied', schedule: this.#jobs.map(textOf) })
      if (!makesBackups(next)) tell({ kind: 'warning', database: null, text: noBackupText })
    } catch (error) {
      this.#reading = { valid: false, readAt: alarm.now(), problems: problemsOf(error) }
      tell({ kind: 'configuration-refused', error })
    }
  }

  async #hold(configuration: Configuration): Promise<void> {
    try {
      await this.#world.hold(configuration)
    } catch (error) {
      const text =
        `The text of backup.conf cannot be kept for the jobs (${accountOf(error).message}); ` +
        'they read the file itself, even while it is being edited. Make TMPDIR writable.'
      this.#world.tell({ kind: 'warning', database: null, text })
    }
  }

  /** A job whose line is still there stays as it is: its rhythm, its run, and what it has told. */
  #apply(next: Configuration): void {
    this.#configuration = next
    const left = new Map(this.#jobs.map((job) => [job.plan.key, job]))
    const jobs = planJobs(next).map((plan) => {
      const same = left.get(plan.key)
      left.delete(plan.key)
      if (same === undefined) return this.#followNew(plan)
      same.rename(plan)
      return same
    })
    for (const job of left.values()) job.retire()
    this.#jobs = jobs
    this.#retired = [...this.#retired, ...left.values()].filter(({ isRunning }) => isRunning)
  }

  #followNew(plan: JobPlan): Job {
    const job = this.#jobOf(plan)
    this.#follow(job, null)
    return job
  }

  #jobOf(plan: JobPlan): Job {
    const { alarm, tell, start } = this.#world
    const timeoutMs = this.#configuration.settings.jobTimeout.seconds * 1000
    return new Job(plan, { alarm, tell, start, timeoutMs })
  }

  /** Whatever goes wrong while a job is followed is a defect, and must end the process. */
  #follow(job: Job, missed: Date | null): void {
    void job.follow(missed)
  }
}

/** A pod that looks healthy and never backs up is the worst that can happen (D-36). */
function refuseEmptySchedule(before: Configuration, after: Configuration): void {
  if (before.mode !== 'cron' || after.mode === 'cron') return
  throw new Refusal('The changed configuration has no schedule any more.', {
    reason: `Schedule lines before: ${before.schedule.length}; now: none.`,
    advice:
      'Put the schedule lines back. To back up every BACKUP_PERIOD instead, restart the container.',
    exitStatus: exitStatus.usage,
  })
}

function problemsOf(error: unknown): readonly string[] {
  const { message, reason } = accountOf(error)
  return [message, ...reason.split('\n').filter((line) => line !== '')]
}

function textOf({ plan }: Job): string {
  return `${plan.expression} ${plan.command}`
}
