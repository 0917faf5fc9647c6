import type { Problems } from './problems.ts'
import { meansBucket, type S3Settings, s3At, s3SettingsOf } from './s3-settings.ts'
import type { Settings } from './settings.ts'

/** Where new backups go: a folder, or a prefix of a bucket. */
export type PrimaryPlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly s3: S3Settings }

const scheme = 's3://'

export function primaryPlaceOf(settings: Settings): PrimaryPlace {
  const { backupDir } = settings
  if (!backupDir.startsWith(scheme)) return { kind: 'folder', path: backupDir }
  const [bucket = '', ...prefix] = backupDir.slice(scheme.length).split('/')
  return { kind: 's3', s3: s3At(settings, { bucket, prefix: prefix.join('/') }) }
}

/** Gathers what is wrong with `BACKUP_DIR=s3://…`, or does not go with it. */
export function checkPrimaryPlace(settings: Settings, problems: Problems): void {
  const problem = problemOfAddress(settings.backupDir)
  if (problem !== null) return problems.add('BACKUP_DIR', problem)
  const place = primaryPlaceOf(settings)
  const mirror = s3SettingsOf(settings)
  if (place.kind === 's3' && mirror !== null && isWithin(place.s3, mirror)) {
    problems.add(
      'S3_BUCKET',
      'Its copies would lie where the backups are. Name another bucket or prefix, or unset it.',
    )
  }
}

/** Says nothing of the value itself, which may hold a secret. */
function problemOfAddress(backupDir: string): string | null {
  if (backupDir.startsWith(scheme)) return problemInBucket(backupDir.slice(scheme.length))
  if (meansBucket(backupDir)) {
    return 'It is no folder, and no place in a bucket. Write s3://bucket/prefix, without blanks.'
  }
  const [, word] = /^\s*([a-z][a-z0-9+.-]*):\/\//iu.exec(backupDir) ?? []
  if (word === undefined) return null
  return `Backups cannot go straight to ${word}://. Name a folder, or s3://bucket/prefix.`
}

function problemInBucket(address: string): string | null {
  const [bucket = '', ...prefix] = address.split('/')
  if (!/^[\w.-]{3,255}$/u.test(bucket)) {
    return 'It names no bucket. Write s3://bucket/prefix; users and passwords go into S3_USER and S3_PASSWORD.'
  }
  if (prefix.some((part) => part === '.' || part === '..')) {
    return 'Its prefix holds "." or "..", which are no folders in a bucket. Write the prefix out.'
  }
  if (Buffer.byteLength(prefix.join('/')) <= longestPrefix) return null
  return `Its prefix is too long: keys have room for ${longestPrefix} bytes of it.`
}

/** Keys may have 1 024 bytes; the longest name of a backup needs most of a file name's 255, twice. */
const longestPrefix = 500

/** Without an endpoint it is Amazon, which has to know the region. */
export function warningsOfPrimaryPlace(settings: Settings): readonly string[] {
  const { s3Endpoint, s3Region } = settings
  if (primaryPlaceOf(settings).kind === 'folder' || s3Endpoint !== null || s3Region !== null) {
    return []
  }
  return [
    'BACKUP_DIR: Neither S3_ENDPOINT nor S3_REGION is set, so the backups go to Amazon, to the region that its SDK finds.',
  ]
}

function isWithin(one: S3Settings, other: S3Settings): boolean {
  if (one.bucket !== other.bucket || one.endpoint !== other.endpoint) return false
  const [left, right] = [`${one.prefix}/`, `${other.prefix}/`]
  const [outer, inner] = left.length < right.length ? [left, right] : [right, left]
  return outer === '/' || inner.startsWith(outer)
}
