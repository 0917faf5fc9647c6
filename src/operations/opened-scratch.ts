import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { holdSign, isCode, makeFolder, readSigns } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'

/** Names of folders with an archive in clear begin so. */
export const openedPrefix = 'opened-'

/** Beside them: who uses which. */
export const signsFolder = 'in-use'

/**
 * Says that the folder `name`, which does not exist yet, will be in use until the disposal; first
 * removes what killed processes left, because it is in clear.
 */
export async function holdOpened(
  { modes, clock }: Pick<Appliance, 'modes' | 'clock'>,
  scratch: string,
  name: string,
): Promise<AsyncDisposable> {
  await makeFolder(scratch, modes.folder)
  await clearOpened(scratch)
  return await holdSign(join(scratch, signsFolder), { what: name, modes, clock })
}

/** Removes the folders that nobody uses any more. */
export async function clearOpened(scratch: string): Promise<void> {
  // In this order: a folder that was there had its sign before.
  const names = await readdir(scratch).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return []
    throw error
  })
  const opened = names.filter((name) => name.startsWith(openedPrefix))
  if (opened.length === 0) return
  const used = await readSigns(join(scratch, signsFolder))
  for (const name of opened) {
    if (!used.has(name)) await rm(join(scratch, name), { recursive: true, force: true })
  }
}
