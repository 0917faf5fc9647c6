import { access, constants, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { accountOf, Refusal, sentencesOf } from '../model/index.ts'
import { createFile, explainingDiskErrors, isCode } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'

/** Finds out why nothing can be written to the volume just now, in words; null when it can. */
type VolumeProbe = (appliance: Appliance) => Promise<string | null>

/**
 * A probe for a process that lives long. It writes, since rights alone say nothing of a full or
 * read-only volume; before the first run, when there is no place of ours yet, it judges by the
 * rights. What it has once seen and is gone is a problem: a volume that is not mounted any more, in
 * whose place everything would go into the container and be lost with it.
 */
export function volumeProbe(): VolumeProbe {
  let seen: string | null = null
  return async ({ catalog, modes, volume }) => {
    try {
      await explainingDiskErrors('Writing to the volume', async () => {
        try {
          await writeAndRemove(join(catalog.folder, 'probe'), modes.file)
          seen = catalog.folder
        } catch (error) {
          if (!isCode(error, 'ENOENT')) throw error
          if (seen === catalog.folder) throw gone(volume.root)
          await access(await nearestFolder(catalog.folder), constants.W_OK)
        }
      })
      return null
    } catch (error) {
      const { message, reason } = accountOf(error)
      return sentencesOf(message, reason)
    }
  }
}

function gone(root: string): Refusal {
  return new Refusal(`The backups are gone from ${root}.`, {
    reason:
      'They were there since the service was started. The volume may not be mounted any more.',
    advice: 'Mount it again, and restart the container.',
  })
}

async function writeAndRemove(probe: string, mode: number): Promise<void> {
  // One that was left by a kill must not be in the way.
  await rm(probe, { force: true })
  try {
    await using file = await createFile(probe, mode)
    await file.writeFile('x')
  } finally {
    await rm(probe, { force: true })
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
