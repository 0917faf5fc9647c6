import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accountOf, exitStatus, Refusal, type ServiceState } from '../model/index.ts'
import { type Appliance, observe } from '../operations/index.ts'
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
  /** How long an observation of the volume may be used again, in milliseconds. Default: 5 s. */
  readonly freshMs?: number
}

/** A server that answers until it is disposed of. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number
}

/**
 * Serves `/healthz`, `/readyz`, `/metrics` and `/status.json`: pages to read, nothing to change.
 * @throws {Refusal} exit status 2, when it cannot listen there.
 */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const { appliance, state, freshMs = 5_000 } = options
  const surroundings = { appliance, state, observe: sharing(freshMs, () => observe(appliance())) }
  const server = createServer((request, response) => void answer(request, response, surroundings))
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, { port, host }: HealthOptions): Promise<void> {
  server.listen({ port, ...(host === null ? {} : { host }) })
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new Refusal(`The pages of HTTP_PORT=${port} cannot be served.`, {
      reason: `${message}.`,
      advice: 'Set HTTP_PORT to a free port (or to 0, for none), and HTTP_HOST to an own address.',
      exitStatus: exitStatus.usage,
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
    return plain(500, `${message} ${reason}`.trim())
  }
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` }
}
