import { randomBytes } from 'node:crypto'
import { type FileHandle, link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createFile, isCode } from './files.ts'
import { hasEnded, type LockRecord, parseLockRecord } from './lock-holder.ts'

/** What a look at a lock file shows. */
export interface Sight {
  /** null: the disk was full when it was written, or it is just being written. */
  readonly record: LockRecord | null
  /** Its mtime, by the clock of the file server: the last sign of life. */
  readonly touchedAt: Date
  readonly inode: bigint
}

/** null when there is no such file. Opens it, because only that asks a file server anew. */
export async function lookAt(path: string): Promise<Sight | null> {
  try {
    await using file = await open(path, 'r')
    const { mtime, ino } = await file.stat({ bigint: true })
    const text = await file.readFile('utf8')
    return { record: parseLockRecord(text), touchedAt: mtime, inode: ino }
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ESTALE')) return null
    if (!isCode(error, 'EACCES')) throw error
    const { mtime, ino } = await stat(path, { bigint: true })
    return { record: null, touchedAt: mtime, inode: ino }
  }
}

function isSame(one: Sight, other: Sight | null): boolean {
  return one.inode === other?.inode && one.record?.token === other.record?.token
}

/** How file systems say that they have no links. */
const noLinks = ['EPERM', 'ENOTSUP', 'ENOSYS']

/**
 * Creates a lock file with the record in it; null when there is one already. Where links exist, it
 * gets its name with all its bytes in it: whoever kills us leaves no lock that does not say whose
 * it was.
 */
export async function createLockFile(
  path: string,
  record: LockRecord,
  mode: number,
): Promise<FileHandle | null> {
  const draft = `${path}.new-${randomBytes(6).toString('hex')}`
  try {
    const file = await writeLockFile(draft, record, mode)
    if (await giveName(file, draft, path)) return file
    await file.close()
    return null
  } catch (error) {
    if (isCode(error, ...noLinks)) return await createInPlace(path, record, mode)
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function createInPlace(
  path: string,
  record: LockRecord,
  mode: number,
): Promise<FileHandle | null> {
  try {
    return await writeLockFile(path, record, mode)
  } catch (error) {
    if (isCode(error, 'EEXIST')) return null
    throw error
  }
}

async function writeLockFile(path: string, record: LockRecord, mode: number): Promise<FileHandle> {
  const file = await createFile(path, mode)
  try {
    await touchLockFile(file, record)
    return file
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
}

/** A link is made by one process only, also on file servers. false: the name is taken. */
async function giveName(file: FileHandle, draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    // The answer of a file server may be lost, and then the link was made by the first question.
    if (isCode(error, 'EEXIST') && (await file.stat()).nlink > 1) return true
    if (isCode(error, 'EEXIST')) return false
    await file.close()
    throw error
  }
}

/**
 * A sign of life: the same bytes again, so that the file server sets the time, not our clock.
 * Without room for them an empty file has to do, so that pruning can still make room.
 */
export async function touchLockFile(file: FileHandle, record: LockRecord): Promise<void> {
  try {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`)
    await file.write(bytes, 0, bytes.length, 0)
    await file.datasync()
  } catch (error) {
    if (!isCode(error, 'ENOSPC', 'EDQUOT')) throw error
    await file.truncate(0)
  }
}

/**
 * Whether a lock's holder is dead. A process of this machine is asked for directly; any other is
 * dead when the file server has seen no sign of life for `staleMs`.
 */
export async function isDead(sight: Sight, folder: string, staleMs: number): Promise<boolean> {
  const ended = sight.record === null ? null : hasEnded(sight.record)
  if (ended !== null) return ended
  // A time far in the future is as dead as one in the past: the server's clock was set back.
  const silentMs = Math.abs((await serverNow(folder)).getTime() - sight.touchedAt.getTime())
  return silentMs > staleMs
}

/** The time of the machine that sets the times of files in `folder`. */
async function serverNow(folder: string): Promise<Date> {
  const probe = join(folder, `lock.probe-${randomBytes(6).toString('hex')}`)
  try {
    await using file = await open(probe, 'w', 0o600)
    return (await file.stat()).mtime
  } finally {
    await rm(probe, { force: true })
  }
}

/**
 * Moves the file that was seen at `path` out of the way. When it turns out to be another one, a
 * live one that came in between, it goes back.
 */
export async function setAside(path: string, seen: Sight): Promise<void> {
  const aside = `${path}.aside-${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  if (!isSame(seen, await lookAt(aside))) await putBack(aside, path)
  await rm(aside)
}

async function putBack(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path)
  } catch (error) {
    // A third process was quicker: the owner of the file aside learns at its next sign of life.
    if (!isCode(error, 'EEXIST', ...noLinks)) throw error
  }
}

/**
 * Removes the drafts, probes and files set aside that killed processes left beside a lock. `file`
 * is the lock that was just taken: its time is the server's now.
 */
export async function sweep(folder: string, file: FileHandle, staleMs: number): Promise<void> {
  const { mtime: now } = await file.stat()
  const names = (await readdir(folder)).filter((name) => /^lock\..*-[0-9a-f]{12}$/u.test(name))
  for (const name of names) {
    const seen = await lookAt(join(folder, name))
    const isOld = seen !== null && now.getTime() - seen.touchedAt.getTime() > staleMs
    if (isOld) await rm(join(folder, name), { force: true })
  }
}
