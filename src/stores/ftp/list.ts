import type { FileInfo } from 'basic-ftp'
import {
  instantOfStamp,
  isDatedFolder,
  parseBackupName,
  pathOfInProgress,
  recordsFolder,
  type StoredFile,
  tiers,
} from '../../model/index.ts'
import { pathOfFlatName } from '../flat-names.ts'
import type { FtpClient } from './client.ts'
import { entriesOf } from './files.ts'

/** What a listing of backups saw. */
export interface FtpListing {
  readonly backups: readonly StoredFile[]
  /** What is being written, or was when its run died. */
  readonly partials: readonly PartialFile[]
}

export interface PartialFile {
  readonly path: string
  /** null: the server does not say it in a way that can be relied on. */
  readonly modifiedAt: Date | null
}

/** The finished backups of `<date>/` and `<tier>/<date>/`, and those that the original sent. */
export async function listBackups(client: FtpClient): Promise<FtpListing> {
  const root = await entriesOf(client, '')
  const found = new Map<string, StoredFile>()
  const partials: PartialFile[] = []
  for (const { path, entry } of await datedFiles(client, root)) {
    if (parseBackupName(path) !== null) found.set(path, storedFile(path, entry))
    if (pathOfInProgress(path) === null) continue
    partials.push({ path, modifiedAt: entry.modifiedAt ?? null })
  }
  for (const entry of root) {
    const path = entry.isFile ? pathOfFlatName(entry.name) : null
    // One that was also put under its path is the newer.
    if (path !== null && !found.has(path)) found.set(path, flatFile(path, entry))
  }
  return { backups: [...found.values()], partials }
}

/** The manifests that travel beside the backups. */
export async function listRecords(client: FtpClient): Promise<readonly StoredFile[]> {
  const entries = await entriesOf(client, recordsFolder)
  return entries
    .filter((entry) => entry.isFile && !entry.name.startsWith('.') && entry.name.endsWith('.json'))
    .map((entry) => storedFile(`${recordsFolder}/${entry.name}`, entry))
}

async function datedFiles(
  client: FtpClient,
  root: readonly FileInfo[],
): Promise<readonly { readonly path: string; readonly entry: FileInfo }[]> {
  const files: { path: string; entry: FileInfo }[] = []
  for (const folder of await datedFolders(client, root)) {
    for (const entry of await entriesOf(client, folder)) {
      if (entry.isFile) files.push({ path: `${folder}/${entry.name}`, entry })
    }
  }
  return files
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

function flatFile(path: string, entry: FileInfo): StoredFile {
  return { ...storedFile(path, entry), storedAs: entry.name }
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
