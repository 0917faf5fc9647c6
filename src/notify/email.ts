import { readFile } from 'node:fs/promises'
import type { SMTPTransportOptions } from 'nodemailer'
import { messageOf, type Notice, type NoticeChannel, Refusal } from '../model/index.ts'
import { emailOf } from './email-message.ts'
import type { EmailAddress, EmailOptions } from './email-options.ts'
import { explainSmtpError, refusedRecipients } from './email-problems.ts'

export type { EmailOptions } from './email-options.ts'

/**
 * E-mail by SMTP: one connection and one message for each notice. A try that follows one which
 * reached only some of the recipients goes to the others.
 */
export function openEmail(options: EmailOptions): NoticeChannel {
  const reached = new WeakMap<Notice, readonly string[]>()
  return {
    name: 'EMAIL_TO',
    level: options.level,
    timeoutMs: options.timeoutSeconds * 1000,
    send: async (notice, signal) => {
      const done = reached.get(notice) ?? []
      const owed = options.to.filter(({ address }) => !done.includes(address))
      if (owed.length === 0) return
      const accepted = await sendOne(notice, { options, to: owed, signal })
      reached.set(notice, [...done, ...accepted.addresses])
      if (accepted.problem !== null) throw accepted.problem
    },
  }
}

interface Errand {
  readonly options: EmailOptions
  readonly to: readonly EmailAddress[]
  readonly signal: AbortSignal
}

interface Outcome {
  readonly addresses: readonly string[]
  /** Some of the recipients were refused. */
  readonly problem: Refusal | null
}

async function sendOne(notice: Notice, { options, to, signal }: Errand): Promise<Outcome> {
  signal.throwIfAborted()
  // Most runs send nothing, and need not wait for it.
  const { createTransport } = await import('nodemailer')
  const timeout = AbortSignal.timeout(options.timeoutSeconds * 1000)
  const transport = createTransport(await transportOptions(options))
  const recipients = to.map(({ address }) => address)
  try {
    const info = await transport.sendMail({
      ...emailOf(notice, options),
      // Everybody sees who else was told, also in a second try.
      envelope: { from: options.from.address, to: recipients },
      signal: AbortSignal.any([signal, timeout]),
    })
    return {
      addresses: info.accepted,
      problem: refusedRecipients(info.rejectedErrors ?? [], options),
    }
  } catch (error) {
    signal.throwIfAborted()
    throw explainSmtpError(error, options)
  } finally {
    transport.close()
  }
}

async function transportOptions(options: EmailOptions): Promise<SMTPTransportOptions> {
  const { host, port, tls, login, caFile, timeoutSeconds } = options
  const limit = timeoutSeconds * 1000
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    ...(caFile === null ? {} : { tls: { ca: await readAuthorities(caFile) } }),
    // A login that is configured is used, also with a server that says nothing about logins.
    ...(login === null
      ? {}
      : { auth: { user: login.user, pass: login.password.reveal() }, forceAuth: true }),
    connectionTimeout: limit,
    // Before the limit of the whole, so that the silence has its name.
    greetingTimeout: limit * 0.8,
    socketTimeout: limit,
    dnsTimeout: limit,
    // How long a server that does not hang up may keep this process from ending.
    socketCloseTimeout: 1_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

async function readAuthorities(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Refusal('No e-mail can be sent: the certificates to trust cannot be read.', {
      reason: messageOf(error),
      advice: 'Correct EMAIL_CA_FILE, or make the file readable for this user.',
      cause: error,
    })
  }
}
