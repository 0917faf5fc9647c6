import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What it answers; never, if it never ends the response. */
export type Answer = (response: ServerResponse, received: Received) => void

export interface HttpReceiver extends AsyncDisposable {
  readonly url: string
  /** What came whole, in its order. */
  readonly received: readonly Received[]
  /** Replaces what it answers from now on. */
  answer(next: Answer): void
  /** Resolves when so many requests have come. */
  waitFor(count: number): Promise<readonly Received[]>
}

interface ReceiverOptions {
  readonly answer?: Answer
  /** PEM; it speaks TLS then. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** A server of webhooks on a free port of loopback. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<HttpReceiver> {
  const { tls } = options
  let answer: Answer = options.answer ?? answerWith(200)
  const received: Received[] = []
  const waiting = new Set<() => void>()
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.once('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body }
      received.push(one)
      answer(response, one)
      for (const look of waiting) look()
    })
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    received,
    answer(next) {
      answer = next
    },
    async waitFor(count) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (received.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
      return received
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

export function answerWith(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => void response.writeHead(status, headers).end('an answer')
}

export const neverAnswer: Answer = () => undefined

/** The first so many requests get one answer, the others another. */
export function firstThen(count: number, first: Answer, then: Answer): Answer {
  let seen = 0
  return (response, received) => {
    seen += 1
    return (seen <= count ? first : then)(response, received)
  }
}
