/**
 * Stores: the places that hold backups. Each is a `Store` of the model, so that restoring,
 * verifying, pruning and listing work on any of them. To add one, add a folder, its line here,
 * and a call of `describeStore` in test/contracts/stores.test.ts. A store with a library behind it
 * is loaded when it is first opened.
 */
import type { Store } from '../model/index.ts'
import type { FtpOptions } from './ftp/options.ts'

export type { FtpOptions } from './ftp/options.ts'
export type { Volume } from './volume/volume.ts'
export { openVolume } from './volume/volume.ts'

/**
 * A folder of an FTP server. Connects only when it is used.
 * @throws {Refusal} when the file with the trusted certificates cannot be read.
 */
export async function openFtpStore(options: FtpOptions): Promise<Store> {
  const { ftpStore } = await import('./ftp/ftp.ts')
  return await ftpStore(options)
}
