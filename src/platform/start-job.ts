import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from './command.ts'
import { isCode } from './files.ts'
import { type JobMark, processesOfJob } from './job-processes.ts'

/** A command of the schedule that runs, with all the processes that it starts. */
export interface JobProcess {
  readonly pid: number
  /** Its status as a shell shows it: 128 + n when signal n ended it. Rejects if it cannot start. */
  readonly ended: Promise<number>
  /**
   * Asks it to end, and kills what is left of it when `graceMs` is over: all its processes, those
   * that have left its group included. It has `ended` when none of them runs any more.
   */
  stop(graceMs: number): void
}

export interface JobOptions {
  /** Each line of its output, without its end, as soon as it is whole. */
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void
  /**
   * Who is asked to end: a program of ours ends what it has started, in order; a shell passes
   * nothing on, so its whole group is asked.
   */
  readonly asks: 'leader' | 'group'
}

/** A line that never ends must not fill the memory: it is cut here, in characters. */
const longestLine = 65_536
/** How long a killed process may take to be gone, in milliseconds. */
const longestDeathMs = 5_000
/** How often it is looked whether all of a job that is being stopped has ended, in milliseconds. */
const lookEveryMs = 50
/** How long output may still come, from what it left running, once the command has ended. */
const lastWordsMs = 500

/**
 * Starts a command of the schedule in a process group of its own, so that all of it can be ended.
 * Its standard input is empty. What it starts in the background and leaves is left alone, as every
 * cron does, unless it is being stopped.
 */
export function startJob(command: Command, options: JobOptions): JobProcess {
  try {
    return begin(command, options)
  } catch (error) {
    // Some failures are thrown (no memory, an environment too large), others are events.
    return { pid: 0, ended: Promise.reject(error), stop: () => undefined }
  }
}

function begin(command: Command, { onLine, asks }: JobOptions): JobProcess {
  const mark = randomUUID()
  const child = spawn(command.program, [...command.args], {
    env: { ...command.environment, BACKUP_JOB_RUN: mark },
    cwd: command.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  endWithUs(child)
  const read = Promise.all([
    eachLine(child.stdout, (line) => onLine('stdout', line)),
    eachLine(child.stderr, (line) => onLine('stderr', line)),
  ])
  const all = { group: child.pid ?? 0, mark: `BACKUP_JOB_RUN=${mark}` }
  let stopping: Promise<void> | null = null
  const ended = endOf(child).then(async (status) => {
    await stopping
    await Promise.race([read, unheldTimer(lastWordsMs)])
    // What it left running may hold on to its output, but not to us.
    for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref()
    return status
  })
  return {
    pid: child.pid ?? 0,
    ended,
    stop(graceMs) {
      if (stopping !== null || child.pid === undefined || hasEnded(child)) return
      if (asks === 'group') signalAll(processesOfJob(all), 'SIGTERM')
      else child.kill('SIGTERM')
      stopping = endAllOf(all, graceMs)
    },
  }
}

/**
 * Settles when no process of the job is alive. Not its leader alone: a shell dies of the signal at
 * once, while the backup that it began still ends in order.
 */
async function endAllOf(job: JobMark, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs
  for (;;) {
    const alive = processesOfJob(job)
    const overdueMs = performance.now() - deadline
    // What hangs in the kernel dies when that lets go; nobody can wait for it.
    if (alive.length === 0 || overdueMs > longestDeathMs) return
    if (overdueMs >= 0) signalAll(alive, 'SIGKILL')
    await pause(lookEveryMs)
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) signalOne(pid, signal)
}

const running = new Set<ChildProcess>()

/** A process that ends at once, on a second signal or a defect, leaves no jobs without a master. */
function endWithUs(child: ChildProcess): void {
  if (process.listeners('exit').every((listener) => listener !== endAll)) {
    process.on('exit', endAll)
  }
  running.add(child)
  child.once('exit', () => running.delete(child))
}

function endAll(): void {
  for (const { pid } of running) if (pid !== undefined) signalOne(-pid, 'SIGKILL')
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function endOf(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', (error) => {
    if (child.pid === undefined) reject(error)
  })
  child.once('exit', (code, signal) => {
    resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
  })
  return promise
}

/** @param pid negative for a whole group. */
function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!isCode(error, 'ESRCH')) throw error
  }
}

async function unheldTimer(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, ms).unref()
  return promise
}

/** Bytes that are no UTF-8 become replacement characters; an unfinished last line counts. */
async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = `${rest}${decoder.write(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.replace(/\r$/u, ''))
    for (; rest.length >= longestLine; rest = rest.slice(longestLine)) {
      onLine(rest.slice(0, longestLine))
    }
  })
  stream.once('close', () => {
    const last = rest + decoder.end()
    if (last !== '') onLine(last)
    resolve()
  })
  return promise
}
