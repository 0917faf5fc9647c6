import { randomInt } from 'node:crypto'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** Which connections are cut: the one of the commands, those of the bytes, or both. */
export type Cut = 'control' | 'data' | 'all'

/**
 * A network in front of an FTP server on 127.0.0.1 that can fail: on 127.0.0.2 its control port, and
 * its passive ports under the same numbers, as the server names them inside TLS.
 */
export interface FtpProxy extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly passivePorts: { readonly first: number; readonly last: number }
  /** All that clients have sent by the control connection. */
  readonly said: string
  /** Where the control connections go. */
  target: number
  /** Resets connections once so many bytes more have passed, in both directions; new ones work. */
  cutAfter(bytes: number, which: Cut): void
}

const host = '127.0.0.2'
const passiveCount = 12

export async function startFtpProxy(): Promise<FtpProxy> {
  const proxy = new LoopbackProxy()
  await proxy.listen()
  return proxy
}

class LoopbackProxy implements FtpProxy {
  readonly host = host
  port = 0
  passivePorts = { first: 0, last: 0 }
  said = ''
  target = 0
  #servers: Server[] = []
  readonly #sockets = { control: new Set<Socket>(), data: new Set<Socket>() }
  #left = Number.POSITIVE_INFINITY
  #which: Cut = 'all'

  async listen(): Promise<void> {
    const control = await listening(0, (socket) => this.#connect(socket, 'control', this.target))
    this.port = portOf(control)
    const passive = await this.#listenOnRange()
    const ports = passive.map(portOf)
    this.passivePorts = { first: Math.min(...ports), last: Math.max(...ports) }
    this.#servers = [control, ...passive]
  }

  cutAfter(bytes: number, which: Cut): void {
    this.#left = bytes
    this.#which = which
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cut('all')
    await Promise.all(this.#servers.map(closed))
  }

  async #listenOnRange(): Promise<Server[]> {
    for (;;) {
      const first = randomInt(20_000, 30_000)
      const ports = Array.from({ length: passiveCount }, (_, at) => first + at)
      const results = await Promise.allSettled(
        ports.map((port) => listening(port, (socket) => this.#connect(socket, 'data', port))),
      )
      const servers = results.flatMap((it) => (it.status === 'fulfilled' ? it.value : []))
      if (servers.length === passiveCount) return servers
      await Promise.all(servers.map(closed))
    }
  }

  #connect(client: Socket, kind: 'control' | 'data', port: number): void {
    const server = createConnection(port, '127.0.0.1')
    const sockets = [client, server]
    const end = (): void => {
      for (const socket of sockets) {
        socket.destroy()
        this.#sockets[kind].delete(socket)
      }
    }
    for (const socket of sockets) {
      this.#sockets[kind].add(socket)
      socket.setNoDelay(true).on('error', end)
    }
    client.on('data', (chunk: Buffer) => {
      if (kind === 'control') this.said += chunk.toString('latin1')
      this.#pass(chunk, client, server)
    })
    server.on('data', (chunk: Buffer) => this.#pass(chunk, server, client))
    client.on('end', () => server.end()).on('close', () => server.end())
    server.on('end', () => client.end()).on('close', () => client.end())
  }

  /** What is beyond the cut does not come through. */
  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    const allowed = chunk.subarray(0, Math.min(chunk.length, this.#left))
    this.#left -= allowed.length
    if (!to.write(allowed)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
    if (this.#left > 0) return
    this.#left = Number.POSITIVE_INFINITY
    this.#cut(this.#which)
    if (allowed.length < chunk.length && !from.destroyed) {
      this.#pass(chunk.subarray(allowed.length), from, to)
    }
  }

  #cut(which: Cut): void {
    for (const kind of ['control', 'data'] as const) {
      if (which !== 'all' && which !== kind) continue
      for (const socket of this.#sockets[kind]) socket.resetAndDestroy()
      this.#sockets[kind].clear()
    }
  }
}

async function listening(port: number, serve: (socket: Socket) => void): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const server = createServer(serve).once('error', reject)
  server.listen(port, host, () => resolve(server))
  return await promise
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  await promise
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
