import { type ChildProcess, spawn } from 'node:child_process'
import { basename } from 'node:path'
import type { Writable } from 'node:stream'
import { Redactor } from '../model/index.ts'
import type { Command } from './command.ts'
import { TextTail } from './text-tail.ts'

/** How long a program may take to end after SIGTERM before it is killed. */
const graceMs = 3_000

/** How a program ended, and the last lines that it wrote to stderr, without its secrets. */
export interface Ending {
  readonly program: string
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Why it could not even start; null when it did. */
  readonly startError: NodeJS.ErrnoException | null
  readonly stderr: readonly string[]
}

/** A running program, whose ending always arrives and never rejects. */
export interface Child {
  readonly process: ChildProcess
  readonly ending: Promise<Ending>
  /** Asks it to end, and insists after a grace period. Calling it again does no harm. */
  stop(): void
  /** What it wrote to stderr last, as of now. */
  lastWords(): readonly string[]
  /** A text of it without the secrets that were in its environment: it can tell no others. */
  redacted(text: string): string
}

/** Starts a program with exactly the environment of the command, its stderr kept as a tail. */
export function startChild(
  command: Command,
  stdin: 'ignore' | 'pipe',
  stdout: 'pipe' | Writable,
): Child {
  const child = spawn(command.program, [...command.args], {
    env: { ...command.environment },
    ...command.user,
    cwd: command.folder,
    stdio: [stdin, stdout, 'pipe'],
  })
  const redactor = Redactor.of(command.environment)
  const redacted = (text: string): string => redactor.inOutsideText(text)
  const tail = new TextTail()
  const lastWords = (): readonly string[] => tail.lines().map(redacted)
  child.stderr?.on('data', (chunk: Buffer) => tail.add(chunk))
  if (command.onStderr !== undefined) child.stderr?.on('data', command.onStderr)
  const program = basename(command.program)
  const { promise: ending, resolve } = Promise.withResolvers<Ending>()
  child.once('error', (startError: NodeJS.ErrnoException) => {
    if (child.pid !== undefined) return
    resolve({ program, exitCode: null, signal: null, startError, stderr: [] })
  })
  child.once('close', (exitCode, signal) => {
    resolve({ program, exitCode, signal, startError: null, stderr: lastWords() })
  })
  return { process: child, ending, stop: () => stopGently(child), lastWords, redacted }
}

/** Whether the program did what it was asked to, by its own account. */
export function endedWell({ exitCode }: Ending): boolean {
  return exitCode === 0
}

function stopGently(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null || child.killed) return
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), graceMs)
  child.once('exit', () => clearTimeout(insist))
}
