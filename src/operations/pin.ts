import { relative, resolve, sep } from 'node:path'
import { type Backup, exitStatus, Refusal } from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { takeInventory } from './inventory.ts'
import { withLock } from './with-lock.ts'

/**
 * Marks a backup so that nothing prunes it, or takes the mark off.
 * @param path relative to the root, or absolute.
 * @returns the path relative to the root.
 * @throws {Refusal} when there is no such backup, or another run holds the lock.
 */
export async function pin(
  appliance: Appliance,
  path: string,
  { on }: { readonly on: boolean },
): Promise<string> {
  return await withLock(appliance, { patient: false }, async (locked) => {
    const backup = await backupAt(locked, path)
    await mark(locked, backup, on ? locked.clock.now().toISOString() : undefined)
    return backup.path
  })
}

async function backupAt(appliance: Appliance, path: string): Promise<Backup> {
  const { volume } = appliance
  const { root } = volume
  const shown = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
  const wanted = volume.isLocal ? relative(root, resolve(root, path)).split(sep).join('/') : shown
  const { of, foreign } = await takeInventory(appliance)
  const found = [...of.values(), foreign].flat().find((backup) => backup.path === wanted)
  if (found !== undefined) return found
  throw new Refusal(`There is no backup ${path}.`, {
    reason: `It was looked for in ${root}.`,
    advice: 'backup.sh -l shows the paths; one below the root may be written without it.',
    exitStatus: exitStatus.usage,
  })
}

/** In the manifest, or in the appraisal of a backup that has none. */
async function mark(
  { catalog }: Appliance,
  { path, bytes }: Backup,
  pinnedAt: string | undefined,
): Promise<void> {
  const updated = await catalog.update(path, (manifest) => ({ ...manifest, pinnedAt }))
  if (updated !== null) return
  await catalog.appraise({ path, bytes }, (before) => ({ ...before, pinnedAt }))
}
