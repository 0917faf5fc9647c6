import type { NodemailerError } from 'nodemailer'
import { Refusal } from '../model/index.ts'
import type { EmailOptions } from './email-options.ts'
import { PartlyDelivered } from './partly-delivered.ts'

const failed = 'The e-mail could not be sent'
const again = 'Another try may succeed.'

/** The error as a Refusal, where the user can do something about it. */
export function explainSmtpError(error: unknown, options: EmailOptions): unknown {
  // The library gives each of its errors a code; others are defects.
  if (error instanceof Refusal || !(error instanceof Error) || !('code' in error)) return error
  const { code = '', message, command = '', responseCode } = error as NodemailerError
  const problem = { code: originalCodeOf(error), message: withoutLogin(message, options) }
  const refusal = (reason: string, advice: string, mayPass = false): Refusal =>
    new Refusal(`${failed}: mail server ${options.host}:${options.port}.`, {
      reason,
      advice,
      mayPass,
    })
  if (code === 'EABORT' || code === 'ETIMEDOUT') {
    return refusal(
      `The server did not take it within ${options.timeoutSeconds} seconds.`,
      `${again} If that goes on, look at the server and the network, or raise EMAIL_TIMEOUT.${hintAtTls(message, options)}`,
      true,
    )
  }
  if (isAboutCertificate(problem)) {
    return refusal(
      `The certificate of the server is refused: ${certificateWords(problem.code)}.`,
      certificateAdvice(problem.code),
    )
  }
  if (typeof responseCode === 'number') {
    return explainAnswer({ code, command, responseCode, answer: problem.message }, refusal)
  }
  return explainConnection({ ...problem, kind: code, options }, refusal)
}

type Refuse = (reason: string, advice: string, mayPass?: boolean) => Refusal

interface Answer {
  readonly code: string
  readonly command: string
  readonly responseCode: number
  readonly answer: string
}

/** What the server says. Answers of 400 to 499 are about now, those from 500 on are final. */
function explainAnswer({ code, command, responseCode, answer }: Answer, refusal: Refuse): Refusal {
  const mayPass = responseCode < 500
  const reason = `The server says: ${answer}`
  const account = (advice: string): Refusal =>
    refusal(reason, mayPass ? `${again} ${advice}` : advice, mayPass)
  if (command === 'STARTTLS' || code === 'ETLS') {
    return refusal(`The server offers no STARTTLS. It says: ${answer}`, noTlsAdvice, mayPass)
  }
  if (code === 'EAUTH' || command.startsWith('AUTH')) return account(loginAdvice(responseCode))
  if (responseCode === 530)
    return account('The server wants a login. Set SMTP_USER and SMTP_PASSWORD.')
  if (command === 'RCPT TO') return account('No recipient was taken. Correct EMAIL_TO.')
  if (command === 'MAIL FROM') {
    return account('Check EMAIL_FROM, and whether this server takes e-mail from there.')
  }
  return account('Look at the log of the mail server.')
}

const noTlsAdvice =
  'Use a port that offers it, smtps:// if the server has TLS from the first byte, or, where nobody can listen, EMAIL_TLS=off.'

function loginAdvice(responseCode: number): string {
  return [500, 502, 503, 504].includes(responseCode)
    ? 'It takes no login. Unset SMTP_USER and SMTP_PASSWORD, or use the port for submission (587).'
    : 'Check SMTP_USER and SMTP_PASSWORD, or what SMTP_URL says instead.'
}

interface Trouble {
  readonly kind: string
  readonly code: string
  readonly message: string
  readonly options: EmailOptions
}

/** No answer: the way there, or TLS. */
function explainConnection({ kind, code, message, options }: Trouble, refusal: Refuse): Refusal {
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return refusal(
      code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
        ? 'What the server says is no TLS.'
        : `No TLS could be agreed on (${code}).`,
      options.tls === 'implicit'
        ? 'Check the port: smtps:// is for TLS from the first byte, smtp:// for STARTTLS.'
        : 'Check the port, and which versions of TLS the server has.',
    )
  }
  if (kind === 'EAUTH' || kind === 'ECONFIG') {
    return refusal(message, 'Check SMTP_USER and SMTP_PASSWORD.')
  }
  return refusal(
    `The server cannot be reached, or the connection was lost: ${message}`,
    `${again} If that goes on, look at the server, the network and SMTP_URL.${hintAtTls(message, options)}`,
    true,
  )
}

/** Null when nobody was refused. Those who were told are not told again. */
export function refusedRecipients(
  errors: readonly NodemailerError[],
  options: EmailOptions,
): Refusal | null {
  if (errors.length === 0) return null
  const mayPass = errors.some(({ responseCode }) => (responseCode || 500) < 500)
  const reasons = errors.map((error) => {
    const recipient: unknown = Reflect.get(error, 'recipient')
    return `${String(recipient)}: ${withoutLogin(error.message, options)}`
  })
  const advice = 'The others have it. Correct EMAIL_TO, or ask who runs the mail server.'
  return new PartlyDelivered(
    `The e-mail did not reach all: the mail server ${options.host}:${options.port} refused ${errors.length} of ${options.to.length} recipients.`,
    { reason: reasons.join('\n'), advice: mayPass ? `${again} ${advice}` : advice, mayPass },
  )
}

interface Cause {
  readonly code: string
  readonly message: string
}

function isAboutCertificate({ code, message }: Cause): boolean {
  const codes = /CERT|ISSUER|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH/u
  return codes.test(code) || /certificate|altnames/iu.test(message)
}

/** A server that waits for TLS says nothing first, or hangs up on whom it does not understand. */
function hintAtTls(message: string, { tls, port }: EmailOptions): string {
  const isSilent = /greeting|closed unexpectedly/iu.test(message)
  if (tls === 'implicit' || !(isSilent || port === 465)) return ''
  return ' A port for TLS from the first byte, as 465 is, says nothing before: write smtps:// then.'
}

/** What Node and OpenSSL call it, in words of ours. */
function certificateWords(code: string): string {
  return (
    certificateProblems[code] ?? (code === '' ? 'it is not trusted' : `it is not trusted (${code})`)
  )
}

const nobodyKnown = 'nobody who is trusted here has signed it'
const certificateProblems: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: nobodyKnown,
  UNABLE_TO_GET_ISSUER_CERT: nobodyKnown,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: nobodyKnown,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: nobodyKnown,
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
}

function certificateAdvice(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'Renew the certificate of the server.'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'Use a name in SMTP_URL that the certificate holds, or correct the certificate.'
  }
  return 'If it comes from an authority of your own, name its certificate in EMAIL_CA_FILE.'
}

/** The library puts codes of its own over those of Node. */
function originalCodeOf(error: Error): string {
  const { originalCode, code } = error as NodemailerError & { readonly originalCode?: string }
  return originalCode ?? code ?? ''
}

/** Servers that do not know a command like to repeat it, with the password in it. */
function withoutLogin(text: string, { login }: EmailOptions): string {
  if (login === null) return text
  const password = login.password.reveal()
  const inBase64 = [password, `\0${login.user}\0${password}`].map((words) =>
    Buffer.from(words).toString('base64'),
  )
  return [...inBase64, password].reduce(
    (rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '***')),
    text,
  )
}
