import { describeHolder, type LockHolder } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'

/** How long a run that nobody watches waits for another, in seconds, without LOCK_WAIT. */
const patientSeconds = 3_600

/**
 * Runs `work` while this process holds the lock of the root. The appliance that `work` gets is
 * aborted when the lock is lost: whoever has it now must not find us writing.
 * @throws {Refusal} exit status 3 when somebody else holds it.
 */
export async function withLock<Result>(
  appliance: Appliance,
  { patient }: { readonly patient: boolean },
  work: (locked: Appliance) => Promise<Result>,
): Promise<Result> {
  const { volume, clock, signal, tell, what } = appliance
  await using lock = await volume.acquireLock({
    what,
    waitMs: lockWaitMs(appliance, { patient }),
    signal,
    clock,
    onWait: (holder) => tell({ kind: 'warning', database: null, text: waitingText(holder) }),
  })
  return await work({ ...appliance, signal: AbortSignal.any([signal, lock.lost]) })
}

/** How long to wait for whoever holds a lock, in milliseconds. */
export function lockWaitMs(
  { configuration }: Appliance,
  { patient }: { readonly patient: boolean },
): number {
  const fallback = patient ? patientSeconds : 0
  return (configuration.settings.lockWait?.seconds ?? fallback) * 1000
}

export function waitingText(holder: LockHolder): string {
  return `Another run holds the lock: ${describeHolder(holder)}; waiting for it to end.`
}
