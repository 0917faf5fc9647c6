import { rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDatedFolder } from '../../model/index.ts'
import { isCode, type Modes } from '../../platform/index.ts'

/** A root folder, and the permissions of what is created in it. */
export interface Place {
  readonly root: string
  readonly modes: Modes
}

/** The absolute path of one below the root. It takes no way out of it: names come from outside. */
export function absolutePath({ root }: Place, path: string): string {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new TypeError(`Not a path below the root: ${path}`)
  }
  return join(root, ...parts)
}

/**
 * Removes the dated folder of `path` when nothing is left in it; no other folder, least of all a
 * tier or the root (D-15).
 */
export async function removeEmptyFolderOf(place: Place, path: string): Promise<void> {
  const folder = dirname(path)
  if (!isDatedFolder(folder.split('/').at(-1) ?? '')) return
  try {
    await rmdir(absolutePath(place, folder))
  } catch (error) {
    if (!isCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error
  }
}
