import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import { Secret } from '../../src/model/index.ts'
import type { FtpOptions } from '../../src/stores/index.ts'
import { serverCertificate } from './ftp-certificates.ts'
import { newRunFolder } from './run-folder.ts'
import { serverUser, spawnAsServerUser } from './unprivileged.ts'
import { waitUntil } from './wait-until.ts'

/** A real FTP server on loopback, with one user and one folder. */
export interface FtpServer extends AsyncDisposable {
  readonly port: number
  /** What the user sees, on the disk here. */
  readonly root: string
  /** How a store reaches it. */
  readonly options: FtpOptions
  /** Makes a new, empty folder in the root, and returns its name. */
  readonly newFolder: () => Promise<string>
}

export interface FtpServerSettings {
  /** Lines for vsftpd.conf, or arguments of pure-ftpd. */
  readonly extra?: readonly string[]
  /** Its certificate is over. Default: it is valid. */
  readonly isExpired?: boolean
  /** It knows nothing newer than TLS 1.2. */
  readonly onlyOlderTls?: boolean
}

const password = 'open "sesame" 100%'

/**
 * vsftpd, which demands that data connections continue the TLS session. It knows neither MLSD nor
 * users of its own; unprivileged, it lets in the one that it calls anonymous, who has a password.
 */
export async function startVsftpd(settings: FtpServerSettings = {}): Promise<FtpServer> {
  const folder = folderForServer('vsftpd')
  const { certificateFile, keyFile } = certificateIn(folder, settings)
  const port = await freePort()
  await writeFile(join(folder, 'passwords'), `${password}\n`)
  const text = `
listen=YES
background=NO
listen_address=127.0.0.1
listen_port=${port}
run_as_launching_user=YES
one_process_model=YES
seccomp_sandbox=NO
local_enable=NO
anonymous_enable=YES
secure_email_list_enable=YES
email_password_file=${join(folder, 'passwords')}
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=077
anon_root=${join(folder, 'root')}
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file=${certificateFile}
rsa_private_key_file=${keyFile}
utf8_filesystem=YES
use_localtime=NO
xferlog_enable=NO
${(settings.extra ?? []).join('\n')}
`.trimStart()
  const file = join(folder, 'vsftpd.conf')
  await writeFile(file, text)
  own(file)
  const environment = settings.onlyOlderTls === true ? await withOlderTls(folder) : {}
  const child = spawnAsServerUser(['/usr/sbin/vsftpd', file], {
    cwd: folder,
    stdio: 'ignore',
    environment,
  })
  return serverOf(child, { folder, port, user: 'anonymous', settings })
}

async function withOlderTls(folder: string): Promise<Readonly<Record<string, string>>> {
  const file = join(folder, 'openssl.cnf')
  await writeFile(
    file,
    `openssl_conf = all
[all]
ssl_conf = protocols
[protocols]
system_default = older
[older]
MaxProtocol = TLSv1.2
`,
  )
  return { OPENSSL_CONF: file }
}

/** Where scripts/setup unpacks it: Debian installs only one FTP server at a time. */
const pureFolder = resolve('.cache/pure-ftpd/usr')

/** pure-ftpd changes to its user's rights after each login, for which it must be started by root. */
export const cannotRunPureFtpd = process.getuid?.() !== 0
export const cannotRunPureFtpdNote = cannotRunPureFtpd ? ' (skipped: pure-ftpd needs root)' : ''

/** pure-ftpd, which knows MLSD, quotas and users of its own, and takes every TLS session. */
export async function startPureFtpd(settings: FtpServerSettings = {}): Promise<FtpServer> {
  const folder = folderForServer('pure-ftpd')
  const { certificateFile, keyFile } = certificateIn(folder, settings)
  const port = await freePort()
  const both = join(folder, 'both.pem')
  await writeFile(both, readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8'))
  const { uid, gid } = serverUser() ?? { uid: 0, gid: 0 }
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password })
  const home = join(folder, 'root')
  const fields = ['backup', String(hash).trim(), uid, gid, '', `${home}/./`]
  await writeFile(join(folder, 'passwd'), `${fields.join(':')}${':'.repeat(12)}\n`)
  const database = join(folder, 'users.pdb')
  execFileSync(join(pureFolder, 'bin/pure-pw'), ['mkdb', database, '-f', join(folder, 'passwd')])
  const program = join(pureFolder, 'sbin/pure-ftpd')
  const fixed = `-E -H -u 1 -c 50 -C 50 -L 20000:5 -U 077:077 -Y 2 -S 127.0.0.1,${port}`.split(' ')
  const files = ['-l', `puredb:${database}`, '-2', both, '-g', join(folder, 'pid')]
  const command = [program, ...fixed, ...files, ...(settings.extra ?? [])]
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], { stdio: 'ignore' })
  process.once('exit', () => child.kill('SIGKILL'))
  return serverOf(child, { folder, port, user: 'backup', settings })
}

/** One server for all tests of a file, started by the first that asks for it. */
export function sharedFtpServer<Server extends AsyncDisposable>(
  start: () => Promise<Server>,
): () => Promise<Server> {
  let server: Promise<Server> | null = null
  afterAll(async () => {
    await (await server)?.[Symbol.asyncDispose]()
  })
  return () => (server ??= start())
}

function folderForServer(name: string): string {
  const folder = newRunFolder(name)
  chmodSync(folder, 0o755)
  const root = join(folder, 'root')
  execFileSync('mkdir', ['-m', '755', root])
  own(root)
  return folder
}

function certificateIn(
  folder: string,
  { isExpired = false }: FtpServerSettings,
): { certificateFile: string; keyFile: string } {
  const { certificateFile, keyFile } = serverCertificate(isExpired ? 'long ago' : 'today')
  const [certificate, key] = [join(folder, 'server.pem'), join(folder, 'server.key')]
  execFileSync('cp', [certificateFile, certificate])
  execFileSync('cp', [keyFile, key])
  own(certificate)
  own(key)
  return { certificateFile: certificate, keyFile: key }
}

function own(path: string): void {
  const user = serverUser()
  if (user !== null) chownSync(path, user.uid, user.gid)
}

interface Started {
  readonly folder: string
  readonly port: number
  readonly user: string
  readonly settings: FtpServerSettings
}

async function serverOf(child: ChildProcess, started: Started): Promise<FtpServer> {
  const { folder, port, user, settings } = started
  const root = join(folder, 'root')
  const ended = new Promise((done) => {
    child.once('exit', done)
  })
  await waitUntil(`an FTP server on port ${port}`, () => {
    if (child.exitCode !== null) throw new Error(`The FTP server ended: ${child.exitCode}`)
    return answers(port)
  })
  return {
    port,
    root,
    options: {
      host: '127.0.0.1',
      port,
      user,
      password: new Secret(password),
      tls: 'required',
      caFile: serverCertificate(settings.isExpired === true ? 'long ago' : 'today').caFile,
      insecure: false,
      folder: '',
      timeoutSeconds: 30,
      pausesMs: [10, 100, 500, 1000, 2000],
    },
    newFolder: async () => {
      const name = `mirror ${crypto.randomUUID()}`
      await mkdir(join(root, name))
      own(join(root, name))
      return name
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve: settle } = Promise.withResolvers<boolean>()
  const socket = createConnection(port, '127.0.0.1')
  socket.once('connect', () => settle(true)).once('error', () => settle(false))
  socket.once('close', () => settle(false))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const { promise, resolve: settle } = Promise.withResolvers<number>()
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    server.close(() => settle(port))
  })
  return promise
}
