/**
 * Stores: the places that hold backups. Each is a `Store` of the model, so that restoring,
 * verifying, pruning and listing work on any of them. To add one, add a folder, its line here,
 * and a call of `describeStore` in test/contracts/stores.test.ts. The libraries of stores beyond
 * the volume are loaded when one is opened.
 */
import type { Store } from '../model/index.ts'
import type { S3Options } from './s3/options.ts'

export type { S3Options } from './s3/options.ts'
export type { Volume } from './volume/volume.ts'
export { openVolume } from './volume/volume.ts'

/**
 * A bucket of an object store. Asks the server nothing before it is used.
 * @throws {Refusal} when the file of certificate authorities cannot be read; exit status 2.
 */
export async function openS3Store(options: S3Options): Promise<Store> {
  const { openS3 } = await import('./s3/s3.ts')
  return await openS3(options)
}
