import { type ConfiguredDatabase, Refusal, type Trigger } from '../../model/index.ts'
import type { Appliance } from '../appliance.ts'
import { RunRecord } from '../run-record.ts'
import { withLock } from '../with-lock.ts'
import { finishMirrors } from './finish-mirrors.ts'
import { type MirrorOutcome, MirrorRun } from './mirror-run.ts'

export interface MirrorRequest {
  readonly databases: readonly ConfiguredDatabase[]
  /** The name of a mirror; null: all. */
  readonly store: string | null
  readonly trigger: Trigger
  /** Whether to wait for another run. */
  readonly patient: boolean
}

/**
 * Brings the mirrors to what their policies want, without a new backup.
 * @throws {Refusal} when there is none of that name, or the lock is taken.
 */
export async function mirrorAll(
  appliance: Appliance,
  { databases, store, trigger, patient }: MirrorRequest,
): Promise<readonly MirrorOutcome[]> {
  const mirrors = appliance.mirrors.filter(({ name }) => store === null || name === store)
  if (mirrors.length === 0) throw noSuchMirror(appliance, store)
  return await withLock(appliance, { patient }, async (locked) => {
    const record = await RunRecord.begin(locked, { verb: 'mirror', trigger })
    try {
      const runs = mirrors.map((mirror) => new MirrorRun(locked, mirror, Number.POSITIVE_INFINITY))
      const outcomes = await finishMirrors(runs, databases)
      await record.mirrored(outcomes)
      return outcomes
    } finally {
      await record.end()
    }
  })
}

function noSuchMirror({ mirrors }: Appliance, store: string | null): Refusal {
  const names = mirrors.map(({ name }) => name).join(', ')
  if (mirrors.length === 0) {
    return new Refusal('There is no mirror to copy to.', {
      reason:
        'None of FTP_URL, S3_BUCKET and RESTIC_REPOSITORY is set, or MIRRORS leaves them out.',
      advice: 'docs/mirrors.md says how to set one up.',
      exitStatus: 2,
    })
  }
  return new Refusal(`There is no mirror "${store}".`, {
    reason: `This configuration has: ${names}.`,
    advice: 'Leave --from out, for all of them.',
    exitStatus: 2,
    isTyped: true,
  })
}
