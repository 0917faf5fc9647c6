import type { Dispatcher } from 'undici'
import type { Secret } from '../model/index.ts'
import { explained, refusalOf } from './http-problems.ts'
import type { Proxies, ProxyNaming } from './proxies.ts'

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
export function openHttpClient(proxies: Proxies, naming: ProxyNaming = () => null): HttpClient {
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
        const { name, timeoutMs, url } = request
        const proxy = naming(url.reveal())
        throw explained(error, { name, timeoutMs, isLate: limit.aborted, proxy })
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
