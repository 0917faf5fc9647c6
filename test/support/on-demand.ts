import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { newRunFolder } from './run-folder.ts'

/** A server that was started for the whole run, and what tests must know to reach it. */
export interface StartedServer<Details> extends AsyncDisposable {
  readonly details: Details
}

type Starters = Readonly<Record<string, () => Promise<StartedServer<unknown>>>>

/** Where test files ask for servers; ends all that were started on disposal. */
export interface OnDemand extends AsyncDisposable {
  readonly socket: string
}

/**
 * For global-setup.ts: servers that take long to start and that few test files need. The first who
 * asks has one started; it lives on in this process, for all test files.
 */
export async function offerOnDemand(starters: Starters): Promise<OnDemand> {
  const started = new Map<string, Promise<StartedServer<unknown>>>()
  const answerTo = async (name: string): Promise<unknown> => {
    const server = started.get(name) ?? starters[name]?.()
    if (server === undefined) throw new Error(`There is no server ${name} on demand.`)
    started.set(name, server)
    return (await server).details
  }
  const socket = join(newRunFolder('on-demand'), 'socket')
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    void text(connection)
      .then(answerTo)
      .then(
        (details) => ({ details }),
        (error: unknown) => ({ error: String(error) }),
      )
      .then((answer) => connection.end(JSON.stringify(answer)))
  })
  server.listen(socket)
  await once(server, 'listening')
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const each of await Promise.allSettled(started.values())) {
        if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]()
      }
    },
  }
}

/** For test files: what there is to know of a server, which runs when this settles. */
export async function askForServer(socket: string, name: string): Promise<unknown> {
  const connection = createConnection({ path: socket, allowHalfOpen: true })
  connection.end(name)
  const answer = JSON.parse(await text(connection)) as { details?: unknown; error?: string }
  if (answer.error !== undefined) throw new Error(answer.error)
  return answer.details
}
