import { STATUS_CODES } from 'node:http'
import { Refusal } from '../model/index.ts'
import { DeliveryProblem } from './delivery-problem.ts'

/** An answer that is no yes. */
export function refusalOf(name: string, status: number, retryAfter: unknown): DeliveryProblem {
  const reason = statusText(status)
  const message = `${name} did not take it.`
  if (status >= 300 && status < 400) {
    const advice = `It points elsewhere, and no redirect is followed. Set ${name} to the new address.`
    return new DeliveryProblem(message, { reason, advice })
  }
  const mayPass = status === 408 || status === 429 || status >= 500
  const advice = mayPass
    ? 'Look at that server if it stays so.'
    : `Look whether ${name} is right, and what belongs to it.`
  const concernsNotice = aboutTheBody.has(status)
  const answer = { retryAfterMs: waitOf(retryAfter), concernsNotice }
  return new DeliveryProblem(message, { reason, advice, mayPass }, answer)
}

/** Answers to what was sent, not to who sent it or where to. */
const aboutTheBody: ReadonlySet<number> = new Set([400, 413, 415, 422])

function statusText(status: number): string {
  return `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trim()
}

/** Seconds or a date, as HTTP has it. */
function waitOf(retryAfter: unknown): number | null {
  if (typeof retryAfter !== 'string') return null
  const ms = /^\d+$/u.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

/** What is known of a request that got no answer. */
export interface Unanswered {
  /** The variable that holds the address. */
  readonly name: string
  readonly timeoutMs: number
  readonly isLate: boolean
  /** The variable that names the proxy on the way; null: there is none. */
  readonly proxy: string | null
}

/** By the code alone: the text of a library may hold the address. */
export function explained(error: unknown, about: Unanswered): Refusal {
  const { name, timeoutMs, isLate, proxy } = about
  if (error instanceof Refusal) return error
  if (isLate) {
    const reason = `No answer within ${timeoutMs / 1000} s.`
    const where = proxy === null ? 'that server' : `that server and the proxy (${proxy})`
    const advice = `Look at ${where}, or raise WEBHOOK_TIMEOUT_SECONDS.`
    return new DeliveryProblem(`${name} did not answer.`, { reason, advice, mayPass: true })
  }
  const code = codeOf(error)
  if (isCertificate(code)) return aboutCertificate(name, code)
  if (code === '') throw error
  if (proxy !== null && !afterTheProxy.has(code)) return aboutProxy(error, { name, proxy, code })
  const reason = `${wordsOf[code] ?? 'The request failed'} (${code}).`
  const advice = 'Look whether that server runs and can be reached from here.'
  return new DeliveryProblem(`${name} was not reached.`, { reason, advice, mayPass: true })
}

function aboutCertificate(name: string, code: string): DeliveryProblem {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return new DeliveryProblem(`The certificate of ${name} is for another name.`, {
      reason: code,
      advice: `Write the name in ${name} that the certificate holds, or correct the certificate.`,
    })
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return new DeliveryProblem(`The certificate of ${name} has expired.`, {
      reason: code,
      advice: 'Renew the certificate of that server.',
    })
  }
  return new DeliveryProblem(`The certificate of ${name} is not trusted.`, {
    reason: code,
    advice: 'Set NODE_EXTRA_CA_CERTS to the file with its certificate authority.',
  })
}

/** A connection that was there, to whichever end, was lost. */
const afterTheProxy: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

function aboutProxy(
  error: unknown,
  { name, proxy, code }: { readonly name: string; readonly proxy: string; readonly code: string },
): DeliveryProblem {
  const advice = `Look at the proxy that ${proxy} names, or put the host into NO_PROXY.`
  const status = statusOfProxy(error)
  if (status === null) {
    const reason = `${wordsOf[code] ?? 'It gave no way through'} (${code}).`
    const message = `${name} was not reached: its proxy (${proxy}) was not.`
    return new DeliveryProblem(message, { reason, advice, mayPass: true })
  }
  const reason = `It says ${statusText(status)}.`
  const message = `${name} was not reached: the proxy (${proxy}) let it not through.`
  return new DeliveryProblem(message, { reason, advice, mayPass: status >= 500 })
}

/** The library has it in its words only. */
function statusOfProxy(error: unknown): number | null {
  const text = error instanceof Error ? error.message : ''
  const found = /^Proxy (?:response|Authentication Required) \((?<status>\d{3})\)/u.exec(text)
  return found === null ? null : Number(found.groups?.['status'])
}

const lost = 'The connection was lost'
const silent = 'Nobody answers there'
const nameless = 'No host answers to that name'
const noWay = 'There is no way to it from here'
/** What the codes of the system and of the library mean. */
const wordsOf: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens at that port',
  ECONNRESET: lost,
  EPIPE: lost,
  UND_ERR_SOCKET: lost,
  UND_ERR_PRX_CONN: lost,
  ENOTFOUND: nameless,
  EAI_AGAIN: nameless,
  ETIMEDOUT: silent,
  UND_ERR_CONNECT_TIMEOUT: silent,
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
}

function codeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return ''
}

function isCertificate(code: string): boolean {
  return /CERT|^UNABLE_TO_|^ERR_TLS_|^HOSTNAME_MISMATCH$/u.test(code)
}
