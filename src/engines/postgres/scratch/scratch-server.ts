import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  baseEnvironment,
  type Child,
  diskSpaceOf,
  type Environment,
  isCode,
  ProcessFailure,
  runCommand,
  startChild,
} from '../../../platform/index.ts'
import { randomPassword, type ScratchFolder } from './scratch-folder.ts'
import { type ServerPrograms, serverEnvironment } from './server-programs.ts'
import { loadSettings, memoryHere } from './settings.ts'
import { ScratchTrouble } from './trouble.ts'

/** A server of our own, that nobody else can reach and whose data nobody will miss. */
export interface ScratchServer extends AsyncDisposable {
  readonly programs: ServerPrograms
  /** libpq's variables for its superuser; PGDATABASE is not among them. */
  readonly environment: Readonly<Record<string, string>>
  /** The last lines of its log. */
  log(): readonly string[]
  /** Whether the process that we started still runs. */
  isRunning(): boolean
}

export interface StartOptions {
  readonly programs: ServerPrograms
  /** Ours, for the clients: where programs are, the time zone. */
  readonly environment: Environment
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** No role of a dump can have this name, so none is in the way of creating it (#132, D-27). */
const superuser = 'backup-container: scratch superuser'
const pollMs = 25
const quitMs = 2_000

/**
 * Makes a server in a scratch folder and waits until it takes connections.
 * @throws {ScratchTrouble} with the tail of its log when it does not start in time (#21, D-24).
 */
export async function startScratchServer(
  folder: ScratchFolder,
  options: StartOptions,
): Promise<ScratchServer> {
  const { programs, environment } = options
  const password = randomPassword()
  await initialise(folder, password, options)
  const server = startChild(
    {
      program: join(programs.folder, 'postgres'),
      args: ['-D', folder.data],
      environment: serverEnvironment(programs.folder, folder.user.environment),
      user: folder.user.identity,
      folder: folder.path,
    },
    'ignore',
    'pipe',
  )
  server.process.stdout?.resume()
  try {
    await untilReady(server, folder, options)
  } catch (error) {
    await quit(server)
    throw error
  }
  return {
    programs,
    environment: {
      ...baseEnvironment(environment),
      PGHOST: folder.socketFolder,
      PGPORT: '5432',
      PGUSER: superuser,
      PGPASSWORD: password,
      PGCONNECT_TIMEOUT: '10',
      PGAPPNAME: 'backup-container',
      PGSSLMODE: 'disable',
      PGSERVICEFILE: '/dev/null',
      PGPASSFILE: '/dev/null',
    },
    log: () => server.lastWords(),
    isRunning: () => !hasEnded(server),
    [Symbol.asyncDispose]: () => quit(server),
  }
}

async function initialise(
  folder: ScratchFolder,
  password: string,
  { programs, signal }: StartOptions,
): Promise<void> {
  const passwordFile = await folder.write('password', password)
  const command = {
    program: join(programs.folder, 'initdb'),
    args: [
      `--pgdata=${folder.data}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ],
    environment: serverEnvironment(programs.folder, folder.user.environment),
    user: folder.user.identity,
    folder: folder.path,
  }
  try {
    await runCommand(command, { signal })
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error
    throw new ScratchTrouble('The scratch server could not be made: initdb failed.', {
      log: error.ending.stderr.length > 0 ? error.ending.stderr : [error.message],
    })
  }
  const { free: freeDisk } = await diskSpaceOf(folder.data)
  const settings = loadSettings(folder.socketFolder, { memory: memoryHere(), freeDisk })
  await appendFile(join(folder.data, 'postgresql.conf'), settings)
  await writeFile(join(folder.data, 'pg_hba.conf'), 'local all all scram-sha-256\n')
}

/** Ready is what the server says of itself, in a file with the number of the process we started. */
async function untilReady(
  server: Child,
  folder: ScratchFolder,
  { timeoutMs, signal }: StartOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    if (hasEnded(server)) throw notStarted('it ended', await allOf(server))
    if (await isReady(folder.data, server.process.pid)) return
    if (performance.now() > deadline) {
      const seconds = Math.round(timeoutMs / 1000)
      throw notStarted(
        `it took no connections within ${seconds} s (DATABASE_SERVER_TIMEOUT)`,
        server.lastWords(),
      )
    }
    await pauseUnless(signal, pollMs)
  }
}

async function allOf(server: Child): Promise<readonly string[]> {
  return (await server.ending).stderr
}

function notStarted(why: string, log: readonly string[]): ScratchTrouble {
  return new ScratchTrouble(`The scratch server did not start: ${why}.`, { log })
}

async function isReady(data: string, pid: number | undefined): Promise<boolean> {
  try {
    const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
    return lines[0]?.trim() === String(pid) && lines[7]?.trim() === 'ready'
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

/** At once: nothing of it is worth saving. */
async function quit(server: Child): Promise<void> {
  if (!hasEnded(server)) server.process.kill('SIGQUIT')
  const insist = setTimeout(() => server.process.kill('SIGKILL'), quitMs)
  await server.ending
  clearTimeout(insist)
}

function hasEnded({ process: child }: Child): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await pause(ms, undefined, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
