import { FTPError } from 'basic-ftp'
import type { FtpClient } from './client.ts'
import { sizeOf } from './files.ts'

const asideEnding = '.replaced'

/** Gives a whole file its name. Where the server renames over nothing, the old file steps aside. */
export async function publish(client: FtpClient, partial: string, path: string): Promise<void> {
  try {
    await client.rename(partial, path)
  } catch (error) {
    if (!(error instanceof FTPError) || error.code < 500) throw error
    if ((await sizeOf(client, path)) === null) throw error
    await replace(client, partial, path)
  }
}

async function replace(client: FtpClient, partial: string, path: string): Promise<void> {
  const aside = path + asideEnding
  // Of an earlier time, when the connection was lost in between.
  await client.sendIgnoringError(`DELE ${aside}`)
  await client.rename(path, aside)
  try {
    await client.rename(partial, path)
  } catch (error) {
    await client.rename(aside, path)
    throw error
  }
  await client.sendIgnoringError(`DELE ${aside}`)
}
