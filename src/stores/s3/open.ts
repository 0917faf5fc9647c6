import type { Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { Refusal } from '../../model/index.ts'
import { flatNameOf } from '../flat-names.ts'
import { untilAborted } from '../until-aborted.ts'
import { type Asking, ask } from './ask.ts'
import { explain } from './explain.ts'
import { isAnswer } from './is-answer.ts'
import { keyOf, type Place } from './place.ts'

/** So often a reading goes on after a lost connection, if there was hardly any progress between. */
const mostLosses = 5
const progress = 8 * 1024 * 1024

interface Reading extends Asking {
  readonly key: string
}

/**
 * The bytes of one object, from the one at `start` on. A connection that is lost on the way is made again from where it was;
 * if the object is another one by then, it is a Refusal.
 */
export async function open(
  place: Place,
  path: string,
  { signal, start = 0 }: { readonly signal: AbortSignal; readonly start?: number },
): Promise<AsyncIterable<Uint8Array>> {
  const asking = { place, doing: `Reading ${path}`, signal }
  const flat = flatNameOf(path)
  const keys = [path, ...(flat === null ? [] : [flat])].map((name) => keyOf(place, name))
  for (const [index, key] of keys.entries()) {
    const reading = { ...asking, key }
    try {
      const range = start === 0 ? {} : { Range: `bytes=${start}-` }
      return bytesOf(reading, await get(reading, range), start)
    } catch (error) {
      if (!isAnswer(error, 'NoSuchKey') || index === keys.length - 1) throw error
    }
  }
  throw new TypeError('There is no key to read.')
}

async function* bytesOf(
  reading: Reading,
  first: GetObjectCommandOutput,
  start: number,
): AsyncGenerator<Uint8Array> {
  const { place, doing, signal } = reading
  const { ETag, ContentLength: left } = first
  const length = left === undefined ? undefined : start + left
  let body = first.Body as Readable
  let [at, lostAt, losses] = [start, start, 0]
  for (;;) {
    let loss: unknown = new Error(`The answer ended after ${at} of ${length} bytes.`)
    try {
      for await (const chunk of untilAborted<Uint8Array>(body, signal)) {
        at += chunk.length
        yield chunk
      }
      if (length === undefined || at === length) return
    } catch (error) {
      signal.throwIfAborted()
      loss = error
    }
    losses = at - lostAt < progress ? losses + 1 : 1
    lostAt = at
    if (losses > mostLosses) throw explain(loss, doing, place)
    body = await restOf(reading, at, ETag)
  }
}

/** From the byte at `at` on. */
async function restOf(reading: Reading, at: number, etag: string | undefined): Promise<Readable> {
  const rest = await get(reading, {
    Range: `bytes=${at}-`,
    ...(etag !== undefined && { IfMatch: etag }),
  })
  if (rest.ContentRange?.startsWith(`bytes ${at}-`) === true) return rest.Body as Readable
  ;(rest.Body as Readable).destroy()
  throw new Refusal(`${reading.doing} failed: the connection was lost after ${at} bytes.`, {
    reason: `${reading.place.server} does not send the rest of an object by itself.`,
    advice: 'Try again on a steadier connection.',
    mayPass: true,
  })
}

async function get(
  reading: Reading,
  range: { readonly Range?: string; readonly IfMatch?: string },
): Promise<GetObjectCommandOutput> {
  const command = new GetObjectCommand({
    Bucket: reading.place.bucket,
    Key: reading.key,
    ...range,
  })
  return await ask(reading, (client, options) => client.send(command, options))
}
