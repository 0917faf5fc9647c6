import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { ask } from '../ask.ts'
import { contentMd5 } from '../etag.ts'
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

interface Small extends Wanted {
  readonly text: string
  /** Whether it must not be there yet. Default: it is replaced. */
  readonly isNew?: boolean
}

/** Stores a small object; the server compares its MD5. */
export async function writeObject(
  place: Place,
  { path, text, doing, signal, isNew = false }: Small,
): Promise<void> {
  const body = Buffer.from(text)
  const command = new PutObjectCommand({
    ...place.keeping,
    Bucket: place.bucket,
    Key: keyOf(place, path),
    Body: body,
    ContentLength: body.length,
    ContentMD5: contentMd5(body),
    ...(isNew && { IfNoneMatch: '*' }),
  })
  await ask({ place, doing, signal }, (client, options) => client.send(command, options))
}

/** The place as our own small files want it: those are read all the time. */
export function forRecords(place: Place): Place {
  const { StorageClass: _forBackups, ...keeping } = place.keeping
  return { ...place, keeping }
}
