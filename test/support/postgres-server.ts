import { type ChildProcess, execFile } from 'node:child_process'
import { chownSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { isAlive, newRunFolder, runFolder } from './run-folder.ts'
import { runAsServerUser, serverUser, spawnAsServerUser } from './unprivileged.ts'
import { waitUntil } from './wait-until.ts'

export interface Login {
  readonly user: string
  readonly password: string
}

/** How to reach a server; all that most tests need. */
export interface PostgresConnection {
  readonly host: string
  readonly port: number
  readonly superuser: Login
  /** Runs SQL (or psql commands) and returns unaligned rows, `|` between columns. */
  psql(database: string, sql: string, login?: Login): Promise<string>
}

/** A server of one's own. `await using` ends it and removes its files. */
export interface PostgresServer extends PostgresConnection, AsyncDisposable {
  readonly pid: number
  readonly folder: string
  /** What the server has written to its log so far. */
  log(): Promise<string>
  /** Ends every session at once and shuts down in good order. Files stay until disposal. */
  stop(): Promise<void>
  /** SIGKILL to the server and all its processes, as in a power cut. */
  kill(): Promise<void>
}

export interface PostgresOptions {
  /** Where `postgres` and `initdb` are; default: Debian's newest. */
  readonly binDir?: string
  /** Lines for postgresql.conf, such as `{ max_connections: '5' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** How clients that come by TCP prove themselves. */
  readonly auth?: 'scram-sha-256' | 'md5' | 'trust'
}

const superuser: Login = { user: 'postgres', password: 'the superuser’s "secret" $HOME' }

/** Tests lose nothing when the machine crashes, so nothing is flushed. */
const testSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '60',
  shared_buffers: '32MB',
  log_line_prefix: '%t [%p] %u@%d ',
}

/** Starts a PostgreSQL server with a fresh data directory on a free loopback port. */
export async function startPostgres({
  binDir = debianBinDir(),
  settings = {},
  auth = 'scram-sha-256',
}: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = newRunFolder('postgres')
  const user = serverUser()
  if (user !== null) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  await runAsServerUser(['cp', '-a', await templateOf(binDir), data], { cwd: '/' })
  await writeFile(join(data, 'pg_hba.conf'), `host all all all ${auth}\nlocal all all trust\n`)
  await appendFile(
    join(data, 'postgresql.conf'),
    Object.entries({ ...testSettings, ...settings, password_encryption: passwordsOf(auth) })
      .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
      .join(''),
  )
  return startIn(folder, binDir)
}

/** The server's own programs of the newest major that Debian has installed here. */
export function debianBinDir(): string {
  const majors = Array.from({ length: 20 }, (_, at) => 30 - at)
  const found = majors
    .map((major) => `/usr/lib/postgresql/${major}/bin`)
    .find((folder) => existsSync(join(folder, 'initdb')))
  if (found === undefined) throw new Error('No PostgreSQL server here; run scripts/setup.')
  return found
}

