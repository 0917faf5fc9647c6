import { PassThrough } from 'node:stream'
import { Refusal } from '../../model/index.ts'
import type { FtpClient } from './client.ts'
import { type Found, find, sizeOf } from './files.ts'
import { checkPath } from './names.ts'
import { Patience } from './patience.ts'
import type { Sessions } from './sessions.ts'

/** What uploads and downloads need beside the path. */
export interface Transfer {
  readonly sessions: Sessions
  readonly pausesMs: readonly number[]
  readonly signal: AbortSignal
}

/** The bytes of one file. No connection is held before the first of them is asked for. */
export async function open(path: string, transfer: Transfer): Promise<AsyncIterable<Uint8Array>> {
  checkPath(path)
  const { sessions, signal } = transfer
  const found = await sessions.look(`Looking for ${path}`, signal, (client) => find(client, path))
  if (found !== null) return bytesOf(found, transfer)
  throw new Refusal(`${path} is not on the FTP server.`, {
    reason: 'It may have been pruned since it was listed.',
    advice: 'List the backups that are there with `backup.sh -l --from ftp`.',
  })
}

async function* bytesOf(
  file: Found,
  { sessions, pausesMs, signal }: Transfer,
): AsyncGenerator<Uint8Array> {
  const patience = new Patience(pausesMs, signal)
  for (let at = 0; ; ) {
    try {
      for await (const chunk of download({ ...file, at }, sessions, signal)) {
        at += chunk.length
        yield chunk
      }
      return
    } catch (error) {
      await patience.waitOrThrow(error, at)
    }
  }
}

interface Rest extends Found {
  readonly at: number
}

/** The bytes from `at` on, by one connection. @throws when they end too early, or too late. */
async function* download(
  rest: Rest,
  sessions: Sessions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const ended = new AbortController()
  const bytes = new PassThrough()
  const done = sessions.use(`Reading ${rest.path}`, AbortSignal.any([signal, ended.signal]), (it) =>
    receive(it, rest, bytes),
  )
  // It is awaited below, but may be rejected before that.
  done.catch((error: unknown) => bytes.destroy(error instanceof Error ? error : undefined))
  let received = rest.at
  try {
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      received += chunk.length
      yield chunk
    }
    await done
  } catch (error) {
    // What the connection died of says more than what became of the stream.
    await done
    throw error
  } finally {
    ended.abort(new Error('Nobody reads on.'))
  }
  if (received !== rest.bytes) throw wrongLength(rest, received)
}

async function receive(
  client: FtpClient,
  { path, bytes, at }: Rest,
  to: PassThrough,
): Promise<void> {
  if (at > 0) {
    const now = await sizeOf(client, path)
    if (now !== bytes) throw changed(path)
  }
  await client.downloadTo(to, path, at)
}

function changed(path: string): Refusal {
  return new Refusal(`${path} on the FTP server was changed while it was read.`, {
    reason: 'Its size is another one now.',
    advice: 'Read it again once nobody writes to it.',
    mayPass: true,
  })
}

function wrongLength({ path, bytes }: Rest, received: number): Refusal {
  return new Refusal(`The FTP server sent ${received} bytes of ${path}, which has ${bytes}.`, {
    reason: 'It called the transfer complete.',
    advice: 'Read it again. If that goes on, check the health of the server.',
    mayPass: true,
  })
}
