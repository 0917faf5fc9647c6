import { readFile } from 'node:fs/promises'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Certificate } from './certificates.ts'

/** One e-mail as the server got it. */
export interface ReceivedEmail {
  readonly recipients: readonly string[]
  readonly sender: string
  /** Of the login; null: none. */
  readonly user: string | null
  readonly isProtected: boolean
  readonly raw: string
}

export interface TestSmtpServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly received: readonly ReceivedEmail[]
}

interface Wishes {
  /** Null: no TLS is offered. */
  readonly certificate: Certificate | null
  /** Default: 127.0.0.1. */
  readonly host?: string
  /** TLS from the first byte. */
  readonly isImplicit?: boolean
  /** The only login that is taken; without it none is asked for or offered. */
  readonly login?: { readonly user: string; readonly password: string }
  /** Answers to recipients in place of 250: `{ 'no@example.org': [550, 'no such user'] }`. */
  readonly refused?: Readonly<Record<string, readonly [code: number, text: string]>>
  readonly senderAnswer?: readonly [code: number, text: string]
  readonly dataAnswer?: readonly [code: number, text: string]
  /** How long it thinks about each message before it answers. */
  readonly delayMs?: number
}

/** smtp-server (npm) on a free loopback port. */
export async function startSmtpServer(wishes: Wishes): Promise<TestSmtpServer> {
  const { host = '127.0.0.1' } = wishes
  const received: ReceivedEmail[] = []
  const server = new SMTPServer(await optionsFor(wishes, received))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, host, resolve)
  await promise
  // Clients that hang up in a handshake are part of the tests.
  server.off('error', reject).on('error', () => {})
  const address = server.server.address()
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    received,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      return closed.promise
    },
  }
}

async function optionsFor(wishes: Wishes, received: ReceivedEmail[]): Promise<SMTPServerOptions> {
  const { certificate, isImplicit = false, login, refused } = wishes
  const { senderAnswer, dataAnswer, delayMs = 0 } = wishes
  const files =
    certificate === null
      ? {}
      : { cert: await readFile(certificate.certificate), key: await readFile(certificate.key) }
  const disabled = [
    ...(certificate === null || isImplicit ? ['STARTTLS'] : []),
    ...(login === undefined ? ['AUTH'] : []),
  ]
  return {
    ...files,
    secure: isImplicit,
    disabledCommands: disabled,
    authOptional: login === undefined,
    allowInsecureAuth: certificate === null,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) => {
      const isRight = username === login?.user && password === login?.password
      if (isRight) done(null, { user: username })
      else done(new Error('5.7.8 Authentication credentials invalid'))
    },
    onMailFrom: (_address, _session, done) => done(errorOf(senderAnswer)),
    onRcptTo: ({ address }, _session, done) => done(errorOf(refused?.[address])),
    onData: (stream, { envelope, user, secure }, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.once('end', () => {
        const error = errorOf(dataAnswer)
        if (error === null) {
          received.push({
            recipients: envelope.rcptTo.map(({ address }) => address),
            sender: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
            user: user ?? null,
            isProtected: secure,
            raw: Buffer.concat(chunks).toString('utf8'),
          })
        }
        setTimeout(() => done(error), delayMs)
      })
    },
  }
}

function errorOf(answer: readonly [code: number, text: string] | undefined): Error | null {
  return answer === undefined
    ? null
    : Object.assign(new Error(answer[1]), { responseCode: answer[0] })
}

/** What a mail program makes of it. */
export interface ReadEmail {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly html: string
}

export function readEmail({ raw }: ReceivedEmail): ReadEmail {
  const { headers, body } = partOf(raw)
  const boundary = /boundary="?(?<boundary>[^";]+)/u.exec(headers['content-type'] ?? '')?.groups
  const parts = body
    .split(`--${boundary?.['boundary']}`)
    .slice(1, -1)
    .map((part) => partOf(part.replace(/^\r\n/u, '').replace(/\r\n$/u, '')))
  const partOfType = (type: string): string => {
    const part = parts.find((each) => each.headers['content-type']?.startsWith(type) === true)
    return part === undefined ? '' : decodedBody(part)
  }
  return { headers, text: partOfType('text/plain'), html: partOfType('text/html') }
}

interface Part {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function partOf(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/gu, ' ')
    .split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), decodedWords(line.slice(colon + 1).trim())]
  })
  return { headers: Object.fromEntries(headers), body: raw.slice(end + 4) }
}

/** RFC 2047. */
function decodedWords(line: string): string {
  return line
    .replaceAll(/(?<=\?=) +(?==\?)/gu, '')
    .replaceAll(
      /=\?UTF-8\?(?<how>[QB])\?(?<what>[^?]*)\?=/giu,
      (_all, how: string, what: string) =>
        how.toUpperCase() === 'B'
          ? Buffer.from(what, 'base64').toString('utf8')
          : quotedPrintable(what.replaceAll('_', ' ')),
    )
}

function decodedBody({ headers, body }: Part): string {
  const encoding = headers['content-transfer-encoding'] ?? '7bit'
  const decoded =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : decodedLines(body, encoding)
  return decoded.replaceAll('\r\n', '\n')
}

function decodedLines(body: string, encoding: string): string {
  return encoding === 'quoted-printable' ? quotedPrintable(body.replaceAll('=\r\n', '')) : body
}

function quotedPrintable(line: string): string {
  const bytes = line.replaceAll(/=([\dA-F]{2})/giu, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
