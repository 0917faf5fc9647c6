import { lstat, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  type BackupName,
  inProgressPathOf,
  type OpenBackup,
  printBackupName,
  Refusal,
} from '../../model/index.ts'
import { createFile, explainingDiskErrors, isCode, makeFolder } from '../../platform/index.ts'
import { firstFree } from '../free-name.ts'
import { absolutePath, type Place } from './place.ts'

/** So often the name or its folder may vanish between our look and our grasp. */
const mostAttempts = 20

/** The name itself when no backup has it, else that of the next second that is free. */
export async function freeName(place: Place, name: BackupName): Promise<BackupName> {
  const taken = await namesIn(place, dirname(printBackupName(name)))
  return firstFree(name, taken)
}

/** Creates the partial file of a new backup, which nobody else has or had. */
export async function begin(place: Place, name: BackupName): Promise<OpenBackup> {
  for (let attempt = 1; ; attempt += 1) {
    const path = printBackupName(await freeName(place, name))
    try {
      await explainingDiskErrors(`Creating ${path}`, () => create(place, inProgressPathOf(path)))
      return { state: 'open', path, partialPath: inProgressPathOf(path) }
    } catch (error) {
      // Another database may have taken the name, or pruning its empty folder, since we looked.
      if (attempt === mostAttempts || !isCode(error, 'EEXIST', 'ENOENT')) throw error
    }
  }
}

async function create(place: Place, partialPath: string): Promise<void> {
  const { modes } = place
  const file = absolutePath(place, partialPath)
  await makeFolder(dirname(file), modes.folder)
  const levels = dirname(partialPath).split('/')
  for (const [index] of levels.entries()) {
    await refuseLink(absolutePath(place, levels.slice(0, index + 1).join('/')))
  }
  const handle = await createFile(file, modes.file)
  await handle.close()
}

/** Listings follow no links, so a backup behind one would be lost from sight. */
async function refuseLink(folder: string): Promise<void> {
  if ((await lstat(folder)).isDirectory()) return
  throw new Refusal(`${folder} is not a folder of its own.`, {
    reason: 'Backups behind links are neither listed nor pruned.',
    advice: 'Replace it by a real folder, or set BACKUP_DIR to where it leads.',
  })
}

async function namesIn(place: Place, folder: string): Promise<ReadonlySet<string>> {
  try {
    const names = await readdir(absolutePath(place, folder))
    return new Set(names.map((name) => `${folder}/${name}`))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return new Set()
    throw error
  }
}
