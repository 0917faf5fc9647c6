import { createConnection, createServer, type Socket } from 'node:net'

/** What happens to a statement before it reaches the server. */
export type Fate = 'pass' | 'lose the connection before it' | 'lose the connection behind it'

/** A loopback proxy that sees the statements of psql; to be used with PGSSLMODE=disable. */
export interface StatementGate extends AsyncDisposable {
  readonly host: string
  readonly port: number
}

const query = 'Q'.charCodeAt(0)

/** @param judge hears the text of each simple query, before it is passed on. */
export async function startStatementGate(
  target: { readonly host: string; readonly port: number },
  judge: (statement: string) => Fate,
): Promise<StatementGate> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = createConnection(target)
    const both = [client, upstream]
    const end = () => both.forEach((socket) => socket.destroy())
    for (const socket of both) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', end).on('close', end)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk: Buffer) => {
      const fate = chunk[0] === query ? judge(chunk.toString('utf8', 5, chunk.length - 1)) : 'pass'
      if (fate === 'lose the connection before it') return end()
      if (fate === 'pass') return void upstream.write(chunk)
      client.destroy()
      upstream.end(chunk)
    })
    upstream.on('data', (chunk: Buffer) => client.destroyed || client.write(chunk))
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      for (const socket of sockets) socket.destroy()
      await closed.promise
    },
  }
}
