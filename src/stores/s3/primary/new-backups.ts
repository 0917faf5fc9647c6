import { createHash } from 'node:crypto'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import {
  inProgressPathOf,
  type Manifest,
  type OpenBackup,
  parseBackupName,
  pathOfInProgress,
  Refusal,
  type SealedBackup,
  type WrittenBackup,
} from '../../../model/index.ts'
import { untilAborted } from '../../until-aborted.ts'
import type { WriteOptions } from '../../write-options.ts'
import { ask } from '../ask.ts'
import { isAnswer } from '../is-answer.ts'
import { inParts, partSizes } from '../parts.ts'
import { keyOf, type Place, rootOf } from '../place.ts'
import { putWhole } from '../put.ts'
import { completeParts, type SentParts, sendParts } from '../put-in-parts.ts'
import type { Sending } from '../stored.ts'
import { giveUp, uploadsOf } from '../uploads.ts'

/** What was written and is no object yet: a little in memory, or parts on the server. */
type Written = { readonly body: Buffer } | SentParts

/**
 * The way of new backups in a bucket, open → written → sealed, straight from the dump. An object
 * cannot be renamed, so it comes into being when it is sealed: until then a small one is in memory,
 * and of a larger one the server has the parts, which nobody sees as an object.
 */
export class NewBackups {
  readonly #place: Place
  readonly #written = new Map<string, Written>()

  constructor(place: Place) {
    this.#place = place
  }

  /** open → written. */
  async write(
    { path, partialPath }: OpenBackup,
    source: AsyncIterable<Uint8Array>,
    { signal, onBytes }: WriteOptions,
  ): Promise<WrittenBackup> {
    const stop = new AbortController()
    const sending = this.#sending(path, AbortSignal.any([signal, stop.signal]))
    const measure = new Measure(onBytes)
    const spare: Buffer[] = []
    const bytes = measure.of(untilAborted(source, sending.signal))
    const parts = inParts(bytes, { sizeOf: partSizes(null), spare })
    try {
      const first = await parts.next()
      const second = await parts.next()
      const [begun, next] = [first.value, second.value]
      const written: Written =
        begun === undefined || next === undefined
          ? { body: begun ?? Buffer.alloc(0) }
          : await sendParts(sending, { begun: [begun, next], rest: parts, spare, stop })
      this.#written.set(partialPath, written)
      return { state: 'written', path, partialPath, ...measure.taken() }
    } finally {
      stop.abort()
      await parts.return(undefined)
    }
  }

  /** What was written, as long as it is little; null: it is on the server. */
  small(partialPath: string): Buffer | null {
    const written = this.#written.get(partialPath)
    return written !== undefined && 'body' in written ? written.body : null
  }

  /** written → sealed: first the manifest, then the object. */
  async seal(
    { path, partialPath, bytes, sha256 }: WrittenBackup,
    manifest: Manifest,
    save: (manifest: Manifest) => Promise<void>,
  ): Promise<SealedBackup> {
    if (manifest.path !== path || manifest.bytes !== bytes || manifest.sha256 !== sha256) {
      throw new TypeError(`The manifest of ${manifest.path} does not describe ${path}.`)
    }
    const written = this.#written.get(partialPath)
    if (written === undefined) throw new TypeError(`${path} has not been written.`)
    const sending = this.#sending(path, new AbortController().signal)
    await refuseToReplace(sending)
    await save(manifest)
    if ('body' in written) await putWhole(sending, written.body, { isNew: true })
    else await completeParts(sending, written)
    this.#written.delete(partialPath)
    return { state: 'sealed', path, manifest }
  }

  /** Also for what was never written. */
  async discard({ path, partialPath }: OpenBackup | WrittenBackup): Promise<void> {
    const written = this.#written.get(partialPath)
    this.#written.delete(partialPath)
    if (written === undefined || 'body' in written) return
    const sending = this.#sending(path, new AbortController().signal)
    await giveUp(sending, { Key: sending.key, UploadId: written.uploadId })
  }

  /** Of live runs and dead ones, as far as the server knows of them. */
  async listPartials(signal: AbortSignal): Promise<readonly string[]> {
    const uploads = await this.#uploads(signal)
    return [...new Set(uploads.map(({ path }) => inProgressPathOf(path)))]
  }

  /** For the holder of the lock, beside whom nobody writes. */
  async removeLeftovers(isOurs: (core: string) => boolean): Promise<readonly string[]> {
    const { signal } = new AbortController()
    const removed = new Set<string>()
    for (const { path, Key, UploadId } of await this.#uploads(signal)) {
      const partial = inProgressPathOf(path)
      const name = parseBackupName(pathOfInProgress(partial) ?? '')
      if (name === null || !isOurs(name.core)) continue
      await giveUp(this.#sending(path, signal), { Key, UploadId })
      removed.add(partial)
    }
    return [...removed]
  }

  async #uploads(signal: AbortSignal) {
    const root = rootOf(this.#place.prefix)
    const asking = { place: this.#place, doing: 'Listing the uploads under way', signal }
    return (await uploadsOf(asking)).flatMap(({ Key = '', UploadId }) => {
      const path = Key.slice(root.length)
      return parseBackupName(path) === null ? [] : [{ path, Key, UploadId }]
    })
  }

  #sending(path: string, signal: AbortSignal): Sending {
    const place = this.#place
    return { place, path, key: keyOf(place, path), doing: `Storing ${path}`, signal }
  }
}

/** The name was free when the backup began; some servers would replace what came since, silently. */
async function refuseToReplace(sending: Sending): Promise<void> {
  const { place, key, path } = sending
  const command = new HeadObjectCommand({ Bucket: place.bucket, Key: key })
  try {
    await ask(sending, (client, options) => client.send(command, options))
  } catch (error) {
    if (isAnswer(error, 'NotFound', 'NoSuchKey')) return
    throw error
  }
  throw new Refusal(`${path} exists already.`, {
    reason: 'It came into being while the backup of this name was being written.',
    advice: 'Find out who else writes there, and run the backup again.',
  })
}

/** Bytes and checksum of what goes through. */
class Measure {
  readonly #checksum = createHash('sha256')
  readonly #onBytes: WriteOptions['onBytes']
  #bytes = 0

  constructor(onBytes: WriteOptions['onBytes']) {
    this.#onBytes = onBytes
  }

  async *of(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.#checksum.update(chunk)
      this.#bytes += chunk.length
      yield chunk
      this.#onBytes?.(this.#bytes)
    }
  }

  taken(): { readonly bytes: number; readonly sha256: string } {
    return { bytes: this.#bytes, sha256: this.#checksum.digest('hex') }
  }
}
