import { dirname } from 'node:path'
import type { StoredFile } from '../../../model/index.ts'
import type { DiskEntry } from '../../../platform/index.ts'

/**
 * The files and the folders that their paths make, as `du -a` would show them: sorted by name, each
 * folder after what it holds, and the root last. Without a file there is none.
 * @param label a path in words for people; of '' the root.
 */
export function usageOf(
  files: readonly StoredFile[],
  label: (path: string) => string,
): readonly DiskEntry[] {
  if (files.length === 0) return []
  const folders = new Map<string, Sum>([['', { bytes: 0, newest: 0 }]])
  for (const { path, bytes, modifiedAt } of files) {
    for (const folder of foldersOf(path)) {
      const sum = folders.get(folder) ?? { bytes: 0, newest: 0 }
      sum.bytes += bytes
      sum.newest = Math.max(sum.newest, modifiedAt.getTime())
      folders.set(folder, sum)
    }
  }
  const sums = [...folders].map(([path, { bytes, newest }]) => ({
    order: path === '' ? last : `${path}/${last}`,
    entry: { path: label(path), bytes, modifiedAt: new Date(newest) },
  }))
  const own = files.map(({ path, bytes, modifiedAt }) => ({
    order: path,
    entry: { path: label(path), bytes, modifiedAt },
  }))
  return [...own, ...sums]
    .toSorted((left, right) => (left.order < right.order ? -1 : 1))
    .map(({ entry }) => entry)
}

interface Sum {
  bytes: number
  /** Epoch milliseconds. */
  newest: number
}

/** Comes after every name. */
const last = '\u{10FFFF}'

/** All folders above a file, '' for the root among them. */
function foldersOf(path: string): readonly string[] {
  const folder = dirname(path)
  return folder === '.' ? [''] : [folder, ...foldersOf(folder)]
}
