import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
} from '@aws-sdk/client-s3'
import { Refusal, sentencesOf } from '../../model/index.ts'
import { type Asking, ask } from './ask.ts'
import { isAnswer } from './is-answer.ts'
import { rootOf } from './place.ts'
import type { Sending } from './stored.ts'

const longestUploadMs = 24 * 3_600_000
/** For cleaning up after a failure, whose own signal may have been aborted. */
const longestCleaningMs = 5_000

/**
 * Gives up uploads that dead runs have left: of this key, which nobody else is writing, and of any
 * key below our prefix that are older than a day. Their parts cost space and are seen in no list.
 */
export async function giveUpOldUploads(sending: Sending): Promise<void> {
  const { place, key } = sending
  const eldest = place.clock.now().getTime() - longestUploadMs
  for (const upload of await uploadsOf(sending)) {
    const isOld = (upload.Initiated?.getTime() ?? Number.POSITIVE_INFINITY) < eldest
    if (upload.Key === key || isOld) await giveUp(sending, upload)
  }
}

/** What is under way below our prefix; nothing where we may not look, or the server cannot tell. */
export async function uploadsOf(asking: Asking): Promise<readonly MultipartUpload[]> {
  const { place } = asking
  const found: MultipartUpload[] = []
  let after: Pick<MultipartUpload, 'Key' | 'UploadId'> | null = {}
  while (after !== null) {
    const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
      Bucket: place.bucket,
      Prefix: rootOf(place.prefix),
      KeyMarker: after.Key,
      UploadIdMarker: after.UploadId,
    })
    try {
      const page = await ask(asking, (client, options) => client.send(command, options))
      found.push(...(page.Uploads ?? []))
      const { NextKeyMarker: Key, NextUploadIdMarker: UploadId } = page
      after = page.IsTruncated === true && Key !== undefined ? { Key, UploadId } : null
    } catch (error) {
      if (!isAnswer(error, 'AccessDenied', 'NotImplemented', 'MethodNotAllowed')) throw error
      return found
    }
  }
  return found
}

/** Ends an upload and removes its parts; one that is not there (any more) is no error. */
export async function giveUp(
  asking: Asking,
  { Key, UploadId }: Pick<MultipartUpload, 'Key' | 'UploadId'>,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: asking.place.bucket, Key, UploadId })
  try {
    await ask(asking, (client, options) => client.send(command, options))
  } catch (error) {
    if (!isAnswer(error, 'NoSuchUpload')) throw error
  }
}

/**
 * The error of an upload, once its parts are gone. If they cannot be removed now, the error says
 * so: the next upload of the same path, or the first one after a day, removes them.
 */
export async function afterGivingUp(
  sending: Sending,
  uploadId: string,
  failure: unknown,
): Promise<unknown> {
  const signal = AbortSignal.timeout(longestCleaningMs)
  try {
    await giveUp({ ...sending, signal }, { Key: sending.key, UploadId: uploadId })
    return failure
  } catch (error) {
    if (!(error instanceof Refusal) && !signal.aborted) throw error
    if (!(failure instanceof Refusal)) return failure
    const { message, reason, advice, exitStatus, mayPass, concernsStore } = failure
    const parts = 'Parts of it are still there; the next upload of it removes them.'
    const told = { reason: sentencesOf(reason, parts), advice, exitStatus, mayPass, concernsStore }
    return new Refusal(message, { ...told, cause: failure })
  }
}
