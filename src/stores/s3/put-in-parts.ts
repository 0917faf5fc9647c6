import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { Refusal } from '../../model/index.ts'
import { ask } from './ask.ts'
import { compositeEtag, contentMd5, contradicts, etagOf } from './etag.ts'
import { checkStored, type Expected, isStored, type Sending } from './stored.ts'
import { afterGivingUp, giveUpOldUploads } from './uploads.ts'

/** Parts on their way at the same time: while one is answered, another one fills the line. */
const atOnce = 2

interface Parts {
  /** Those that were read to see whether there are several. */
  readonly begun: readonly Buffer[]
  readonly rest: AsyncIterator<Buffer>
  /** Takes the buffers of parts that the server has. */
  readonly spare: Buffer[]
  /** Aborts the signal of the sending, so that nothing goes on after a failure. */
  readonly stop: AbortController
}

/** Parts that the server has, and that are no object yet. */
export interface SentParts {
  readonly uploadId: string
  readonly parts: readonly Part[]
}

/** One object from several parts. On failure neither it nor a part of it stays. */
export async function putInParts(sending: Sending, parts: Parts): Promise<void> {
  await giveUpOldUploads(sending)
  await completeParts(sending, await sendParts(sending, parts))
}

/** Sends all parts. On failure none of them stays. */
export async function sendParts(sending: Sending, parts: Parts): Promise<SentParts> {
  const uploadId = await begin(sending)
  try {
    return { uploadId, parts: await sendAll({ ...sending, uploadId }, parts) }
  } catch (error) {
    throw await afterGivingUp(sending, uploadId, error)
  }
}

/** Makes the parts an object. On failure neither it nor a part of it stays. */
export async function completeParts(
  sending: Sending,
  { uploadId, parts }: SentParts,
): Promise<void> {
  try {
    await complete({ ...sending, uploadId }, parts)
    await addTags(sending)
  } catch (error) {
    throw await afterGivingUp(sending, uploadId, error)
  }
}

async function begin(sending: Sending): Promise<string> {
  const { place, key } = sending
  const command = new CreateMultipartUploadCommand({
    ...place.keeping,
    Bucket: place.bucket,
    Key: key,
  })
  const { UploadId } = await ask(sending, (client, options) => client.send(command, options))
  if (UploadId === undefined) throw new TypeError('The server began an upload without a name.')
  return UploadId
}

interface Upload extends Sending {
  readonly uploadId: string
}

interface Part {
  readonly number: number
  readonly bytes: number
  readonly md5: string
  readonly etag: string
}

async function sendAll(
  upload: Upload,
  { begun, rest, spare, stop }: Parts,
): Promise<readonly Part[]> {
  const sent: Part[] = []
  const parts = numbered(begun, rest)
  const work = async (): Promise<void> => {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      sent.push(await sendPart(upload, next.value))
      spare.push(next.value.body)
    }
  }
  const workers = Array.from({ length: atOnce }, async () => {
    try {
      await work()
    } catch (error) {
      stop.abort(error)
      throw error
    }
  })
  // All of them, so that no part arrives after the upload was given up.
  await Promise.allSettled(workers)
  await Promise.all(workers)
  return sent.toSorted((left, right) => left.number - right.number)
}

interface Body {
  readonly number: number
  readonly body: Buffer
}

async function* numbered(
  begun: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Body> {
  let number = 0
  for (const body of begun) yield { number: (number += 1), body }
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    yield { number: (number += 1), body: next.value }
  }
}

async function sendPart(upload: Upload, { number, body }: Body): Promise<Part> {
  const { place, key, uploadId, doing } = upload
  const md5 = contentMd5(body)
  const command = new UploadPartCommand({
    Bucket: place.bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: number,
    Body: body,
    ContentLength: body.length,
    ContentMD5: md5,
  })
  const answer = await ask(upload, (client, options) => client.send(command, options))
  if (answer.ETag === undefined || contradicts(answer, etagOf(md5))) {
    throw new Refusal(`${doing} failed: ${place.server} keeps something else.`, {
      reason: `The checksum of part ${number} is ${answer.ETag} and not ${etagOf(md5)}.`,
      advice: 'Check the health of the server and the network. Another try may succeed.',
      mayPass: true,
    })
  }
  return { number, bytes: body.length, md5, etag: answer.ETag }
}

/** Makes the parts an object, and asks what the server keeps. */
async function complete(upload: Upload, sent: readonly Part[]): Promise<void> {
  const { place, key, uploadId } = upload
  const parts: CompletedPart[] = sent.map(({ number, etag }) => ({
    PartNumber: number,
    ETag: etag,
  }))
  const command = new CompleteMultipartUploadCommand({
    Bucket: place.bucket,
    Key: key,
    UploadId: uploadId,
    MultipartUpload: { Parts: parts },
  })
  const expected: Expected = {
    bytes: sent.reduce((sum, { bytes }) => sum + bytes, 0),
    etag: compositeEtag(sent.map(({ md5 }) => md5)),
  }
  try {
    await ask(upload, (client, options) => client.send(command, options))
  } catch (error) {
    // If only the answer was lost, a repeated request finds the upload gone and the object there.
    if (error instanceof Refusal && (await isStored(upload, expected))) return
    throw error
  }
  await checkStored(upload, expected)
}

/** Some servers, as Ceph 16, forget the tags that an upload in parts began with. */
async function addTags(sending: Sending): Promise<void> {
  const { bucket, tags } = sending.place
  if (tags.length === 0) return
  const Tagging = { TagSet: [...tags] }
  const command = new PutObjectTaggingCommand({ Bucket: bucket, Key: sending.key, Tagging })
  await ask(sending, (client, options) => client.send(command, options))
}
