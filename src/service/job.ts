import type { JobResult, JobState, Tell } from '../model/index.ts'
import type { JobPlan } from '../operations/index.ts'
import type { Alarm, JobProcess } from '../platform/index.ts'
import { type Timetable, timetableOf } from '../schedule/index.ts'

/** What a job needs of the service. */
export interface JobWorld {
  readonly alarm: Alarm
  readonly tell: Tell
  /** Starts the command; the process may still fail to start, by its `ended`. */
  readonly start: (plan: JobPlan, how: { readonly isMissed: boolean }) => JobProcess
  /** `JOB_TIMEOUT`, in milliseconds. */
  readonly timeoutMs: number
}

/** How long a command may take to end in order before all of it is killed, in milliseconds. */
const graceMs = 8_000
/** As a shell has it for a command that it does not find. */
const cannotStart = 127
/** A clock that was set back further was wrong before; times that it showed are no times. */
const longestSetbackMs = 2 * 3_600_000
/** Who begins later than this was not there when it was time: it was frozen, or the machine slept. */
const latestStartMs = 60_000

/** One line of the schedule at work. It never overlaps itself. */
export class Job {
  #plan: JobPlan
  readonly #world: JobWorld
  readonly #timetable: Timetable
  readonly #retirement = new AbortController()
  #run: Run | null = null
  #next: Date | null = null
  #lastStart: Date | null = null
  #lastEnd: Date | null = null
  #lastResult: JobResult | null = null

  constructor(plan: JobPlan, world: JobWorld) {
    this.#plan = plan
    this.#world = world
    this.#timetable = timetableOf(plan.expression, world.alarm.now())
  }

  get plan(): JobPlan {
    return this.#plan
  }

  get state(): JobState {
    return {
      name: this.plan.name,
      command: this.plan.command,
      nextRun: this.#next,
      lastStart: this.#lastStart,
      lastEnd: this.#lastEnd,
      lastResult: this.#lastResult,
      runningSince: this.#run?.startedAt ?? null,
    }
  }

  get isRunning(): boolean {
    return this.#run !== null
  }

  /**
   * Starts the command whenever it is due, until the job is retired. A rhythm begins with a start
   * at once; `missed` is a start to make up for.
   */
  async follow(missed: Date | null): Promise<void> {
    const { alarm } = this.#world
    let last = alarm.now()
    if (missed !== null || this.plan.trigger === 'interval') this.#start(missed)
    for (;;) {
      this.#next = this.#timetable.next(this.#counting(last))
      if (this.#next === null || !(await this.#hasWaited(this.#next))) return
      // A clock that was set back shows other times now.
      if (this.#next > alarm.now()) continue
      last = this.#next
      this.#due(last)
    }
  }

  /** The same line, at another place of the file. */
  rename(plan: JobPlan): void {
    this.#plan = plan
  }

  /** No more starts; what runs goes on. */
  retire(): void {
    this.#retirement.abort()
    this.#next = null
  }

  /** Retires it and ends what runs. Settles when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.retire()
    this.#run?.end('interrupted')
    await this.settled()
  }

  /** Settles when it is not running. */
  async settled(): Promise<void> {
    await this.#run?.done
  }

  /** From when on the next time counts. An interval names no time that could come again. */
  #counting(last: Date): Date {
    const now = this.#world.alarm.now()
    return this.#timetable.isRhythm ? now : laterUnlessSetBack(last, now)
  }

  async #hasWaited(at: Date): Promise<boolean> {
    const { signal } = this.#retirement
    await this.#world.alarm.waitUntil(at, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    return !signal.aborted
  }

  #due(at: Date): void {
    if (this.#run === null) return this.#start(this.#isLate(at) ? at : null)
    if (this.#run.toldOfSkip) return
    this.#run.toldOfSkip = true
    const { name, command } = this.plan
    const runningSince = this.#run.startedAt
    this.#world.tell({ kind: 'job-skipped', job: name, command, due: at, runningSince })
  }

  #isLate(due: Date): boolean {
    const lateMs = this.#world.alarm.now().getTime() - due.getTime()
    return !this.#timetable.isRhythm && lateMs > latestStartMs
  }

  #start(missed: Date | null): void {
    const { alarm, tell, timeoutMs } = this.#world
    const { name: job, command } = this.plan
    tell({ kind: 'job-started', job, command, missed })
    const startedAt = alarm.now()
    const process = this.#world.start(this.plan, { isMissed: missed !== null })
    const run = new Run(process, { startedAt, timeoutMs })
    this.#lastStart = startedAt
    this.#run = run
    run.done = this.#end(run)
  }

  async #end(run: Run): Promise<void> {
    const { alarm, tell } = this.#world
    const started = performance.now()
    const result = await run.result
    const { name: job, command, period, flags } = this.plan
    const isOwn = flags !== null
    this.#run = null
    this.#lastEnd = alarm.now()
    this.#lastResult = result
    const elapsedMs = performance.now() - started
    tell({ kind: 'job-ended', job, command, result, isOwn, elapsedMs })
    if (period !== null && this.#next !== null) tell({ kind: 'service-sleeps', period })
  }
}

/** One start of a command, to its end. */
class Run {
  readonly startedAt: Date
  readonly result: Promise<JobResult>
  done: Promise<void> = Promise.resolve()
  toldOfSkip = false
  readonly #process: JobProcess
  #why: 'timed-out' | 'interrupted' | null = null

  constructor(
    process: JobProcess,
    { startedAt, timeoutMs }: { readonly startedAt: Date; readonly timeoutMs: number },
  ) {
    this.startedAt = startedAt
    this.#process = process
    const timer = setTimeout(() => this.end('timed-out'), timeoutMs)
    this.result = this.#judge().finally(() => clearTimeout(timer))
  }

  end(why: 'timed-out' | 'interrupted'): void {
    this.#why ??= why
    this.#process.stop(graceMs)
  }

  async #judge(): Promise<JobResult> {
    const exitStatus = await this.#process.ended.catch(() => cannotStart)
    // What ended well before it heard of its end has done its work.
    if (exitStatus === 0) return { kind: 'succeeded' }
    return this.#why === null ? { kind: 'failed', exitStatus } : { kind: this.#why }
  }
}

function laterUnlessSetBack(last: Date, now: Date): Date {
  const setBackMs = last.getTime() - now.getTime()
  return setBackMs > 0 && setBackMs <= longestSetbackMs ? last : now
}
