import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  isDatedFolder,
  parseBackupName,
  pathOfInProgress,
  recordsFolder,
  type StoredFile,
  tiers,
} from '../../model/index.ts'
import { explainingDiskErrors, isCode, takingTurns } from '../../platform/index.ts'

/** The finished backups. A root that is not there holds none. */
export async function listBackups(
  root: string,
  signal: AbortSignal,
): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = []
  await visitFiles(root, signal, (path) => {
    if (parseBackupName(path) === null) return
    const stats = lstatSync(join(root, path), { throwIfNoEntry: false })
    // Pruning may be at work: what is gone since the folder was read is not listed.
    if (stats !== undefined) files.push({ path, bytes: stats.size, modifiedAt: stats.mtime })
  })
  return files
}

/** The manifests; a half that a killed run left is none. */
export async function listRecords(
  root: string,
  signal: AbortSignal,
): Promise<readonly StoredFile[]> {
  const letOthersRun = takingTurns()
  const files: StoredFile[] = []
  for (const entry of entriesOf(join(root, recordsFolder))) {
    signal.throwIfAborted()
    const path = `${recordsFolder}/${entry.name}`
    const isRecord = entry.isFile() && !entry.name.startsWith('.') && path.endsWith('.json')
    const stats = isRecord ? lstatSync(join(root, path), { throwIfNoEntry: false }) : undefined
    if (stats !== undefined) files.push({ path, bytes: stats.size, modifiedAt: stats.mtime })
    await letOthersRun()
  }
  return files
}

/** Paths of what is being written, or was when its run died. */
export async function listPartials(root: string, signal: AbortSignal): Promise<readonly string[]> {
  const partials: string[] = []
  await visitFiles(root, signal, (path) => {
    if (pathOfInProgress(path) !== null) partials.push(path)
  })
  return partials
}

/**
 * Visits the regular files of `<date>/` and `<tier>/<date>/` below the root, and nothing else: no
 * links, no hidden folders, no folders beside the root (D-08).
 */
async function visitFiles(
  root: string,
  signal: AbortSignal,
  visit: (path: string) => void,
): Promise<void> {
  const letOthersRun = takingTurns()
  await explainingDiskErrors(`Reading ${root}`, async () => {
    for (const folder of datedFolders(root)) {
      for (const entry of entriesOf(join(root, folder))) {
        signal.throwIfAborted()
        if (entry.isFile() && !entry.name.startsWith('.')) visit(`${folder}/${entry.name}`)
        await letOthersRun()
      }
    }
  })
}

function datedFolders(root: string): string[] {
  const levels = ['', ...tiers.map((tier) => `${tier}/`)]
  return levels.flatMap((level) => {
    if (level !== '' && !isRealFolder(join(root, level))) return []
    return entriesOf(join(root, level))
      .filter((entry) => entry.isDirectory() && isDatedFolder(entry.name))
      .map(({ name }) => `${level}${name}`)
  })
}

function isRealFolder(path: string): boolean {
  // A slash at the end would follow a link.
  return lstatSync(path.replace(/\/$/u, ''), { throwIfNoEntry: false })?.isDirectory() ?? false
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}
