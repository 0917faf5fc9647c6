import { type FileInfo, FTPError } from 'basic-ftp'
import { messageOf, Refusal } from '../../model/index.ts'
import { flatNameOf } from '../flat-names.ts'
import type { FtpClient } from './client.ts'
import { isAbsent, isUnknownCommand } from './errors.ts'

/** What there is in a folder; nothing where the server says that it is not there. */
export async function entriesOf(client: FtpClient, folder: string): Promise<readonly FileInfo[]> {
  try {
    return await client.list(folder)
  } catch (error) {
    // 450: "no such file" in words of some servers, of which a listing has no other.
    if (isAbsent(error) || (error instanceof FTPError && error.code === 450)) return []
    throw error
  }
}

/** How many bytes the server holds under `path`; null when it holds no such file. */
export async function sizeOf(client: FtpClient, path: string): Promise<number | null> {
  try {
    return await client.size(path)
  } catch (error) {
    if (isAbsent(error)) return null
    if (!isUnknownCommand(error)) throw error
  }
  const slash = path.lastIndexOf('/')
  const entries = await entriesOf(client, path.slice(0, Math.max(0, slash)))
  return entries.find((entry) => entry.isFile && entry.name === path.slice(slash + 1))?.size ?? null
}

/** A file where it really lies on the server. */
export interface Found {
  readonly path: string
  readonly bytes: number
}

/** A backup under its path, or under its flat name; null when it is not there. */
export async function find(client: FtpClient, path: string): Promise<Found | null> {
  const flat = flatNameOf(path)
  for (const place of flat === null ? [path] : [path, flat]) {
    const bytes = await sizeOf(client, place)
    if (bytes !== null) return { path: place, bytes }
  }
  return null
}

/** Removes a file, also under its flat name, and its dated folder if nothing is left in that. */
export async function removeFile(client: FtpClient, path: string): Promise<void> {
  const flat = flatNameOf(path)
  await deleteIfThere(client, path)
  if (flat !== null) await deleteIfThere(client, flat)
  const folder = path.slice(0, path.lastIndexOf('/'))
  // A folder that holds anything stays, and one that is not there is gone.
  if (!folder.startsWith('.')) await client.sendIgnoringError(`RMD ${folder}`)
}

async function deleteIfThere(client: FtpClient, path: string): Promise<void> {
  try {
    await client.remove(path)
  } catch (error) {
    if (!isAbsent(error)) throw error
    if ((await sizeOf(client, path)) === null) return
    throw new Refusal(`The FTP server did not remove ${path}.`, {
      reason: `It says: ${messageOf(error)}`,
      advice: 'Let this user delete files in the folder of FTP_URL.',
      cause: error,
    })
  }
}