/** initdb takes a second, a copy of what it makes a tenth of that. */
async function templateOf(binDir: string): Promise<string> {
  const template = join(runFolder(), `template${binDir.replaceAll('/', '_')}`, 'data')
  if (existsSync(template)) return template
  const folder = newRunFolder('template')
  const user = serverUser()
  if (user !== null) chownSync(folder, user.uid, user.gid)
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, superuser.password)
  if (user !== null) chownSync(passwordFile, user.uid, user.gid)
  const initdb = [
    join(binDir, 'initdb'),
    `--pgdata=${join(folder, 'data')}`,
    `--username=${superuser.user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--wal-segsize=1',
    '--no-sync',
  ]
  await runAsServerUser(initdb, { cwd: folder })
  await rename(folder, dirname(template)).catch((error: unknown) => {
    // Another test file was quicker; its template is as good.
    if (!existsSync(template)) throw error
  })
  return template
}

/** An md5 server needs passwords stored its way; the template's superuser is stored as SCRAM. */
function passwordsOf(auth: NonNullable<PostgresOptions['auth']>): string {
  return auth === 'md5' ? 'md5' : 'scram-sha-256'
}

async function startIn(folder: string, binDir: string): Promise<PostgresServer> {
  const attempts = 3
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const started = await launch({ folder, binDir, port })
    if (started !== null) return serverOf(folder, port, started)
    const log = await readFile(join(folder, 'log'), 'utf8')
    // Somebody else may have taken the free port in the meantime.
    if (attempt === attempts || !log.includes('Address already in use')) {
      throw new Error(`PostgreSQL in ${folder} did not start:\n${log}`)
    }
  }
}

interface Launch {
  readonly folder: string
  readonly binDir: string
  readonly port: number
}

/** The running server, or null when it ended instead of becoming ready. */
async function launch({ folder, binDir, port }: Launch): Promise<ChildProcess | null> {
  const data = join(folder, 'data')
  const log = openSync(join(folder, 'log'), 'a', 0o644)
  const child = spawnAsServerUser([join(binDir, 'postgres'), '-D', data, '-p', String(port)], {
    cwd: folder,
    environment: libraryPath(binDir),
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  const ended = () => child.exitCode !== null || child.signalCode !== null
  await waitUntil(`PostgreSQL ${basename(binDir)} in ${folder} to start`, () => {
    return ended() || isReady(join(data, 'postmaster.pid'))
  })
  return ended() ? null : child
}

/** Servers of npm packages bring their libraries along. */
function libraryPath(binDir: string): Record<string, string> {
  const folder = join(dirname(binDir), 'lib')
  return binDir.startsWith('/usr/') ? {} : { LD_LIBRARY_PATH: folder }
}

/** The server writes its state on the eighth line of this file. */
function isReady(pidFile: string): boolean {
  try {
    return readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

function serverOf(folder: string, port: number, child: ChildProcess): PostgresServer {
  const pid = child.pid ?? 0
  const end = async (signal: 'SIGINT' | 'SIGKILL') => {
    // A backend that is writing to a client does not notice at once that the server is gone.
    const pids = signal === 'SIGKILL' ? [pid, ...childrenOf(pid)] : [pid]
    for (const each of pids) send(each, signal)
    await waitUntil(`PostgreSQL in ${folder} to end`, () => pids.every((each) => !isAlive(each)))
  }
  return {
    ...connectionTo(port),
    pid,
    folder,
    log: () => readFile(join(folder, 'log'), 'utf8'),
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** A process may end by itself just before it is told to. */
function send(pid: number, signal: NodeJS.Signals): void {
  if (!isAlive(pid)) return
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (isAlive(pid)) throw error
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number)
  } catch {
    return []
  }
}

/** A server that runs already, on the loopback interface. */
export function connectionTo(port: number): PostgresConnection {
  const host = '127.0.0.1'
  return {
    host,
    port,
    superuser,
    psql: (database, sql, login = superuser) => psql({ host, port, database, login }, sql),
  }
}

interface Session {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly login: Login
}

async function psql({ host, port, database, login }: Session, sql: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = execFile(
    'psql',
    ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '--no-password'],
    {
      env: {
        PATH: process.env['PATH'],
        PGHOST: host,
        PGPORT: String(port),
        PGDATABASE: database,
        PGUSER: login.user,
        PGPASSWORD: login.password,
        PGCLIENTENCODING: 'UTF8',
      },
      maxBuffer: 1e9,
    },
    (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trimEnd())
      else reject(new Error(`psql in ${database}: ${stderr.trim()}`, { cause: error }))
    },
  )
  // A psql that could not connect is gone before it reads; its own message says why.
  child.stdin?.on('error', () => {})
  child.stdin?.end(sql)
  return promise
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer().once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    server.close(() => resolve(port))
  })
  return promise
}
