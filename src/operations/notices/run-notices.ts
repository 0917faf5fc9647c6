import { join } from 'node:path'
import type { Configuration } from '../../config/index.ts'
import {
  accountOf,
  type Clock,
  exitStatus,
  type Notice,
  type NoticeKind,
  Refusal,
  type RunEvent,
} from '../../model/index.ts'
import {
  Deliveries,
  noticeOf,
  Outbox,
  Pings,
  problemText,
  type RunKind,
  RunPlan,
  summaryOf,
} from '../../notify/index.ts'
import type { Environment, Modes } from '../../platform/index.ts'
import { type Places, placesOf } from './channels.ts'
import { withoutSecrets } from './without-secrets.ts'

export interface RunNoticesOptions {
  readonly configuration: Pick<Configuration, 'settings' | 'mode'>
  readonly environment: Environment
  /** Where what is not delivered is kept; null: nothing may be written. */
  readonly folder: string | null
  readonly modes: Modes
  readonly clock: Clock
  readonly redacted: (text: string) => string
  /** One line about what was not delivered. */
  readonly onProblem: (text: string) => void
  /** One line for who looks on, when the end takes long enough to wonder. */
  readonly onLongWait: (text: string) => void
  readonly task: Task
  /** A person called it and sees what becomes of it; false: the service or a schedule did. */
  readonly byPerson: boolean
  /** Aborts when the process is told to end: then nobody has time to wait any more. */
  readonly ending: AbortSignal
}

/** What is done, as far as people are told of it; the service tells of itself only. */
export type Task = 'back-up' | 'verify' | 'restore' | 'prune' | 'mirror' | 'serve'

const failures: Readonly<Record<Task, NoticeKind>> = {
  'back-up': 'backup-failed',
  verify: 'verification-failed',
  restore: 'restore-failed',
  prune: 'prune-failed',
  mirror: 'mirror-failed',
  serve: 'warning',
}

const runKinds: Readonly<Record<Exclude<Task, 'serve'>, RunKind>> = {
  'back-up': 'cycle',
  verify: 'verification-run',
  restore: 'restore-run',
  prune: 'prune-run',
  mirror: 'mirror-run',
}

const againMs = 10 * 60_000
/** A wait that is no longer is not spoken of, in milliseconds. */
const silentWaitMs = 1_000
/** What is left to a process that was told to end, in milliseconds. */
const hurriedMs = 3_000

/**
 * Tells people what becomes of one run, or of the service: from its begin to its end. Nothing here
 * waits before the end, throws, or changes an exit status.
 */
export class RunNotices {
  readonly #options: RunNoticesOptions
  readonly #places: Places
  readonly #deliveries: Deliveries
  readonly #pings: Pings
  /** Of the summary, until the end. */
  readonly #gathered: Notice[] = []
  readonly #plan = new RunPlan()
  readonly #startedAt: Date
  readonly #backedUp = new Set<string>()
  /** Why it failed is thrown after it was told that it did. */
  #failedRestore: Notice | null = null
  #again: NodeJS.Timeout | null = null

  constructor(options: RunNoticesOptions) {
    const { configuration, environment, folder, modes, clock, onProblem } = options
    this.#options = options
    this.#startedAt = clock.now()
    this.#places = placesOf(configuration.settings, environment)
    const { channels, http, settings } = this.#places
    const outbox =
      folder === null ? null : new Outbox({ folder: join(folder, 'outbox'), modes, onProblem })
    this.#deliveries = new Deliveries({ channels, outbox, clock, onProblem })
    const { pings: urls, timeoutMs } = settings
    this.#pings = new Pings({ urls, timeoutMs, http, onProblem })
  }

