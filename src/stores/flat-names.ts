import { parseBackupName, type StoredFile } from '../model/index.ts'

/**
 * The original sent each backup under its file name alone, straight into the folder or
 * the bucket. Such a file is listed as if it were in the folder of its date.
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

/**
 * A listing with the paths of flat names; one that is in the folder of its date as well is listed
 * from there.
 */
export function withFlatNames(files: readonly StoredFile[]): readonly StoredFile[] {
  const known = new Set(files.map(({ path }) => path))
  return files.flatMap((file) => {
    const path = file.path.includes('/') ? file.path : pathOfFlatName(file.path)
    if (path === null || (path !== file.path && known.has(path))) return []
    return [path === file.path ? file : { ...file, path, storedAs: file.path }]
  })
}
