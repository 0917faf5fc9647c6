import { randomBytes } from 'node:crypto'
import { chmod, type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Refusal } from '../model/index.ts'

/** Permissions of what we create, whatever the umask of the process: `0o600`, `0o700`. */
export interface Modes {
  readonly file: number
  readonly folder: number
}

/** The modes that `BACKUP_UMASK` leaves (contract D-52: files 0600 and folders 0700 by default). */
export function modesOf(umask: number): Modes {
  return { file: 0o666 & ~umask, folder: 0o777 & ~umask }
}

/** Begins the name of a file that is being replaced; one that is left over may be removed. */
export const temporaryPrefix = '.new-'

/**
 * Replaces `path` by a file with this text: readers see the old one or the new one, and when this
 * settles, so does a machine that loses its power. On failure the old one stays.
 * @throws the error of the file system, with its `code`.
 */
export async function writeFileDurably(path: string, text: string, modes: Modes): Promise<void> {
  const folder = dirname(path)
  const random = randomBytes(6).toString('hex')
  const temporary = join(folder, `${temporaryPrefix}${random}-${basename(path)}`)
  try {
    await writeAndSync(temporary, text, modes.file)
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function writeAndSync(path: string, text: string, mode: number): Promise<void> {
  await using file = await createFile(path, mode)
  await file.writeFile(text)
  await file.sync()
}

/** A new file with exactly these permissions, open for reading and writing. EEXIST if it is there. */
export async function createFile(path: string, mode: number): Promise<FileHandle> {
  const file = await open(path, 'wx+', mode)
  try {
    const { mode: now } = await file.stat()
    if ((now & 0o777) !== mode) await insist(file.chmod(mode))
    return file
  } catch (error) {
    await file.close()
    await rm(path)
    throw error
  }
}

/**
 * Makes `path` and what is missing above it, each with exactly these permissions, and durable.
 * Folders that are there already stay as they are.
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdirWithin(path, mode)
  } catch (error) {
    if (isCode(error, 'EEXIST')) return
    throw error
  }
  const { mode: now } = await stat(path)
  // Volumes share their group through the set-group-id bit, which folders inherit: it must stay.
  if ((now & 0o777) !== mode) await insist(chmod(path, (now & 0o7000) | mode))
  await syncFolder(dirname(path))
}

/** Tries twice only: below /proc nothing can be made, though what is above is there. */
async function mkdirWithin(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
    await makeFolder(dirname(path), mode)
    await mkdir(path, mode).catch((again: unknown) => {
      throw isCode(again, 'ENOENT') ? noPlaceForFolders(path, again) : again
    })
  }
}

function noPlaceForFolders(path: string, cause: unknown): Refusal {
  return new Refusal(`Creating ${path} failed: no folder can be made in ${dirname(path)}.`, {
    reason:
      'That folder is there, but its file system takes no new ones, as /proc and /sys do not.',
    advice: 'Set BACKUP_DIR (VERIFICATION_DIR, if it is that) to a folder on a volume.',
    cause,
  })
}

/** What is ours may be changed by us, unless the file system has no permissions of its own. */
async function insist(change: Promise<void>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (!isCode(error, 'EPERM', 'ENOTSUP')) throw error
  }
}

/** Makes the names in a folder durable: what was created, renamed or removed in it. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    // Some network file systems cannot flush folders, and need not: their server does.
    if (!isCode(error, 'EINVAL', 'ENOTSUP')) throw error
  }
}

/** Whether an error is one of the file system with one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