  /** What is left of earlier runs goes first. */
  begin(): void {
    const { task, configuration, onProblem } = this.#options
    for (const text of this.#places.warnings) onProblem(text)
    this.#deliveries.deliverKept()
    if (task !== 'serve') return
    this.#tell({
      kind: 'service-started',
      level: 'INFO',
      message: `Starting backup server in ${configuration.mode} mode ...`,
    })
    this.#again = setInterval(() => this.#deliveries.deliverKept(), againMs).unref()
  }

  hear(event: RunEvent): void {
    try {
      this.#hear(event)
    } catch (error) {
      this.#tellDefect(error)
    }
  }

  #hear(event: RunEvent): void {
    // Not before it is known that there is something to do: nothing would say how that ended.
    if (event.kind === 'run-planned' && this.#options.task === 'back-up') this.#pings.ping('start')
    this.#plan.follow(event)
    if (event.kind === 'backup-succeeded') this.#backedUp.add(event.path)
    const notice = noticeOf(event, {
      at: this.#options.clock.now(),
      isOfThisRun: (path) => this.#backedUp.has(path),
    })
    if (notice === null) return
    if (notice.kind === 'restore-failed') this.#failedRestore = notice
    else this.#send(notice)
  }

  /**
   * Says how it ended, and waits for what is under way: for each channel its own timeout at most.
   * @param error what ended it, if anything did
   */
  async end(status: number, error?: unknown): Promise<void> {
    try {
      await this.#end(status, error)
    } catch (defect) {
      this.#tellDefect(defect)
    }
  }

  async #end(status: number, error: unknown): Promise<void> {
    const { byPerson } = this.#options
    if (this.#again !== null) clearInterval(this.#again)
    const isOwnMistake = byPerson && error instanceof Refusal && error.isTyped
    if (!isOwnMistake) this.#tellOutcome(status, error)
    this.#sum(status)
    await this.#close()
  }

  async #close(): Promise<void> {
    const { task, onLongWait } = this.#options
    const { channels, settings, http } = this.#places
    // The service ends because it was told to, whatever it ends with.
    const isHurried = task === 'serve' || this.#options.ending.aborted
    const ending = task === 'serve' ? AbortSignal.abort() : this.#options.ending
    const hurry = { ending, hurriedMs }
    const longestMs = Math.max(settings.timeoutMs, ...channels.map(({ timeoutMs }) => timeoutMs))
    const mostMs = isHurried ? Math.min(hurriedMs, longestMs) : longestMs
    const most = Math.ceil(mostMs / 1000)
    const timer = setTimeout(
      () => onLongWait(`Waiting for notices to be delivered (at most ${most} s) ...`),
      silentWaitMs,
    )
    await Promise.all([this.#deliveries.close(hurry), this.#pings.close(hurry)])
    clearTimeout(timer)
    await http[Symbol.asyncDispose]()
  }

  #tellOutcome(status: number, error: unknown): void {
    if (error !== undefined) this.#tellEnd(error)
    else if (this.#failedRestore !== null) this.#send(this.#failedRestore)
    if (this.#options.task !== 'back-up') return
    this.#pings.ping(status === exitStatus.good ? 'good' : 'failed')
  }

  #sum(status: number): void {
    const { clock, task } = this.#options
    if (this.#gathered.length === 0 || task === 'serve') return
    const about = { kind: runKinds[task], notices: this.#gathered, plan: this.#plan }
    const times = { startedAt: this.#startedAt, endedAt: clock.now() }
    this.#deliveries.deliver(
      summaryOf({ ...about, ...times, isInterrupted: isInterruption(status) }),
    )
  }

  /** A mistake of ours in here must not become one of the backup. */
  #tellDefect(error: unknown): void {
    this.#options.onProblem(`Notices could not be sent: ${accountOf(error).message}`)
  }

  #tellEnd(error: unknown): void {
    const status = error instanceof Refusal ? error.exitStatus : exitStatus.defect
    const message = problemText(error)
    const figures = { error: accountOf(error) }
    if (this.#failedRestore !== null) {
      const { message: what } = this.#failedRestore
      return this.#send({
        ...this.#failedRestore,
        message: `${what}\n${message}`,
        figures: { ...this.#failedRestore.figures, ...figures },
      })
    }
    if (isInterruption(status)) {
      return this.#tell({
        kind: 'warning',
        level: 'WARN',
        message: this.#withMissing(message),
        figures,
      })
    }
    const kind = status === exitStatus.usage ? 'configuration-error' : failures[this.#options.task]
    this.#tell({ kind, level: 'ERROR', message, figures, ...this.#about() })
  }

  /** What was wrong before it began is about that database all the same. */
  #about(): Partial<Notice> {
    const { only } = this.#plan
    return only === null ? {} : { spec: only.spec.written, engine: only.spec.engine }
  }

  /** A summary has them in lines of their own. */
  #withMissing(message: string): string {
    const { missing } = this.#plan
    if (missing.length === 0 || this.#places.settings.summary) return message
    return `${message}\nNot done: ${missing.map(({ spec }) => spec).join(', ')}`
  }

  #tell(told: Pick<Notice, 'kind' | 'level' | 'message'> & Partial<Notice>): void {
    this.#send({ at: this.#options.clock.now(), spec: null, figures: {}, ...told })
  }

  #send(notice: Notice): void {
    const clean = withoutSecrets(notice, this.#options.redacted)
    if (this.#places.settings.summary && this.#options.task !== 'serve') this.#gathered.push(clean)
    else this.#deliveries.deliver(clean)
  }
}

function isInterruption(status: number): boolean {
  return status === exitStatus.terminated || status === exitStatus.interrupted
}
