import { hash } from 'node:crypto'
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'

/** The MD5 of a body, as the header Content-MD5 wants it. */
export function contentMd5(body: Uint8Array): string {
  return hash('md5', body, 'base64')
}

/** The ETag of an object that came in one piece, from its Content-MD5. */
export function etagOf(md5: string): string {
  return Buffer.from(md5, 'base64').toString('hex')
}

/** The ETag of an object that came in parts with these Content-MD5, in their order. */
export function compositeEtag(md5s: readonly string[]): string {
  const sums = Buffer.concat(md5s.map((md5) => Buffer.from(md5, 'base64')))
  return `${hash('md5', sums, 'hex')}-${md5s.length}`
}

type Answer = Pick<
  HeadObjectCommandOutput,
  'ETag' | 'ServerSideEncryption' | 'SSECustomerAlgorithm'
>

/**
 * Whether an answer contradicts the ETag of the bytes that were sent. Of encrypted objects, and on
 * servers of other schools, the ETag is no MD5 and says nothing.
 */
export function contradicts(answer: Answer, expected: string): boolean {
  const { ETag = '', ServerSideEncryption: byServer, SSECustomerAlgorithm: byKey } = answer
  const etag = ETag.replaceAll('"', '').toLowerCase()
  const isMd5 = /^[\da-f]{32}(?:-\d+)?$/u.test(etag) && byServer === undefined
  return isMd5 && byKey === undefined && etag !== expected
}
