import { exitStatus, Refusal, secondText } from '../model/index.ts'
import { pauseUnless } from './alarm.ts'
import type { LockRecord } from './lock-holder.ts'

export interface LockHolder {
  /** null: it could not be written (full disk) or read (permissions). */
  readonly record: LockRecord | null
  /** By the clock of the volume's file server. */
  readonly lastSignAt: Date
}

interface Waiting {
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly onWait?: (holder: LockHolder) => void
}

const longestPauseMs = 1_000
/** How long even an impatient command watches another process replace a dead holder. */
const takeoverMs = 3_000

/** Waits longer and longer, up to a second at a time, as long as the options allow. */
export class LockPatience {
  readonly #options: Waiting
  readonly #started = performance.now()
  #waits = 0

  constructor(options: Waiting) {
    this.#options = options
  }

  /**
   * @param isDead nobody alive holds it, but another process is about to take over.
   * @throws {Refusal} exit status 3 when the time is over.
   */
  async wait(holder: LockHolder, { isDead }: { readonly isDead: boolean }): Promise<void> {
    const { waitMs, signal, onWait } = this.#options
    const patienceMs = isDead ? Math.max(waitMs, takeoverMs) : waitMs
    const left = this.#started + patienceMs - performance.now()
    if (left <= 0) throw refusal(holder)
    if (!isDead && this.#waits === 0) onWait?.(holder)
    if (!isDead) this.#waits += 1
    await pauseUnless(signal, Math.min(left, longestPauseMs, 25 * 2 ** this.#waits))
  }
}

/** `backup.sh -1 on backup-7c9f (process 12), since 2026-11-20 01:00:00`, in local time. */
export function describeHolder({ record }: LockHolder): string {
  if (record === null) return 'a run that left no name'
  const { what, host, pid, since } = record
  return `${what} on ${host} (process ${pid}), since ${secondText(new Date(since))}`
}

function refusal(holder: LockHolder): Refusal {
  return new Refusal(`Another run holds the lock: ${describeHolder(holder)}.`, {
    reason:
      'Two runs on one volume would disturb each other. ' +
      `Its last sign of life was at ${secondText(holder.lastSignAt)}.`,
    advice:
      'Wait until it ends, or set LOCK_WAIT (for example 1h) to have this command wait for it. ' +
      'If that container is gone, do nothing: its lock is taken over 2 minutes after that time.',
    exitStatus: exitStatus.locked,
  })
}
