import { readFile } from 'node:fs/promises'
import { exitStatus, messageOf, Refusal, type Store } from '../../model/index.ts'
import { removeFile } from './files.ts'
import { listBackups, listRecords } from './list.ts'
import { checkPath } from './names.ts'
import { open } from './open.ts'
import type { FtpOptions } from './options.ts'
import { put } from './put.ts'
import { Sessions } from './sessions.ts'

const defaultPausesMs = [1_000, 3_000, 10_000, 30_000]

/**
 * The folder of an FTP server as a store. Connects only when it is used.
 * @throws {Refusal} when the file with the trusted certificates cannot be read.
 */
export async function ftpStore(options: FtpOptions): Promise<Store> {
  const sessions = new Sessions(options, await trustedBy(options.caFile))
  const pausesMs = options.pausesMs ?? defaultPausesMs
  return {
    name: 'ftp',
    list: (signal) => sessions.look('Listing the backups', signal, listBackups),
    listRecords: (signal) => sessions.look('Listing the manifests', signal, listRecords),
    open: (path, signal) => open(path, { sessions, pausesMs, signal }),
    put: (path, source, signal) => put(path, source, { sessions, pausesMs, signal }),
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
