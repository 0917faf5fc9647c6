import { rm } from 'node:fs/promises'
import { explainDiskError, isCode } from '../../platform/index.ts'
import { absolutePath, type Place, removeEmptyFolderOf } from './place.ts'

/**
 * What `action` returns. When it fails, the partial file at `partialPath` goes, and it rejects
 * with the error, explained if it is about the volume.
 */
export async function orNothing<Result>(
  place: Place,
  partialPath: string,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action()
  } catch (error) {
    const leaves = await removePartial(place, partialPath)
    throw explainDiskError(error, `Writing ${partialPath}`, leaves)
  }
}

/** What is left, in words. A second failure must not hide the first, so it becomes words, too. */
async function removePartial(place: Place, partialPath: string): Promise<string> {
  try {
    await rm(absolutePath(place, partialPath), { force: true })
    await removeEmptyFolderOf(place, partialPath)
    return 'No part of it was left behind.'
  } catch (error) {
    if (!isCode(error, 'EROFS', 'EIO', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT')) throw error
    return `Its partial file could not be removed, either: ${String(error)}.`
  }
}
