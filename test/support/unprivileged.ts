import { type ChildProcess, execFile, type StdioOptions, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const execute = promisify(execFile)

interface User {
  readonly uid: number
  readonly gid: number
}

/** Who runs servers: PostgreSQL refuses root. Not root ourselves: nobody else. */
export function serverUser(): User | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = ['postgres', 'nobody'].flatMap(
    (name) => users.find(([user]) => user === name) ?? [],
  )
  const [, , uid, gid] = found.slice(0, 7)
  if (uid === undefined || gid === undefined) throw new Error('Neither postgres nor nobody exist.')
  return { uid: Number(uid), gid: Number(gid) }
}

interface Place {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a program to its end as the server's user; rejects with its stderr when it fails. */
export async function runAsServerUser(
  [program = '', ...args]: readonly string[],
  { cwd, environment = {} }: Place,
): Promise<string> {
  const { stdout } = await execute(program, args, {
    ...serverUser(),
    cwd,
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...environment },
    maxBuffer: 1e8,
  })
  return stdout
}

const running = new Set<ChildProcess>()

/**
 * Starts a server as its user. It ends with this process: when that exits, and by the kernel when it
 * is killed, so that no test run leaves a server behind.
 */
export function spawnAsServerUser(
  command: readonly string[],
  { cwd, environment = {}, stdio }: Place & { readonly stdio: StdioOptions },
): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'QUIT', ...command], {
    ...serverUser(),
    cwd,
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...environment },
    stdio,
  })
  if (running.size === 0) process.prependOnceListener('exit', killAll)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}
