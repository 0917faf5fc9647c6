import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../model/index.ts'
import { isCode, temporaryPrefix } from '../platform/index.ts'

const anHourMs = 3_600_000

/**
 * Removes the documents that killed runs did not finish writing, among these names of a folder.
 * One that is younger than an hour stays: a verification, which needs no lock, may be writing it.
 */
export async function removeOldHalves(
  folder: string,
  names: readonly string[],
  clock: Clock,
): Promise<void> {
  for (const name of names.filter((each) => each.startsWith(temporaryPrefix))) {
    await removeIfOld(join(folder, name), clock.now().getTime() - anHourMs)
  }
}

async function removeIfOld(path: string, before: number): Promise<void> {
  try {
    const { mtimeMs } = await stat(path)
    if (mtimeMs < before) await rm(path)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}
