import { readFile } from 'node:fs/promises'
import { exitStatus, messageOf, Refusal, type Store } from '../../model/index.ts'
import { systemClock } from '../../platform/index.ts'
import { removeFile } from './files.ts'
import { agedAmong, removeIfOld } from './leftovers.ts'
import { listBackups, listRecords, type PartialFile } from './list.ts'
import { checkPath } from './names.ts'
import { open } from './open.ts'
import type { FtpOptions } from './options.ts'
import { put } from './put.ts'
import { Sessions } from './sessions.ts'

const defaultPausesMs = [1_000, 3_000, 10_000, 30_000]

export interface FtpStore extends Store {
  /**
   * Removes unfinished files of these databases that are older than a day, among those that the
   * last listing saw. @returns their paths.
   */
  removeLeftovers(
    isOurs: (core: string) => boolean,
    signal: AbortSignal,
  ): Promise<readonly string[]>
}

/**
 * The folder of an FTP server as a store. Connects only when it is used.
 * @throws {Refusal} when the file with the trusted certificates cannot be read.
 */
export async function ftpStore(options: FtpOptions): Promise<FtpStore> {
  const sessions = new Sessions(options, await trustedBy(options.caFile))
  const pausesMs = options.pausesMs ?? defaultPausesMs
  let partials: readonly PartialFile[] = []
  return {
    name: 'ftp',
    async list(signal) {
      const listing = await sessions.look('Listing the backups', signal, listBackups)
      partials = listing.partials
      return listing.backups
    },
    listRecords: (signal) => sessions.look('Listing the manifests', signal, listRecords),
    open: (path, signal) => open(path, { sessions, pausesMs, signal }),
    put: (path, source, signal) => put(path, source, { sessions, pausesMs, signal }),
    async removeLeftovers(isOurs, signal) {
      const now = systemClock.now()
      const removed: string[] = []
      for (const partial of agedAmong(partials, isOurs, now)) {
        const { path } = partial
        const isGone = await sessions.look(`Removing ${path}`, signal, (client) =>
          removeIfOld(client, partial, now),
        )
        if (isGone) removed.push(path)
      }
      partials = []
      return removed
    },
    async remove(path, signal = new AbortController().signal) {
      checkPath(path)
      await sessions.look(`Removing ${path}`, signal, (client) => removeFile(client, path))
    },
  }
}

async function trustedBy(path: string | null): Promise<string | undefined> {
  if (path === null) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Refusal(`The certificates in ${path} cannot be read.`, {
      reason: messageOf(error),
      advice: 'Correct FTP_CA_FILE, or make the file readable for this user.',
      exitStatus: exitStatus.usage,
      cause: error,
    })
  }
}
