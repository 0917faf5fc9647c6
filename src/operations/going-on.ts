import type { RunDocument } from '../model/index.ts'
import type { LockHolder } from '../platform/index.ts'

/** Whoever holds the lock now took it before its own run began; an older run was killed. */
export function isGoingOn(run: RunDocument | undefined, holder: LockHolder | null): boolean {
  if (run === undefined || run.endedAt !== null || holder === null) return false
  return holder.record === null || holder.record.since <= run.startedAt
}
