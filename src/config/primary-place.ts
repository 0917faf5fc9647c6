import type { Problems } from './problems.ts'
import { type S3Settings, s3At, s3SettingsOf } from './s3-settings.ts'
import type { Settings } from './settings.ts'

/** Where new backups go: a folder, or a prefix of a bucket. */
export type PrimaryPlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly s3: S3Settings }

/** Without a bucket behind it, its slashes are cut as those of a folder are. */
const scheme = /^s3:(?:\/\/|$)/u

export function primaryPlaceOf(settings: Settings): PrimaryPlace {
  const { backupDir } = settings
  if (!scheme.test(backupDir)) return { kind: 'folder', path: backupDir }
  const [bucket = '', ...prefix] = backupDir.replace(scheme, '').split('/')
  return { kind: 's3', s3: s3At(settings, { bucket, prefix: prefix.join('/') }) }
}

/** Gathers what is wrong with `BACKUP_DIR=s3://…`, or does not go with it. */
export function checkPrimaryPlace(settings: Settings, problems: Problems): void {
  const { backupDir } = settings
  const place = primaryPlaceOf(settings)
  if (place.kind === 'folder') {
    const [, word] = /^([a-z][a-z0-9+.-]*):\/\//iu.exec(backupDir) ?? []
    if (word !== undefined) {
      problems.add(
        'BACKUP_DIR',
        `Backups cannot go straight to ${word}://. Name a folder, or s3://bucket/prefix.`,
      )
    }
    return
  }
  if (place.s3.bucket === '') {
    problems.add('BACKUP_DIR', 'It names no bucket. Write for example s3://bucket/prefix.')
  }
  const mirror = s3SettingsOf(settings)
  if (mirror !== null && isWithin(place.s3, mirror)) {
    problems.add(
      'S3_BUCKET',
      'Its copies would lie where the backups are. Name another bucket or prefix, or unset it.',
    )
  }
}

function isWithin(one: S3Settings, other: S3Settings): boolean {
  if (one.bucket !== other.bucket || one.endpoint !== other.endpoint) return false
  const [left, right] = [`${one.prefix}/`, `${other.prefix}/`]
  const [outer, inner] = left.length < right.length ? [left, right] : [right, left]
  return outer === '/' || inner.startsWith(outer)
}
