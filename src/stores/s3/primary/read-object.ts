import { GetObjectCommand } from '@aws-sdk/client-s3'
import { ask } from '../ask.ts'
import { isAnswer } from '../is-answer.ts'
import { keyOf, type Place } from '../place.ts'

interface Wanted {
  readonly path: string
  /** Begins the message of an error. */
  readonly doing: string
  readonly signal: AbortSignal
}

interface SmallObject {
  readonly text: string
  readonly etag: string
  /** By the server's clock. */
  readonly modifiedAt: Date
}

/** A small object, whole; null: there is none. */
export async function readObject(
  place: Place,
  { path, doing, signal }: Wanted,
): Promise<SmallObject | null> {
  const command = new GetObjectCommand({ Bucket: place.bucket, Key: keyOf(place, path) })
  try {
    return await ask({ place, doing, signal }, async (client, options) => {
      const { Body, ETag = '', LastModified = new Date(0) } = await client.send(command, options)
      return { text: (await Body?.transformToString()) ?? '', etag: ETag, modifiedAt: LastModified }
    })
  } catch (error) {
    if (isAnswer(error, 'NoSuchKey')) return null
    throw error
  }
}
