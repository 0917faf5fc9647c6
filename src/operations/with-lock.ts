import { acquireLock, describeHolder, type LockHolder } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'

/** How long a scheduled cycle waits for another run, in seconds, when LOCK_WAIT does not say. */
const scheduledWaitSeconds = 3_600

/**
 * Runs `work` while this process holds the lock of the root. The appliance that `work` gets is
 * aborted when the lock is lost: whoever has it now must not find us writing.
 * @throws {Refusal} exit status 3 when somebody else holds it.
 */
export async function withLock<Result>(
  appliance: Appliance,
  { scheduled }: { readonly scheduled: boolean },
  work: (locked: Appliance) => Promise<Result>,
): Promise<Result> {
  const { configuration, catalog, clock, modes, signal, tell, what } = appliance
  const fallback = scheduled ? scheduledWaitSeconds : 0
  await using lock = await acquireLock(catalog.folder, {
    what,
    waitMs: (configuration.settings.lockWait?.seconds ?? fallback) * 1000,
    signal,
    clock,
    modes,
    onWait: (holder) => tell({ kind: 'warning', database: null, text: waitingText(holder) }),
  })
  return await work({ ...appliance, signal: AbortSignal.any([signal, lock.lost]) })
}

function waitingText(holder: LockHolder): string {
  return `Another run holds the lock: ${describeHolder(holder)}; waiting for it to end.`
}
