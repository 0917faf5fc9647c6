import { access, constants, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { accountOf } from '../model/index.ts'
import { createFile, explainingDiskErrors, isCode } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'

/**
 * Why nothing can be written to the volume just now, in words; null when it can. Found out by
 * writing, since rights alone say nothing of a full or read-only volume; before the first run, when
 * there is no place of ours yet, by the rights.
 */
export async function volumeProblem({ catalog, modes }: Appliance): Promise<string | null> {
  const probe = join(catalog.folder, 'probe')
  try {
    await explainingDiskErrors('Writing to the volume', async () => {
      try {
        // One that was left by a kill must not be in the way.
        await rm(probe, { force: true })
        await using file = await createFile(probe, modes.file)
        await file.writeFile('x')
      } catch (error) {
        if (!isCode(error, 'ENOENT')) throw error
        await access(await nearestFolder(catalog.folder), constants.W_OK)
      }
      await rm(probe, { force: true })
    })
    return null
  } catch (error) {
    const { message, reason } = accountOf(error)
    return `${message} ${reason}`.trim()
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
