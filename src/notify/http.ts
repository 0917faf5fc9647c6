import { STATUS_CODES } from 'node:http'
import type { Dispatcher } from 'undici'
import { Refusal, type Secret } from '../model/index.ts'
import { DeliveryProblem } from './delivery-problem.ts'

/** One request, of which only the success matters. */
export interface HttpRequest {
  /** The variable that holds the address, for messages; the address itself is a secret. */
  readonly name: string
  readonly url: Secret
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  readonly headers: Readonly<Record<string, string>>
  /** null: none. */
  readonly body: string | null
  /** For all of it. */
  readonly timeoutMs: number
}

/** Proxies by their variables; empty: none. */
export interface Proxies {
  readonly httpProxy: string
  readonly httpsProxy: string
  readonly noProxy: string
}

/** Sends requests; the connections end with it. */
export interface HttpClient extends AsyncDisposable {
  /**
   * One try. Follows no redirect: what it carries is meant for one address only.
   * @throws {DeliveryProblem} any answer but 2xx, or none; never names the address.
   */
  readonly send: (request: HttpRequest, signal: AbortSignal) => Promise<void>
}

/** Of an answer nobody reads more. */
const mostBytes = 64 * 1024

/** A client through the proxies of the environment. The library is loaded for the first request. */
export function openHttpClient(proxies: Proxies): HttpClient {
  let agent: Promise<Dispatcher> | null = null
  const open = async (): Promise<Dispatcher> => {
    const { EnvHttpProxyAgent } = await import('undici')
    return new EnvHttpProxyAgent(proxies)
  }
  return {
    async send(request, signal) {
      agent ??= open()
      const limit = AbortSignal.timeout(request.timeoutMs)
      try {
        await ask(await agent, request, AbortSignal.any([signal, limit]))
      } catch (error) {
        signal.throwIfAborted()
        throw explained(error, request, limit)
      }
    },
    async [Symbol.asyncDispose]() {
      await (await agent)?.destroy()
    },
  }
}

async function ask(agent: Dispatcher, request: HttpRequest, signal: AbortSignal): Promise<void> {
  const { request: start } = await import('undici')
  const { name, method, body, headers } = request
  const answer = await start(request.url.reveal(), {
    dispatcher: agent,
    method,
    headers: { 'user-agent': 'backup-container', ...headers },
    body,
    signal,
  })
  let bytes = 0
  // Half an answer is none: whoever sent it may have gone away before it did its work.
  for await (const chunk of answer.body) {
    bytes += (chunk as Buffer).length
    if (bytes > mostBytes) break
  }
  const { statusCode } = answer
  if (statusCode >= 200 && statusCode < 300) return
  throw refusalOf(name, statusCode, answer.headers['retry-after'])
}

function refusalOf(name: string, status: number, retryAfter: unknown): DeliveryProblem {
  const reason = `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trim()
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

/** Seconds or a date, as HTTP has it. */
function waitOf(retryAfter: unknown): number | null {
  if (typeof retryAfter !== 'string') return null
  const ms = /^\d+$/u.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

/** By the code alone: the text of a library may hold the address. */
function explained(error: unknown, { name, timeoutMs }: HttpRequest, limit: AbortSignal): Refusal {
  if (error instanceof Refusal) return error
  if (limit.aborted) {
    const reason = `No answer within ${timeoutMs / 1000} s.`
    const advice = 'Look at that server, or raise WEBHOOK_TIMEOUT_SECONDS.'
    return new DeliveryProblem(`${name} did not answer.`, { reason, advice, mayPass: true })
  }
  const code = codeOf(error)
  if (isCertificate(code)) {
    return new DeliveryProblem(`The certificate of ${name} is not trusted.`, {
      reason: code,
      advice: 'Set NODE_EXTRA_CA_CERTS to the file with its certificate authority.',
    })
  }
  if (code === '') throw error
  const reason = `${wordsOf[code] ?? 'The request failed'} (${code}).`
  const advice = 'Look whether that server runs and can be reached from here.'
  return new DeliveryProblem(`${name} was not reached.`, { reason, advice, mayPass: true })
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
