import {
  instantOfStamp,
  parseBackupName,
  printBackupName,
  recordsFolder,
} from '../../model/index.ts'

/** How a file of the store appears in the repository. */
export interface ResticName {
  /** The path inside the snapshot: the same for all backups of a database, so restic groups them. */
  readonly inSnapshot: string
  /** What the snapshot is the time of; null: of its making. */
  readonly takenAt: Date | null
  readonly kind: 'backup' | 'manifest'
}

/**
 * A backup is `/<core name>.<format>`, whatever its tier and date. Anything else keeps a path of its
 * own: a user's `restic forget --keep-last 7` must not thin out manifests as if they were one file.
 */
export function resticNameOf(path: string): ResticName {
  const name = parseBackupName(path)
  if (name === null) {
    const kind = path.startsWith(`${recordsFolder}/`) ? 'manifest' : 'backup'
    return { inSnapshot: `/${path}`, takenAt: null, kind }
  }
  const stamp = `${name.stamp.date}_${name.stamp.time}`
  const file = printBackupName({ ...name, tier: null }).slice(name.folder.length + 1)
  const ending = file.slice(name.core.length + 1 + stamp.length)
  return {
    inSnapshot: `/${name.core}${ending}`,
    takenAt: instantOfStamp(name.stamp),
    kind: 'backup',
  }
}

/** `2026-11-20 01:00:00`, in UTC: so is the zone that restic runs in. */
export function resticTime(instant: Date): string {
  return instant.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace('T', ' ')
}

const pathTag = 'path='
const putTag = 'put='
const bytesTag = 'bytes='
/** restic cuts tags at commas and trims blanks; `%` makes it reversible. */
export function tagOfPath(path: string): string {
  return (
    pathTag +
    path.replaceAll(/[%,\s\p{C}]/gu, (odd) => {
      const bytes = [...Buffer.from(odd)]
      return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
    })
  )
}

export function tagOfPut(instant: Date): string {
  return putTag + instant.toISOString()
}

/** Only a snapshot that has it counts: it is added when the size was found right. */
export function tagOfBytes(bytes: number): string {
  return `${bytesTag}${bytes}`
}

/** What our tags say; null when they are not ours. */
export interface Told {
  readonly path: string
  readonly putAt: Date
  /** null: it never became whole. */
  readonly bytes: number | null
}

export function toldByTags(tags: readonly string[]): Told | null {
  const path = decoded(valueIn(tags, pathTag))
  const putAt = new Date(valueIn(tags, putTag) ?? Number.NaN)
  if (path === null || Number.isNaN(putAt.getTime())) return null
  const bytes = valueIn(tags, bytesTag)
  return { path, putAt, bytes: bytes !== null && /^\d+$/u.test(bytes) ? Number(bytes) : null }
}

function valueIn(tags: readonly string[], start: string): string | null {
  return tags.find((tag) => tag.startsWith(start))?.slice(start.length) ?? null
}

function decoded(text: string | null): string | null {
  try {
    return text === null ? null : decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
