import { unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseBackupName, pathOfInProgress } from '../../model/index.ts'
import { explainingDiskErrors, isCode, syncFolder } from '../../platform/index.ts'
import { openFilesAmong } from './open-files.ts'
import { absolutePath, type Place, removeEmptyFolderOf } from './place.ts'
import { listPartials } from './scan.ts'

/** Removes one file for good, and its dated folder if that is empty then. */
export async function remove(place: Place, path: string): Promise<void> {
  await explainingDiskErrors(`Removing ${path}`, async () => {
    await unlinkDurably(absolutePath(place, path))
    await removeEmptyFolderOf(place, path)
  })
}

/**
 * A loss of power must not bring the file back once its manifest is gone. Not `rm`: when that may
 * not remove a file, it complains that the file is no folder.
 */
async function unlinkDurably(path: string): Promise<void> {
  try {
    await unlink(path)
    await syncFolder(dirname(path))
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}

/**
 * Removes the partial files of databases of ours that no process on this machine has open. The
 * caller holds the lock, so those of other machines are of dead runs.
 * @returns the paths of what was removed.
 */
export async function removeLeftovers(
  place: Place,
  isOurs: (core: string) => boolean,
): Promise<readonly string[]> {
  const partials = await listPartials(place.root, new AbortController().signal)
  const ours = partials.filter((path) => {
    const name = parseBackupName(pathOfInProgress(path) ?? '')
    return name !== null && isOurs(name.core)
  })
  const inUse = openFilesAmong(ours.map((path) => absolutePath(place, path)))
  const dead = ours.filter((path) => !inUse.has(absolutePath(place, path)))
  for (const path of dead) await remove(place, path)
  return dead
}
