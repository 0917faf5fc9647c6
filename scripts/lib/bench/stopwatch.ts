import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

export interface Job {
  readonly command: readonly string[]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
}

/** Runs a job to its end and returns its wall time in seconds; a job that fails ends the bench. */
export async function secondsOf(job: Job): Promise<number> {
  const started = performance.now()
  await endOf(job, start(job))
  return (performance.now() - started) / 1_000
}

/** The largest memory (VmHWM, bytes) of the job's own process, and of each program it started. */
export interface Peaks {
  readonly own: number
  readonly children: ReadonlyMap<string, number>
}

/** Runs a job and looks at it and its descendants many times a second. */
export async function peaksOf(job: Job): Promise<Peaks> {
  const child = start(job)
  const children = new Map<string, number>()
  let own = 0
  const look = () => {
    for (const pid of familyOf(child.pid ?? 0)) {
      const { name, peak } = memoryOf(pid)
      if (pid === child.pid) own = Math.max(own, peak)
      else if (peak > 0) children.set(name, Math.max(children.get(name) ?? 0, peak))
    }
  }
  const timer = setInterval(look, 20)
  try {
    await endOf(job, child)
  } finally {
    clearInterval(timer)
  }
  return { own, children }
}

function start({ command: [program = '', ...args], cwd, environment }: Job): ChildProcess {
  return spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

async function endOf({ command }: Job, child: ChildProcess): Promise<void> {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}:\n${complaint}`)
}

function familyOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const children = threads.flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    )
    return [pid, ...children.map(Number).flatMap(familyOf)]
  } catch {
    return []
  }
}

function memoryOf(pid: number): { readonly name: string; readonly peak: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'mu').exec(status)?.[1] ?? ''
    return { name: field('Name'), peak: Number(field('VmHWM')) * 1_024 }
  } catch {
    return { name: '', peak: 0 }
  }
}
