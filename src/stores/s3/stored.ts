import { DeleteObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { Refusal } from '../../model/index.ts'
import { type Asking, ask } from './ask.ts'
import { contradicts } from './etag.ts'

/** An object on its way to a key. */
export interface Sending extends Asking {
  readonly path: string
  readonly key: string
}

/** What an object must be once it is stored. */
export interface Expected {
  readonly bytes: number
  readonly etag: string
}

/** Why the object at the key is not what was sent, in words; null when nothing speaks against it. */
async function objection(sending: Sending, { bytes, etag }: Expected): Promise<string | null> {
  const command = new HeadObjectCommand({ Bucket: sending.place.bucket, Key: sending.key })
  const answer = await ask(sending, (client, options) => client.send(command, options))
  if (answer.ContentLength !== bytes) {
    return `It keeps ${answer.ContentLength ?? 'no'} bytes of ${bytes}.`
  }
  return contradicts(answer, etag) ? `Its checksum is ${answer.ETag} and not ${etag}.` : null
}

/** Asks the server what it keeps. @throws {Refusal} when it is not what was sent; then it is gone. */
export async function checkStored(sending: Sending, expected: Expected): Promise<void> {
  const reason = await objection(sending, expected)
  if (reason === null) return
  await removeObject(sending)
  throw new Refusal(`${sending.doing} failed: ${sending.place.server} keeps something else.`, {
    reason: `${reason} It was removed again.`,
    advice: 'Check the health of the server, and that nobody else writes to this bucket.',
    mayPass: true,
  })
}

/** Whether the key holds exactly what was sent; false also when there is nothing. */
export async function isStored(sending: Sending, expected: Expected): Promise<boolean> {
  try {
    return (await objection(sending, expected)) === null
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

export async function removeObject(asking: Asking & { readonly key: string }): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: asking.place.bucket, Key: asking.key })
  await ask(asking, (client, options) => client.send(command, options))
}
