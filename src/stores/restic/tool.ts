import { setTimeout as pause } from 'node:timers/promises'
import {
  type Child,
  type Command,
  type Ending,
  ProcessFailure,
  startChild,
} from '../../platform/index.ts'
import { orAbort } from '../until-aborted.ts'
import type { ResticOptions } from './options.ts'
import { kindOf } from './problems.ts'

const minute = 60_000
const betweenTriesMs = 2_000
const never = new AbortController().signal

interface Running {
  readonly signal?: AbortSignal | undefined
  /** It may take as long as it wants: it reads the whole repository. */
  readonly long?: boolean
}

interface Waiting extends Running {
  /** Once it runs it is not stopped, so that one knows what it did. Waiting for it is. */
  readonly asAWhole?: boolean
}

/** The program, with its environment: composed here, run by the platform. */
export class Restic {
  readonly options: ResticOptions

  constructor(options: ResticOptions) {
    this.options = options
  }

  get #lockWaitMs(): number {
    return this.options.lockWaitMs ?? minute
  }

  get stallMs(): number {
    return this.options.stallMs ?? 30 * minute
  }

  /** Starts it; its stderr stays in the child's ending, without secrets. */
  start(args: readonly string[], stdin: 'ignore' | 'pipe'): Child {
    return startChild(this.#command(args), stdin, 'pipe')
  }

  /**
   * Runs it to its end and returns what it wrote to stdout.
   * @throws {ProcessFailure} when it fails, or does not answer in time.
   */
  async run(args: readonly string[], { signal, long = false }: Running = {}): Promise<string> {
    signal?.throwIfAborted()
    const late = long ? never : AbortSignal.timeout(this.options.answerMs ?? 10 * minute)
    const either = AbortSignal.any([signal ?? never, late])
    const { ending, output } = await endOf(this.start(args, 'ignore'), either)
    signal?.throwIfAborted()
    if (ending.exitCode === 0) return output
    throw new ProcessFailure(ending, late.aborted ? 'stalled' : null)
  }

  /**
   * The same for commands that others' locks are in the way of. Locks that restic itself judges
   * stale, as of a process that was killed, are removed; for others it waits a while.
   */
  async runWhenUnlocked(args: readonly string[], waiting: Waiting = {}): Promise<string> {
    const { signal, asAWhole } = waiting
    const running = asAWhole === true ? {} : waiting
    const until = performance.now() + this.#lockWaitMs
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#unlessLocked(args, running)
      if (typeof answer === 'string') return answer
      if (attempt > 1 && performance.now() >= until) throw answer.locked
      // Every time: a process that was killed counts as alive until somebody asks for its status.
      await this.run(['unlock'], { signal })
      if (attempt > 1) await orAbort(pause(betweenTriesMs), signal)
    }
  }

  async #unlessLocked(
    args: readonly string[],
    running: Running,
  ): Promise<string | { readonly locked: unknown }> {
    try {
      return await this.run(args, running)
    } catch (error) {
      if (kindOf(error) === 'locked') return { locked: error }
      throw error
    }
  }

  #command(args: readonly string[]): Command {
    const { environment } = this.options
    // Times are told and asked in one zone; status lines nobody reads are few.
    const ours = { TZ: 'UTC', RESTIC_PROGRESS_FPS: '0.01' }
    return { program: 'restic', args, environment: { ...environment, ...ours } }
  }
}

/** Waits for a child, and stops it when the signal aborts. */
async function endOf(
  child: Child,
  signal: AbortSignal,
): Promise<{ readonly ending: Ending; readonly output: string }> {
  const output: Buffer[] = []
  child.process.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
  const stop = (): void => child.stop()
  signal.addEventListener('abort', stop, { once: true })
  const ending = await child.ending
  signal.removeEventListener('abort', stop)
  return { ending, output: Buffer.concat(output).toString() }
}
