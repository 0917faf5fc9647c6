/**
 * Operations: a file per verb. Each takes what it needs as arguments, tells its progress as
 * events, and returns a value; faces show both. This is the only floor on which rooms meet.
 */
export type { Appliance } from './appliance.ts'
export type { CycleResult } from './back-up-all.ts'
export { backUpAll } from './back-up-all.ts'
export type { CheckResult } from './check.ts'
export { checkAll } from './check.ts'
export type { Choice } from './choose-backup.ts'
export { chooseBackup } from './choose-backup.ts'
export type { Deletion, Selection } from './delete-by-filter.ts'
export { deleteByFilter, planDeletion } from './delete-by-filter.ts'
export type { Listing } from './list.ts'
export { allBackups, listBackups } from './list.ts'
export type { PrunePlan } from './prune.ts'
export { planPruning, pruneAll } from './prune.ts'
export type { RestoreRequest, RestoreResult } from './restore.ts'
export { planRestore, restore } from './restore.ts'
export type { DatabaseStatus } from './status.ts'
export { readStatus } from './status.ts'
export type { VerifyResult } from './verify.ts'
export { isGood, verifyAll } from './verify.ts'
