import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accountOf, Refusal, type ServiceState } from '../model/index.ts'
import { type Appliance, observe, volumeProbe } from '../operations/index.ts'
import { pauseUnless } from '../platform/index.ts'
import { type Answer, pageOf, type Surroundings } from './pages.ts'
import { sharing } from './sharing.ts'

export interface HealthOptions {
  /** 0: any free one. */
  readonly port: number
  /** null: all addresses of this machine. */
  readonly host: string | null
  /** With the configuration that is in force. */
  readonly appliance: () => Appliance
  readonly state: () => ServiceState
  /** How long to wait before a port that is taken is tried again, in milliseconds. Default: 30 s. */
  readonly retryMs?: number
  /** How long a page waits for the volume, in milliseconds. Default: 5 s. */
  readonly patienceMs?: number
  /** How long an observation of the volume may be used again, in milliseconds. Default: 5 s. */
  readonly freshMs?: number
}

/** A server that answers until it is disposed of. */
export interface HealthServer extends AsyncDisposable {
  /** null: it cannot listen yet. */
  readonly port: number | null
}

/**
 * Serves `/healthz`, `/readyz`, `/metrics` and `/status.json`: pages to read, nothing to change.
 * Where it cannot listen it says so and tries again and again: pages that are missing are no reason
 * to take no backups.
 */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const { appliance, state, freshMs = 5_000 } = options
  const { patienceMs = 5_000 } = options
  const probe = volumeProbe()
  const surroundings = {
    appliance,
    state,
    observe: sharing({ freshMs, patienceMs }, () => observe(appliance()), noAnswer),
    problem: sharing({ freshMs: 0, patienceMs }, () => probe(appliance()), noAnswer),
  }
  const server = createServer((request, response) => void answer(request, response, surroundings))
  const ended = new AbortController()
  const listening = listenAtLast(server, options, ended.signal)
  await listening.firstTry
  return {
    get port() {
      return (server.address() as AddressInfo | null)?.port ?? null
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
      await listening.done
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Listening {
  readonly firstTry: Promise<void>
  readonly done: Promise<void>
}

function listenAtLast(server: Server, options: HealthOptions, signal: AbortSignal): Listening {
  const first = Promise.withResolvers<void>()
  const { retryMs = 30_000, appliance } = options
  const tryOn = async (): Promise<void> => {
    for (let tries = 1; !signal.aborted; tries += 1) {
      const problem = await listen(server, options)
      if (problem === null) return
      // Once is enough; what is wrong stays visible in the probes that fail.
      if (tries === 1) appliance().tell({ kind: 'pages-refused', error: problem })
      first.resolve()
      await pauseUnless(signal, retryMs).catch(() => signal.aborted)
    }
  }
  const done = tryOn().finally(() => first.resolve())
  return { firstTry: first.promise, done }
}

async function listen(server: Server, { port, host }: HealthOptions): Promise<Refusal | null> {
  server.listen({ port, ...(host === null ? {} : { host }) })
  try {
    await once(server, 'listening')
    return null
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return new Refusal(`The pages of HTTP_PORT=${port} cannot be served yet.`, {
      reason: `${message}. Backups go on without them, and it is tried again every half minute.`,
      advice: 'Set HTTP_PORT to a free port (or to 0, for none), and HTTP_HOST to an own address.',
      cause: error,
    })
  }
}

async function answer(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  surroundings: Surroundings,
): Promise<void> {
  const { status, type, text } = await pageFor(method, url, surroundings)
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
  })
  response.end(method === 'HEAD' ? undefined : surroundings.appliance().redacted(text))
}

function noAnswer(): Refusal {
  return new Refusal('The volume does not answer.', {
    reason: 'It hangs, or is very slow.',
    advice: 'Look at the storage behind it.',
  })
}

/** An observation that fails is an answer, too; it must not end the service. */
async function pageFor(
  method: string | undefined,
  url: string,
  surroundings: Surroundings,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'These pages can only be read.')
  const page = pageOf(url.replace(/\?.*$/su, ''))
  if (page === null) return plain(404, 'Pages: /healthz /readyz /metrics /status.json')
  try {
    return await page(surroundings)
  } catch (error) {
    const { message, reason } = accountOf(error)
    const status = error instanceof Refusal ? 503 : 500
    return plain(status, `${message} ${reason}`.trim())
  }
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}
