import { acquireLock } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'

/** What a waiting cycle says, once. */
const waitingText = 'Another run holds the lock; waiting for it to end.'

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
    onWait: () => tell({ kind: 'warning', database: null, text: waitingText }),
  })
  return await work({ ...appliance, signal: AbortSignal.any([signal, lock.lost]) })
}
