import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { FTPError } from 'basic-ftp'
import { messageOf, Refusal } from '../../model/index.ts'
import type { FtpClient } from './client.ts'
import { isAbsent, isCrowded } from './errors.ts'
import type { FtpOptions } from './options.ts'

export interface Trust {
  /** PEM; undefined: the system's authorities. */
  readonly ca: string | undefined
  /** True: no TLS 1.3, for servers that resume only the sessions of older versions. */
  readonly onlyOlderTls: boolean
}

/** A router forgets a silent connection, and the control connection is silent for a whole upload. */
const keepAliveMs = 30_000

/**
 * Connects `client`, in the folder of the copies, everything protected as the options want it.
 * Neither user name, password nor a byte of a backup is sent before TLS is in place (D-53).
 */
export async function logIn(client: FtpClient, options: FtpOptions, trust: Trust): Promise<void> {
  const { host, port, tls, user, password } = options
  if (tls === 'implicit') {
    await client.connectImplicitTLS(host, port, tlsOptions(options, trust))
  } else {
    await client.connect(host, port)
  }
  client.ftp.socket.setKeepAlive(true, keepAliveMs)
  client.ftp.socket.setNoDelay(true)
  if (tls === 'required') await protectControl(client, options, trust)
  await client.sendIgnoringError('OPTS UTF8 ON')
  await authenticate(client, user, password.reveal())
  await client.useDefaultSettings()
  if (tls !== 'off') await protectData(client)
  // Hidden files are none of ours, and some servers take "-a" for a name.
  client.availableListCommands = client.availableListCommands.includes('MLSD')
    ? ['MLSD', 'LIST']
    : ['LIST']
  await enterFolder(client, options)
}

function tlsOptions({ host, insecure }: FtpOptions, trust: Trust): ConnectionOptions {
  return {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    ...(trust.onlyOlderTls ? { maxVersion: 'TLSv1.2' } : {}),
    rejectUnauthorized: !insecure,
  }
}

async function protectControl(client: FtpClient, options: FtpOptions, trust: Trust): Promise<void> {
  try {
    await within(client, options.timeoutSeconds * 1000, () =>
      client.useTLS(tlsOptions(options, trust)),
    )
  } catch (error) {
    if (!(error instanceof FTPError) || error.code < 500) throw error
    throw withoutTls('The server does not offer TLS', error)
  }
}

async function protectData(client: FtpClient): Promise<void> {
  try {
    await client.send('PBSZ 0')
    await client.send('PROT P')
  } catch (error) {
    if (!(error instanceof FTPError) || error.code < 500) throw error
    throw withoutTls('The server does not protect data connections by TLS', error)
  }
}

function withoutTls(what: string, error: FTPError): Refusal {
  return new Refusal(`${what}, so nothing was sent to it.`, {
    reason: `It says: ${error.message}`,
    advice:
      'Switch TLS on there. FTP_TLS=off would send the password and the backups for all to read.',
    concernsStore: true,
    cause: error,
  })
}

async function authenticate(client: FtpClient, user: string, password: string): Promise<void> {
  try {
    await client.login(user, password)
  } catch (error) {
    if (!(error instanceof FTPError) || error.code < 500 || isCrowded(error)) throw error
    throw new Refusal(`The FTP server does not let the user ${user} in.`, {
      reason: `It says: ${error.message}`,
      advice: 'Check FTP_USER and FTP_PASSWORD. A server may also want TLS: see FTP_TLS.',
      concernsStore: true,
      cause: error,
    })
  }
}

/** A folder that is missing is not made: a slip in FTP_URL would look like an empty mirror. */
async function enterFolder(client: FtpClient, { folder }: FtpOptions): Promise<void> {
  if (folder === '') return
  try {
    // A blank in front would be taken for one too many.
    await client.send(`CWD ${folder.startsWith(' ') ? `./${folder}` : folder}`)
  } catch (error) {
    if (!isAbsent(error)) throw error
    throw new Refusal(`The FTP server does not let us into the folder ${folder}.`, {
      reason: `It says: ${messageOf(error)}`,
      advice: 'Make the folder there for this user, or correct the path in FTP_URL.',
      concernsStore: true,
      cause: error,
    })
  }
}

/** The library has no limit for the agreement on TLS. */
async function within<Result>(
  client: FtpClient,
  ms: number,
  action: () => Promise<Result>,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    client.close()
    reject(new Error('Timeout while TLS was agreed on'))
  }, ms)
  try {
    return await Promise.race([action(), promise])
  } finally {
    clearTimeout(timer)
  }
}
