import { join } from 'node:path'
import { exitStatus, isUnattended, Refusal, type Trigger } from '../model/index.ts'
import {
  acquireLock,
  explainingDiskErrors,
  isCode,
  type LockHolder,
  makeFolder,
} from '../platform/index.ts'
import type { Appliance } from './appliance.ts'
import { lockWaitMs, waitingText } from './with-lock.ts'

/** The folder for scratch servers while it is ours alone, or why it cannot be used. */
export interface VerificationPlace extends AsyncDisposable {
  readonly folder: string
  readonly problem: Refusal | null
  readonly lost: readonly AbortSignal[]
}

/** One verification at a time per `VERIFICATION_DIR`. @throws {Refusal} exit status 3. */
export async function takeVerificationPlace(
  appliance: Appliance,
  trigger: Trigger,
): Promise<VerificationPlace> {
  const { configuration, what, signal, clock, modes, tell } = appliance
  const { verificationDir } = configuration.settings
  const folder = join(verificationDir, 'backup-container')
  const waitMs = lockWaitMs(appliance, { patient: isUnattended(trigger) })
  const onWait = (holder: LockHolder): void =>
    tell({ kind: 'warning', database: null, text: waitingText(holder) })
  try {
    // Passable, because the scratch server of root runs as somebody else; what counts is inside.
    await explainingDiskErrors(`Creating ${verificationDir}`, () =>
      makeFolder(verificationDir, modes.folder | 0o011),
    )
    const lock = await acquireLock(folder, { what, waitMs, signal, clock, modes, onWait })
    return { folder, problem: null, lost: [lock.lost], [Symbol.asyncDispose]: () => lock.release() }
  } catch (error) {
    signal.throwIfAborted()
    const problem = isCode(error, 'ENOTDIR', 'EEXIST') ? noFolder(verificationDir, error) : error
    if (!(problem instanceof Refusal) || problem.exitStatus === exitStatus.locked) throw error
    return { folder, problem, lost: [], [Symbol.asyncDispose]: async () => {} }
  }
}

function noFolder(path: string, cause: unknown): Refusal {
  return new Refusal(`${path} is no folder.`, {
    advice: 'Point VERIFICATION_DIR to a folder with room for the restored database.',
    cause,
  })
}
