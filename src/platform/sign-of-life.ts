import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../model/index.ts'
import { isCode, type Modes, makeFolder } from './files.ts'
import { createLockFile, isDead, lookAt, type Sight, touchLockFile } from './lock-file.ts'
import { recordOfThisProcess } from './lock-holder.ts'

const heartbeatMs = 10_000
const staleMs = 120_000
const ending = '.json'

export interface SignOptions {
  /** What is being used, for others to read. */
  readonly what: string
  readonly clock: Clock
  readonly modes: Modes
}

/**
 * A file in `folder` that says, for as long as it is held and this process lives, that `what` is
 * in use. Any number of processes may hold one for the same thing. It gives signs of life as the
 * lock does, so that what a killed process left is known to be dead.
 * @throws the error of the file system, with its `code`.
 */
export async function holdSign(folder: string, options: SignOptions): Promise<AsyncDisposable> {
  const { what, clock, modes } = options
  await makeFolder(folder, modes.folder)
  const record = recordOfThisProcess(what, clock.now())
  const path = join(folder, `${record.token}${ending}`)
  const file = await createLockFile(path, record, modes.file)
  if (file === null) throw new TypeError('A random name was there already.')
  let beating = Promise.resolve()
  const beat = (): void => {
    // A network file system may be away for a moment; the next beat comes soon.
    beating = touchLockFile(file, record).catch(() => undefined)
  }
  const timer = setInterval(beat, heartbeatMs).unref()
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer)
      await beating
      await file.close()
      await rm(path, { force: true })
    },
  }
}

/** What is in use according to the signs in `folder`; removes those of dead processes. */
export async function readSigns(folder: string): Promise<ReadonlySet<string>> {
  const used = new Set<string>()
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const sight = await lookAt(path)
    if (sight === null) continue
    if (await isKnownDead(sight, folder)) await removeIfAllowed(path)
    else if (sight.record !== null) used.add(sight.record.what)
  }
  return used
}

/** Where we may not touch anything, a sign is believed. */
async function isKnownDead(sight: Sight, folder: string): Promise<boolean> {
  return (await unlessForbidden(isDead(sight, folder, staleMs))) ?? false
}

async function removeIfAllowed(path: string): Promise<void> {
  await unlessForbidden(rm(path, { force: true }))
}

async function unlessForbidden<Result>(doing: Promise<Result>): Promise<Result | null> {
  try {
    return await doing
  } catch (error) {
    if (isCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT')) return null
    throw error
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(ending))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}
