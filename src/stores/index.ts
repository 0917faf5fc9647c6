/**
 * Stores: the places that hold backups. Each is a `Store` of the model, so that restoring,
 * verifying, pruning and listing work on any of them. To add one, add a folder, its line here,
 * and a call of `describeStore` in test/contracts/stores.test.ts.
 */
export type { Volume } from './volume/volume.ts'
export { openVolume } from './volume/volume.ts'
export { withRate } from './wrap/with-rate.ts'
export { withTries } from './wrap/with-tries.ts'
