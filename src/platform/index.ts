/**
 * Platform: everything that touches the machine: programs, files, the lock, the clock. Rooms above
 * compose; this floor does.
 */
export type { Alarm } from './alarm.ts'
export { pauseUnless, systemAlarm } from './alarm.ts'
export type { Environment } from './base-environment.ts'
export { baseEnvironment, pick } from './base-environment.ts'
export type { Child, Ending } from './child.ts'
export { startChild } from './child.ts'
export type { Compressor } from './codec.ts'
export { compressMember, findCompressor } from './codec.ts'
export type { Command } from './command.ts'
export type { DiskSpace } from './disk-space.ts'
export {
  diskSpaceOf,
  explainDiskError,
  explainingDiskErrors,
  explainingScratchErrors,
} from './disk-space.ts'
export type { DiskEntry } from './disk-usage.ts'
export { diskUsage } from './disk-usage.ts'
export {
  BadCiphertext,
  decrypted,
  encrypted,
  NoKey,
  refuseIfNotPossible,
} from './encryption/index.ts'
export type { Modes } from './files.ts'
export {
  createFile,
  isCode,
  makeFolder,
  modesOf,
  syncFolder,
  temporaryPrefix,
  writeFileDurably,
} from './files.ts'
export { findProgram, foldersOf } from './find-program.ts'
export type { HeldLock, LockHolder, LockOptions } from './lock.ts'
export { acquireLock, readLock, unhurried } from './lock.ts'
export type { LockRecord } from './lock-holder.ts'
export { hasEnded, parseLockRecord, processExists, recordOfThisProcess } from './lock-holder.ts'
export type { LockKeeping, LockTiming } from './lock-in-hand.ts'
export { LockInHand } from './lock-in-hand.ts'
export { describeHolder, LockPatience } from './lock-patience.ts'
export { paced } from './paced.ts'
export { runPipeline } from './pipeline.ts'
export { plainBytesOf } from './plain-bytes.ts'
export { ProcessFailure } from './process-failure.ts'
export { readBackTail } from './read-back.ts'
export { readTextIfThere } from './read-text.ts'
export { runCommand } from './run-command.ts'
export { holdSign, readSigns } from './sign-of-life.ts'
export { listenToSignals } from './signals.ts'
export type { JobProcess } from './start-job.ts'
export { startJob } from './start-job.ts'
export { systemClock } from './system-clock.ts'
export { takingTurns } from './take-turns.ts'
export { writeTerminationMessage } from './termination-message.ts'
