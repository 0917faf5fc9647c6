import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** A loopback TCP proxy in front of a server, for networks that fail. */
export interface TcpProxy extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Bytes that the server has sent through so far. */
  readonly bytes: number
  readonly connections: number
  /** Resets all connections now; new ones work. */
  cut(): void
  /** Resets all connections when the server has sent so many bytes more; new ones work. */
  cutAfter(bytes: number): void
  /** Bytes that clients have sent through so far. */
  readonly sent: number
  /** Resets all connections when clients have sent so many bytes more, and refuses new ones. */
  refuseAfterSent(bytes: number): void
  /** From so many bytes of the server on, nothing passes, but every connection stays open. */
  stallAfter(bytes: number): void
  /** Lets bytes pass again after `stallAfter`. */
  resume(): void
  /** Resets all connections and refuses new ones by closing the port. */
  refuse(): Promise<void>
  /** Opens the port again after `refuse`. */
  accept(): Promise<void>
}

export async function startTcpProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<TcpProxy> {
  const proxy = new LoopbackProxy(target)
  await proxy.accept()
  return proxy
}

class LoopbackProxy implements TcpProxy {
  readonly host = '127.0.0.1'
  port = 0
  bytes = 0
  sent = 0
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Map<Socket, Socket>()
  #server: Server | null = null
  #cutAt = Number.POSITIVE_INFINITY
  #refuseAtSent = Number.POSITIVE_INFINITY
  #stallAt = Number.POSITIVE_INFINITY

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target
  }

  get connections(): number {
    return this.#pairs.size
  }

  get #stalled(): boolean {
    return this.bytes >= this.#stallAt
  }

  cut(): void {
    this.#cutAt = Number.POSITIVE_INFINITY
    for (const pair of this.#pairs) {
      for (const socket of pair) socket.resetAndDestroy()
    }
    this.#pairs.clear()
  }

  cutAfter(bytes: number): void {
    this.#cutAt = this.bytes + bytes
  }

  refuseAfterSent(bytes: number): void {
    this.#refuseAtSent = this.sent + bytes
  }

  stallAfter(bytes: number): void {
    this.#stallAt = this.bytes + bytes
    if (this.#stalled) this.#pauseAll()
  }

  resume(): void {
    this.#stallAt = Number.POSITIVE_INFINITY
    for (const socket of [...this.#pairs].flat()) socket.resume()
  }

  async refuse(): Promise<void> {
    const server = this.#server
    this.#server = null
    this.cut()
    if (server === null) return
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    return promise
  }

  async accept(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const server = createServer((client) => this.#connect(client)).once('error', reject)
    server.listen(this.port, this.host, () => {
      this.port = portOf(server)
      this.#server = server
      resolve()
    })
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.refuse()
  }

  #connect(client: Socket): void {
    const server = createConnection(this.#target)
    this.#pairs.set(client, server)
    const end = () => {
      this.#pairs.delete(client)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', end).on('close', end)
    client.on('data', (chunk: Buffer) => this.#send(chunk, client, server))
    server.on('data', (chunk: Buffer) => this.#answer(chunk, server, client))
    if (this.#stalled) client.pause()
  }

  /** Bytes from a client. */
  #send(chunk: Buffer, client: Socket, server: Socket): void {
    const allowed = chunk.subarray(0, Math.max(0, this.#refuseAtSent - this.sent))
    this.sent += allowed.length
    this.#pass(allowed, client, server)
    if (allowed.length === chunk.length) return
    this.#refuseAtSent = Number.POSITIVE_INFINITY
    void this.refuse()
  }

  /** Bytes from the server: what is cut or stalled in the middle is not passed on. */
  #answer(chunk: Buffer, server: Socket, client: Socket): void {
    const limit = Math.min(this.#cutAt, this.#stallAt)
    const allowed = chunk.subarray(0, Math.max(0, limit - this.bytes))
    this.bytes += allowed.length
    this.#pass(allowed, server, client)
    if (allowed.length === chunk.length) return
    if (limit === this.#cutAt) {
      this.cut()
      return
    }
    this.#pauseAll()
    server.unshift(chunk.subarray(allowed.length))
  }

  /** Writes on, and reads no more until the other side has taken it. */
  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    if (to.write(chunk)) return
    from.pause()
    to.once('drain', () => {
      if (!this.#stalled) from.resume()
    })
  }

  #pauseAll(): void {
    for (const socket of [...this.#pairs].flat()) socket.pause()
  }
}

/** A port that takes connections and never says a word. */
export interface BlackHole extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly connections: number
}

export async function startBlackHole(): Promise<BlackHole> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.resume()
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(0, '127.0.0.1', resolve)
  await promise
  return {
    host: '127.0.0.1',
    port: portOf(server),
    get connections() {
      return sockets.size
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      return closed.promise
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
