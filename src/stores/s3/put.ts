import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Source } from '../../model/index.ts'
import { untilAborted } from '../until-aborted.ts'
import { ask } from './ask.ts'
import { contentMd5, etagOf } from './etag.ts'
import { inParts, partSizes } from './parts.ts'
import { keyOf, type Place } from './place.ts'
import { putInParts } from './put-in-parts.ts'
import { checkStored, type Sending } from './stored.ts'

/**
 * Stores all bytes under a path, in one request if they fit into one part. An object appears as a
 * whole or not at all; each request has the Content-MD5 of its bytes, and may be repeated by the
 * SDK. A few parts are in memory at a time.
 */
export async function put(
  place: Place,
  path: string,
  { source, signal }: { readonly source: Source; readonly signal: AbortSignal },
): Promise<void> {
  const stop = new AbortController()
  const sending: Sending = {
    place,
    path,
    key: keyOf(place, path),
    doing: `Storing ${path}`,
    signal: AbortSignal.any([signal, stop.signal]),
  }
  const bytes = exactly(source, path, untilAborted(source.open(0), sending.signal))
  const spare: Buffer[] = []
  const parts = inParts(bytes, { sizeOf: partSizes(source.bytes), spare })
  try {
    const first = await parts.next()
    const second = await parts.next()
    if (first.done === true) await putWhole(sending, Buffer.alloc(0))
    else if (second.done === true) await putWhole(sending, first.value)
    else await putInParts(sending, { begun: [first.value, second.value], rest: parts, spare, stop })
  } finally {
    // Lets go of the source after a failure, also of one that hangs.
    stop.abort()
    await parts.return(undefined)
  }
}

/** One object in one request. @param isNew whether it is a failure that there is one already. */
export async function putWhole(
  sending: Sending,
  body: Uint8Array,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<void> {
  const { place, key } = sending
  const md5 = contentMd5(body)
  const command = new PutObjectCommand({
    ...place.keeping,
    Bucket: place.bucket,
    Key: key,
    Body: body,
    ContentLength: body.length,
    ContentMD5: md5,
    ...(isNew && { IfNoneMatch: '*' }),
  })
  await ask(sending, (client, options) => client.send(command, options))
  await checkStored(sending, { bytes: body.length, etag: etagOf(md5) })
}

/** The same bytes. @throws when they are more or fewer than the source said. */
async function* exactly(
  { bytes }: Source,
  path: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let came = 0
  for await (const chunk of source) {
    came += chunk.length
    if (bytes !== null && came > bytes) break
    yield chunk
  }
  if (bytes === null || came === bytes) return
  throw new Error(`${path} came as ${came} bytes and not as ${bytes}.`)
}
