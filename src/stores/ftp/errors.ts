import { FTPError } from 'basic-ftp'
import { Refusal } from '../../model/index.ts'
import { wordsOfTls } from '../words-of-tls.ts'
import type { FtpOptions } from './options.ts'

/** What a server means when it says that something is not there, or not for us. */
const absent = [550, 553, 501]
const unknownCommands = [500, 502, 504]
const noSpace = [452, 552]
/** Connecting, transferring, or the server's own trouble. 430 and 452 need a person. */
const passing = [120, 421, 425, 426, 434, 450, 451, 522]

const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
]

/** The words of the library for a connection that is gone; it gives them no code. */
const lostWords = /Timeout|closed|FIN packet|disconnected|socket hang up/u

export function isAbsent(error: unknown): boolean {
  return error instanceof FTPError && absent.includes(error.code)
}

/** The server does not know the command. */
export function isUnknownCommand(error: unknown): boolean {
  return error instanceof FTPError && unknownCommands.includes(error.code)
}

/** Whether the same may succeed on another connection. */
export function isLost(error: unknown): boolean {
  if (error instanceof Refusal) return error.mayPass
  if (error instanceof FTPError) return passing.includes(error.code)
  if (!(error instanceof Error) || isAboutTls(error)) return false
  const code = codeOf(error)
  if (error.message.includes('(data socket)')) return true
  return networkCodes.includes(code) || lostWords.test(error.message)
}

/** The server wants the data connection to continue the TLS session of the control connection. */
export function wantsOlderTls(error: unknown): boolean {
  if (!(error instanceof FTPError)) return false
  return (
    error.code === 522 || /session.*(?:reus|resum)|(?:reus|resum).*session/iu.test(error.message)
  )
}

/** The server allows no further connection of ours. */
export function isCrowded(error: unknown): boolean {
  if (!(error instanceof FTPError)) return false
  return (
    error.code === 421 || (error.code === 530 && /too many|maximum|limit/iu.test(error.message))
  )
}

/** How deeds begin that go to the server. */
const sending = 'Sending '

/** The error as a Refusal, where the user can do something about it. `what` names the deed. */
export function explainFtpError(error: unknown, what: string, options: FtpOptions): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error
  const at = `${options.host}:${options.port}`
  const where = what.startsWith(sending) ? 'to' : 'at'
  const failed = `${what} ${where} the FTP server ${at} failed.`
  if (error instanceof FTPError) return explainAnswer(error, failed)
  if (isAboutTls(error)) return explainTls(error, failed)
  if (!isLost(error)) return error
  return new Refusal(failed, {
    reason: `The server cannot be reached, or the connection was lost: ${error.message}`,
    advice:
      'It is tried again later. If that goes on, look at the server, the network and FTP_URL.',
    mayPass: true,
    cause: error,
  })
}

function explainAnswer(error: FTPError, failed: string): Refusal {
  const reason = `The server says: ${error.message}`
  const account = (advice: string): Refusal =>
    new Refusal(failed, { reason, advice, mayPass: isLost(error), cause: error })
  if (noSpace.includes(error.code)) {
    return account('There is no space left for this user. Free some there, or raise the quota.')
  }
  if (error.code === 530 || error.code === 430) {
    const advice = 'Check FTP_USER and FTP_PASSWORD.'
    const concernsStore = !isCrowded(error)
    return new Refusal(failed, { reason, advice, concernsStore, cause: error })
  }
  if (isAbsent(error)) {
    return account(
      'Check that this user may read, write, rename and delete in the folder of FTP_URL.',
    )
  }
  return isLost(error)
    ? account('It is tried again later. If that goes on, look at the log of the server.')
    : account('Look at the log of the server.')
}

function explainTls(error: Error, failed: string): Refusal {
  const code = codeOf(error)
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return new Refusal(failed, {
      reason: `No TLS could be agreed on: ${error.message}`,
      advice: 'Check the port, and whether the server wants FTP_TLS=required or implicit.',
      concernsStore: true,
      cause: error,
    })
  }
  return new Refusal(failed, {
    reason: `The certificate of the server is refused: ${wordsOfTls(error.message)}${code === '' ? '' : ` (${code})`}.`,
    advice: certificateAdvice(code),
    concernsStore: true,
    cause: error,
  })
}

function certificateAdvice(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'Renew the certificate of the server.'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'Use a name in FTP_URL that the certificate holds, or correct the certificate.'
  }
  return 'If it comes from an authority of your own, name its certificate in FTP_CA_FILE.'
}

/** `SELF_SIGNED_CERT_IN_CHAIN`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE` and their like. */
function isAboutTls(error: Error): boolean {
  // The certificate was good enough for the control connection. This is a data connection that
  // was cut, or the server's refusal to begin a new TLS session for it.
  if (error.message.includes('(data socket)')) return false
  const code = codeOf(error)
  return (
    /CERT|ISSUER|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|^ERR_SSL/u.test(code) ||
    code === 'EPROTO'
  )
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
