import { access, constants, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFile, explainingDiskErrors, isCode, type Modes } from '../../platform/index.ts'

/**
 * Writes and removes a file in `folder`, since rights alone say nothing of a full or read-only
 * volume. Before the first run, when there is no such folder yet, it judges by the rights: false.
 * @throws {Refusal} what is wrong with the volume.
 */
export async function probe(folder: string, modes: Modes): Promise<boolean> {
  return await explainingDiskErrors('Writing to the volume', async () => {
    try {
      await writeAndRemove(join(folder, 'probe'), modes.file)
      return true
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error
      await access(await nearestFolder(folder), constants.W_OK)
      return false
    }
  })
}

async function writeAndRemove(path: string, mode: number): Promise<void> {
  // One that was left by a kill must not be in the way.
  await rm(path, { force: true })
  try {
    await using file = await createFile(path, mode)
    await file.writeFile('x')
  } finally {
    await rm(path, { force: true })
  }
}

async function nearestFolder(path: string): Promise<string> {
  try {
    await access(path)
    return path
  } catch (error) {
    if (!isCode(error, 'ENOENT') || dirname(path) === path) throw error
    return await nearestFolder(dirname(path))
  }
}
