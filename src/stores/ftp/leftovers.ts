import { FTPError } from 'basic-ftp'
import { instantOfStamp, parseBackupName, pathOfInProgress } from '../../model/index.ts'
import type { FtpClient } from './client.ts'
import type { PartialFile } from './list.ts'

const aDayMs = 86_400_000

/** Of the partial files, those of these databases whose backups were taken more than a day ago. */
export function agedAmong(
  partials: readonly PartialFile[],
  isOurs: (core: string) => boolean,
  now: Date,
): readonly PartialFile[] {
  return partials.filter(({ path }) => {
    const name = parseBackupName(pathOfInProgress(path) ?? '')
    return name !== null && isOurs(name.core) && isOld(instantOfStamp(name.stamp), now)
  })
}

/**
 * Removes a partial file that nobody has written to for a day, with its dated folder if nothing is
 * left in that. An old backup may be on its way just now: where the server does not say the time of
 * the file, it stays.
 */
export async function removeIfOld(
  client: FtpClient,
  { path, modifiedAt }: PartialFile,
  now: Date,
): Promise<boolean> {
  const writtenAt = modifiedAt ?? (await timeOf(client, path))
  if (writtenAt === null || !isOld(writtenAt, now)) return false
  await client.remove(path)
  await client.sendIgnoringError(`RMD ${path.slice(0, path.lastIndexOf('/'))}`)
  return true
}

function isOld(instant: Date, now: Date): boolean {
  return instant.getTime() < now.getTime() - aDayMs
}

/** null: it is gone, or the server does not know the question. */
async function timeOf(client: FtpClient, path: string): Promise<Date | null> {
  try {
    return await client.lastMod(path)
  } catch (error) {
    if (error instanceof FTPError && error.code >= 500) return null
    throw error
  }
}
