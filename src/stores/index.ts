/**
 * Stores: the places that hold backups. Each is a `Store` of the model, so that restoring,
 * verifying, pruning and listing work on any of them. To add one, add a folder, its line here,
 * and a file with a call of `describeStore` in test/contracts/. A store with a library behind it is
 * loaded when it is first opened.
 */
import type { Store } from '../model/index.ts'
import type { FtpStore } from './ftp/ftp.ts'
import type { FtpOptions } from './ftp/options.ts'
import type { S3Options } from './s3/options.ts'
import type { S3Primary, S3PrimaryOptions } from './s3/primary/primary.ts'

export type { FtpStore } from './ftp/ftp.ts'
export type { FtpOptions } from './ftp/options.ts'
export type { Primary } from './primary.ts'
export type { ResticOptions } from './restic/options.ts'
export type { ResticStore } from './restic/restic.ts'
export { openResticStore } from './restic/restic.ts'
export type { S3Options } from './s3/options.ts'
export type { S3Primary } from './s3/primary/primary.ts'
export { openVolume } from './volume/volume.ts'

/**
 * A folder of an FTP server. Connects only when it is used.
 * @throws {Refusal} when the file with the trusted certificates cannot be read.
 */
export async function openFtpStore(options: FtpOptions): Promise<FtpStore> {
  const { ftpStore } = await import('./ftp/ftp.ts')
  return await ftpStore(options)
}

/**
 * A bucket of an object store. Asks the server nothing before it is used.
 * @throws {Refusal} when the file of certificate authorities cannot be read; exit status 2.
 */
export async function openS3Store(options: S3Options): Promise<Store> {
  const { openS3 } = await import('./s3/s3.ts')
  return await openS3(options)
}

/**
 * A prefix of a bucket as the place of new backups. Asks the server nothing before it is used.
 * @throws {Refusal} when the file of certificate authorities cannot be read; exit status 2.
 */
export async function openS3Primary(options: S3PrimaryOptions): Promise<S3Primary> {
  const primary = await import('./s3/primary/primary.ts')
  return await primary.openS3Primary(options)
}
export { withRate } from './wrap/with-rate.ts'
export { withTries } from './wrap/with-tries.ts'
