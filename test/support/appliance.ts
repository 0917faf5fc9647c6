import { type ChildProcess, spawn } from 'node:child_process'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeTime } from './fake-time.ts'

export const launcher = join(import.meta.dirname, '../../docker/backup.sh')

export interface ApplianceOptions {
  /** All variables the program sees beside PATH, HOME and TZ. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: a folder that holds no `backup.conf`. */
  readonly cwd?: string
  /** Sent to its standard input, which is then closed. Default: `/dev/null`. */
  readonly stdin?: string
  /** Sends SIGTERM when it is aborted. */
  readonly signal?: AbortSignal
  /** SIGKILL after this long. Default: 60 s. */
  readonly timeoutMs?: number
  /** What the time shall be for the program and its children. */
  readonly at?: Date
}

export interface Ended {
  /** As a shell shows it: 128 + n when a signal ended it. */
  readonly status: number
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface RunningAppliance extends AsyncDisposable {
  readonly pid: number
  readonly done: Promise<Ended>
  kill(signal?: NodeJS.Signals): void
  /** Resolves when the output (stdout or stderr) matches; rejects when the program ends before. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  output(): { readonly stdout: string; readonly stderr: string }
}

/** Runs `docker/backup.sh` to its end, as a user's shell would. */
export async function runAppliance(
  args: readonly string[],
  options: ApplianceOptions = {},
): Promise<Ended> {
  return startAppliance(args, options).done
}

/** Starts `docker/backup.sh`; `await using` kills it if the test ends before it does. */
export function startAppliance(
  args: readonly string[],
  options: ApplianceOptions = {},
): RunningAppliance {
  return startProgram([launcher, ...args], options)
}

/** The same for any program, with the same clean environment. */
export function startProgram(
  command: readonly string[],
  options: ApplianceOptions = {},
): RunningAppliance {
  const { stdin, signal, timeoutMs = 60_000 } = options
  const child = spawnProgram(command, options)
  child.stdin?.on('error', () => {})
  child.stdin?.end(stdin)
  const output = outputOf(child)
  const done = endOf(child, output)
  const terminate = () => child.kill('SIGTERM')
  signal?.addEventListener('abort', terminate, { once: true })
  const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  child.once('close', () => {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', terminate)
  })
  return {
    pid: child.pid ?? 0,
    done,
    kill: (which = 'SIGTERM') => void child.kill(which),
    waitFor: (pattern, patience = 30_000) => matchOf(pattern, { child, output, patience }),
    output: () => output,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await done
    },
  }
}

/** When the test runner is killed, the kernel ends what it started. */
function spawnProgram(command: readonly string[], options: ApplianceOptions): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    cwd: options.cwd ?? '/',
    env: environmentFor(options),
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
}

function outputOf(child: ChildProcess): Output {
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  return output
}

/** Nothing of the caller's environment gets through but the way to programs and the time zone. */
export function environmentFor({ env = {}, at }: ApplianceOptions): Record<string, string> {
  const { PATH, TZ } = process.env
  const all = { PATH, TZ, HOME: tmpdir(), ...(at === undefined ? {} : fakeTime(at)), ...env }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

interface Output {
  readonly stdout: string
  readonly stderr: string
}

async function endOf(child: ChildProcess, output: Output): Promise<Ended> {
  const started = performance.now()
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  child.once('error', reject)
  child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
    const status = code ?? 128 + constants.signals[signal ?? 'SIGKILL']
    resolve({ status, signal, ...output, ms: performance.now() - started })
  })
  return promise
}

interface Watched {
  readonly child: ChildProcess
  readonly output: Output
  readonly patience: number
}

async function matchOf(pattern: RegExp, { child, output, patience }: Watched) {
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
  const both = () => output.stdout + output.stderr
  const look = () => {
    const found = pattern.exec(output.stdout) ?? pattern.exec(output.stderr)
    if (found !== null) resolve(found)
  }
  const giveUp = (why: string) => () => reject(new Error(`${why} ${String(pattern)}:\n${both()}`))
  const ended = giveUp('The program ended without')
  const late = setTimeout(giveUp(`Nothing in ${patience} ms like`), patience)
  child.stdout?.on('data', look)
  child.stderr?.on('data', look)
  child.once('close', ended)
  look()
  if (child.exitCode !== null || child.signalCode !== null) setImmediate(ended)
  return promise.finally(() => {
    clearTimeout(late)
    child.stdout?.off('data', look)
    child.stderr?.off('data', look)
    child.off('close', ended)
  })
}
