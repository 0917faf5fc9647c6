import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { sharedCeph } from './ceph.ts'

/** A prefix in a bucket of its own on a real server, for the appliance to keep its backups in. */
export interface BucketPlace {
  /** For `BACKUP_DIR`. */
  readonly root: string
  /** Of the appliance, `BACKUP_DIR` among them. */
  readonly variables: Readonly<Record<string, string>>
  /** All keys below the prefix, without it, sorted. */
  keys(): Promise<readonly string[]>
  /** Replaces an object. */
  put(key: string, body: string): Promise<void>
  /** Puts all objects into files below a folder. */
  download(folder: string): Promise<void>
  /** Of uploads that are under way, or were given up by nobody. */
  uploads(): Promise<readonly string[]>
}

export async function bucketPlace(): Promise<BucketPlace> {
  const ceph = await sharedCeph()
  const { client, endpoint, user, password } = ceph
  const Bucket = await ceph.createBucket()
  const prefix = `in ${randomUUID()}/ä`
  const root = `s3://${Bucket}/${prefix}`
  const keys = async (): Promise<readonly string[]> => {
    const found: string[] = []
    let ContinuationToken: string | undefined
    do {
      const page: ListObjectsV2CommandOutput = await client.send(
        new ListObjectsV2Command({ Bucket, ContinuationToken }),
      )
      found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(prefix.length + 1)))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
    return found.toSorted()
  }
  return {
    root,
    keys,
    async download(folder) {
      for (const key of await keys()) {
        const Key = `${prefix}/${key}`
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
        await mkdir(dirname(join(folder, key)), { recursive: true })
        await writeFile(join(folder, key), (await Body?.transformToByteArray()) ?? '')
      }
    },
    variables: {
      BACKUP_DIR: root,
      S3_ENDPOINT: endpoint,
      S3_USER: user,
      S3_PASSWORD: password,
    },
    async put(key, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}/${key}`, Body }))
    },
    async uploads() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
      return Uploads.map(({ Key = '' }) => Key.slice(prefix.length + 1))
    },
  }
}
