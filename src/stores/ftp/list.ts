import type { FileInfo } from 'basic-ftp'
import {
  instantOfStamp,
  isDatedFolder,
  parseBackupName,
  recordsFolder,
  type StoredFile,
  tiers,
} from '../../model/index.ts'
import { pathOfFlatName } from '../flat-names.ts'
import type { FtpClient } from './client.ts'
import { entriesOf } from './files.ts'

/** The finished backups of `<date>/` and `<tier>/<date>/`, and those that the original sent. */
export async function listBackups(client: FtpClient): Promise<readonly StoredFile[]> {
  const root = await entriesOf(client, '')
  const found = new Map<string, StoredFile>()
  for (const folder of await datedFolders(client, root)) {
    for (const entry of await entriesOf(client, folder)) {
      const path = `${folder}/${entry.name}`
      if (entry.isFile && parseBackupName(path) !== null) found.set(path, storedFile(path, entry))
    }
  }
  for (const entry of root) {
    const path = entry.isFile ? pathOfFlatName(entry.name) : null
    // One that was also put under its path is the newer.
    if (path !== null && !found.has(path)) found.set(path, storedFile(path, entry))
  }
  return [...found.values()]
}

/** The manifests that travel beside the backups. */
export async function listRecords(client: FtpClient): Promise<readonly StoredFile[]> {
  const entries = await entriesOf(client, recordsFolder)
  return entries
    .filter((entry) => entry.isFile && !entry.name.startsWith('.') && entry.name.endsWith('.json'))
    .map((entry) => storedFile(`${recordsFolder}/${entry.name}`, entry))
}

async function datedFolders(client: FtpClient, root: readonly FileInfo[]): Promise<string[]> {
  const folders = datedAmong(root)
  for (const tier of tiers) {
    if (!root.some((entry) => entry.isDirectory && entry.name === tier)) continue
    const entries = await entriesOf(client, tier)
    folders.push(...datedAmong(entries).map((folder) => `${tier}/${folder}`))
  }
  return folders
}

function datedAmong(entries: readonly FileInfo[]): string[] {
  return entries
    .filter((entry) => entry.isDirectory && isDatedFolder(entry.name))
    .map(({ name }) => name)
}

function storedFile(path: string, entry: FileInfo): StoredFile {
  return { path, bytes: entry.size, modifiedAt: entry.modifiedAt ?? guessedTime(path, entry) }
}

/** `LIST` gives a time without zone, and without year or time of day; MLSD gives it whole. */
function guessedTime(path: string, { rawModifiedAt }: FileInfo): Date {
  const hasYear = !/:\d\d$/u.test(rawModifiedAt) || /\d[-/]\d+[-/]\d/u.test(rawModifiedAt)
  const now = new Date()
  const listed = new Date(hasYear ? rawModifiedAt : `${rawModifiedAt} ${now.getFullYear()}`)
  if (Number.isNaN(listed.getTime())) {
    const name = parseBackupName(path)
    return name === null ? new Date(0) : instantOfStamp(name.stamp)
  }
  // Without a year it is one of the last twelve months; a day is for zones.
  if (!hasYear && listed.getTime() > now.getTime() + 86_400_000) {
    listed.setFullYear(listed.getFullYear() - 1)
  }
  return listed
}
