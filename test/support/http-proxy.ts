import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** One request as it came from the client. */
export interface Seen {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What happens to a request instead of being passed on as it is. */
export interface Treatment {
  /** The server gets this instead. */
  readonly body?: Buffer
  /** The client gets this, and the server nothing. */
  readonly answer?:
    | undefined
    | {
        readonly status: number
        readonly body?: string
        readonly headers?: Readonly<Record<string, string>>
      }
  /** The server gets it, but the client loses the connection instead of getting the answer. */
  readonly loseAnswer?: boolean
}

/** A proxy that understands HTTP, for servers and networks that do strange things. */
export interface HttpProxy extends AsyncDisposable {
  readonly endpoint: string
  readonly seen: readonly Seen[]
}

interface Target {
  readonly host: string
  readonly port: number
}

/** Starts one in front of `target`. Bodies are held in memory: for small ones. */
export async function startHttpProxy(
  target: Target,
  treat: (request: Seen) => Treatment = () => ({}),
): Promise<HttpProxy> {
  const seen: Seen[] = []
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = incoming
    const request = { method, url, headers, body: await buffer(incoming) }
    seen.push(request)
    const { body = request.body, answer, loseAnswer = false } = treat(request)
    if (answer !== undefined) {
      response.writeHead(answer.status, answer.headers).end(answer.body)
      return
    }
    const outgoing = send({ ...target, method, path: url, headers }).end(body)
    const [back] = (await once(outgoing, 'response')) as [IncomingMessage]
    const content = await buffer(back)
    if (loseAnswer) incoming.socket.resetAndDestroy()
    else response.writeHead(back.statusCode ?? 500, back.headers).end(content)
  }
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => incoming.socket.resetAndDestroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
