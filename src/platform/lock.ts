import { type FileHandle, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../model/index.ts'
import { explainingDiskErrors } from './disk-space.ts'
import { isCode, type Modes, makeFolder } from './files.ts'
import {
  createLockFile,
  isDead,
  lookAt,
  type Sight,
  setAside,
  sweep,
  touchLockFile,
} from './lock-file.ts'
import { type LockRecord, recordOfThisProcess } from './lock-holder.ts'
import { type HeldLock, LockInHand, type LockKeeping, type LockTiming } from './lock-in-hand.ts'
import { type LockHolder, LockPatience } from './lock-patience.ts'

export type { HeldLock } from './lock-in-hand.ts'
export type { LockHolder } from './lock-patience.ts'

export interface LockOptions {
  /** What the holder does, for people: `backup.sh -1`. */
  readonly what: string
  /** How long to wait for another holder; 0: not at all. */
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly modes: Modes
  /** Called once, before the first wait. */
  readonly onWait?: (holder: LockHolder) => void
  /** Only tests are in a hurry. Default: a sign of life every 10 s, dead after 2 minutes. */
  readonly timing?: LockTiming
}

export const unhurried: LockTiming = { heartbeatMs: 10_000, staleMs: 120_000 }

/**
 * Takes the lock `<folder>/lock`, across processes, containers and machines that share the volume
 * (design section 3). A holder that died on this machine is replaced at once, any other after two
 * minutes without a sign of life.
 * @throws {Refusal} with exit status 3 when somebody else holds it until `waitMs` is over, or 1
 *   when the volume does not let us; the reason of `signal` when that aborts.
 */
export async function acquireLock(folder: string, options: LockOptions): Promise<HeldLock> {
  const { what, signal, clock, modes, timing = unhurried } = options
  const record = recordOfThisProcess(what, clock.now())
  const attempt = { folder, record, mode: modes.file, staleMs: timing.staleMs }
  const patience = new LockPatience(options)
  await explainingDiskErrors(`Creating ${folder}`, () => makeFolder(folder, modes.folder))
  for (;;) {
    signal.throwIfAborted()
    const result = await explainingDiskErrors(`Locking ${folder}`, () => tryToLock(attempt))
    if (result === 'taken') continue
    if (result.state === 'ours') {
      return await inHand(lockIn(folder), { file: result.file, record, timing })
    }
    await patience.wait(holderOf(result.sight), { isDead: result.state === 'dead' })
  }
}

/** Who holds the lock in `folder`, or null when nobody alive does. For commands that only read. */
export async function readLock(folder: string): Promise<LockHolder | null> {
  const sight = await lookAt(lockIn(folder))
  if (sight === null) return null
  return (await isKnownDead(sight, folder)) ? null : holderOf(sight)
}

interface Holding {
  readonly file: FileHandle
  readonly record: LockRecord
  readonly timing: LockTiming
}

async function inHand(path: string, { file, record, timing }: Holding): Promise<HeldLock> {
  const { ino } = await file.stat({ bigint: true })
  /** The same file, with our token in it unless there never was room for one. */
  const isOurs = async (): Promise<boolean> => {
    const sight = await lookAt(path)
    return sight?.inode === ino && (sight.record === null || sight.record.token === record.token)
  }
  const keeping: LockKeeping = {
    timing,
    isOurs,
    touch: () => touchLockFile(file, record),
    async giveBack(lost) {
      try {
        if (!lost && (await isOurs())) await rm(path)
      } finally {
        await file.close()
      }
    },
  }
  const lock = new LockInHand(keeping)
  try {
    await sweep(dirname(path), file, timing.staleMs)
    return lock
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface Attempt {
  readonly folder: string
  readonly record: LockRecord
  readonly mode: number
  readonly staleMs: number
}

type Result = { readonly state: 'ours'; readonly file: FileHandle } | Taken | 'taken'

interface Taken {
  /** dead: nobody alive holds it, but another process is about to take over. */
  readonly state: 'alive' | 'dead'
  readonly sight: Sight
}

async function tryToLock(attempt: Attempt): Promise<Result> {
  const { folder, record, mode, staleMs } = attempt
  const path = lockIn(folder)
  const sight = await lookAt(path)
  if (sight === null) {
    const file = await createLockFile(path, record, mode)
    return file === null ? 'taken' : { state: 'ours', file }
  }
  if (!(await isDead(sight, folder, staleMs))) return { state: 'alive', sight }
  await clearAway(attempt)
  const next = await createLockFile(path, record, mode)
  return next === null ? { state: 'dead', sight } : { state: 'ours', file: next }
}

/**
 * Removes the lock of a dead holder. One process at a time: of two that found the same lock dead,
 * the slower one would remove the new lock of the faster one. So each looks again under the guard.
 */
async function clearAway({ folder, record, mode, staleMs }: Attempt): Promise<void> {
  const path = lockIn(folder)
  const guardPath = `${path}.guard`
  if ((await lookAt(guardPath)) !== null) return clearIfDead(guardPath, folder, staleMs)
  const guard = await createLockFile(guardPath, record, mode)
  if (guard === null) return
  try {
    await clearIfDead(path, folder, staleMs)
  } finally {
    await guard.close()
    const seen = await lookAt(guardPath)
    if (seen?.record === null || seen?.record.token === record.token) {
      await setAside(guardPath, seen)
    }
  }
}

async function clearIfDead(path: string, folder: string, staleMs: number): Promise<void> {
  const sight = await lookAt(path)
  if (sight !== null && (await isDead(sight, folder, staleMs))) await setAside(path, sight)
}

/** A reader may not be allowed to touch a probe; then the lock is believed. */
async function isKnownDead(sight: Sight, folder: string): Promise<boolean> {
  try {
    return await isDead(sight, folder, unhurried.staleMs)
  } catch (error) {
    if (isCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT')) return false
    throw error
  }
}

function lockIn(folder: string): string {
  return join(folder, 'lock')
}

function holderOf({ record, touchedAt }: Sight): LockHolder {
  return { record, lastSignAt: touchedAt }
}
