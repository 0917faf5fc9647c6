import type { PutObjectCommandInput, S3Client, Tag } from '@aws-sdk/client-s3'
import type { Clock } from '../../model/index.ts'

/** What every new object is told. */
type Keeping = Pick<
  PutObjectCommandInput,
  'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass' | 'Tagging'
>

/** A prefix in a bucket, and the way there. */
export interface Place {
  readonly client: () => S3Client
  readonly bucket: string
  readonly prefix: string
  /** The variable that names the bucket. */
  readonly bucketFrom: 'S3_BUCKET' | 'BACKUP_DIR'
  /** The server, in words for people. */
  readonly server: string
  readonly keeping: Keeping
  /** Those of `keeping`, one by one. */
  readonly tags: readonly Tag[]
  readonly clock: Clock
  readonly serverTime: ServerTime
}

/** What a server's answers say of its time, which the times of its objects are to be compared with. */
export class ServerTime {
  #last: { readonly at: number; readonly heardAt: number } | null = null

  /** @param date the header of an answer. */
  hear(date: string | undefined): void {
    const at = Date.parse(date ?? '')
    if (!Number.isNaN(at)) this.#last = { at, heardAt: performance.now() }
  }

  /** null: it has not said. */
  now(): Date | null {
    if (this.#last === null) return null
    return new Date(this.#last.at + performance.now() - this.#last.heardAt)
  }
}

/** The key of a path, which takes no way out of the prefix: names come from outside. */
export function keyOf({ prefix }: Place, path: string): string {
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new TypeError(`Not a path below the prefix: ${path}`)
  }
  return `${rootOf(prefix)}${path}`
}

/** What all our keys begin with. */
export function rootOf(prefix: string): string {
  return prefix === '' ? '' : `${prefix}/`
}
