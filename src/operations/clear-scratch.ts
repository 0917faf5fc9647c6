import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Appliance } from './appliance.ts'
import { clearOpened, openedPrefix, signsFolder } from './opened-scratch.ts'

/** A restore needs no lock, so what it has unpacked counts as left over only after so long. */
const longestRestoreMs = 7 * 86_400_000

/**
 * Removes what dead runs left in the scratch folder. The caller holds the lock, so no live dump has
 * anything there.
 */
export async function clearScratch({
  volume,
  clock,
}: Pick<Appliance, 'volume' | 'clock'>): Promise<void> {
  const folder = volume.scratch
  await clearOpened(folder)
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const isOfDump = name.startsWith('dump-')
    const { mtime } = await stat(path).catch(() => ({ mtime: clock.now() }))
    // Whether these are still in use was just looked up, and who uses them says so for ever.
    if (name.startsWith(openedPrefix) || name === signsFolder) continue
    const isOld = clock.now().getTime() - mtime.getTime() > longestRestoreMs
    if (isOfDump || isOld) await rm(path, { recursive: true, force: true })
  }
}
