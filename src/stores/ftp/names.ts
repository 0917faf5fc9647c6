import { parseBackupName } from '../../model/index.ts'

/** @throws {TypeError} where a path leads out of the root, or could become a second command. */
export function checkPath(path: string): void {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..') || hasControls(path)) {
    throw new TypeError(`Not a path below the root: ${JSON.stringify(path)}`)
  }
}

function hasControls(path: string): boolean {
  return /[\r\n\0]/u.test(path)
}

/**
 * The original sent each backup under its file name alone, straight into the folder of FTP_URL. Such
 * a file is listed as if it were in the folder of its date.
 * @returns the path of a backup; null when the name is not one of a backup.
 */
export function pathOfFlatName(file: string): string | null {
  const parsed = parseBackupName(`0001-01-01/${file}`)
  return parsed === null ? null : `${parsed.stamp.date}/${file}`
}

/** The flat name behind a path that `pathOfFlatName` may have given; null when it cannot have. */
export function flatNameOf(path: string): string | null {
  const file = path.slice(path.lastIndexOf('/') + 1)
  return pathOfFlatName(file) === path ? file : null
}
