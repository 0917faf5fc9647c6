import { readFileSync } from 'node:fs'
import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock, Reading, Records } from '../model/index.ts'
import {
  holdSign,
  isCode,
  type Modes,
  makeFolder,
  readSigns,
  syncFolder,
  takingTurns,
  temporaryPrefix,
  writeFileDurably,
} from '../platform/index.ts'

interface Options {
  readonly modes: Modes
  readonly clock: Clock
}

const anHourMs = 3_600_000

/** Records as files below `root`, which is made when the first is written. */
export function fileRecords(root: string, { modes, clock }: Options): Records {
  const at = (path: string): string => join(root, path)
  return {
    label: at,
    names: (folder) => namesIn(at(folder)),
    folders: (folder) => namesIn(at(folder)),
    read: async (path) => readNow(at(path)),
    async *readMany(paths) {
      const letOthersRun = takingTurns()
      for (const path of paths) {
        const reading = readNow(at(path))
        if (reading !== null) yield [path, reading]
        await letOthersRun()
      }
    },
    async write(path, text) {
      await makeFolder(dirname(at(path)), modes.folder)
      await writeFileDurably(at(path), text, modes)
    },
    remove: (path) => rm(at(path), { force: true }),
    tidy: (folder, { mayGo }) => tidy(at(folder), { clock, mayGo }),
    signs: (folder) => ({
      hold: (what) => holdSign(at(folder), { what, modes, clock }),
      read: () => readSigns(at(folder)),
    }),
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Synchronous, because for thousands of small files that is several times as fast. */
function readNow(file: string): Reading | null {
  try {
    return { text: readFileSync(file, 'utf8') }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    if (!(error instanceof Error) || !isCode(error, 'EACCES', 'EISDIR')) throw error
    return { problem: error.message }
  }
}

/** Makes removals durable, and removes halves. */
async function tidy(
  folder: string,
  { clock, mayGo }: Pick<Options, 'clock'> & { readonly mayGo: boolean },
): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      if (name.startsWith(temporaryPrefix)) await removeIfOld(join(folder, name), clock)
    }
    await syncFolder(folder)
    if (mayGo) await rmdir(folder)
  } catch (error) {
    if (!isCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error
  }
}

/**
 * Removes a document that a killed run did not finish writing. One that is younger than an hour
 * stays: a verification, which needs no lock, may be writing it.
 */
async function removeIfOld(path: string, clock: Clock): Promise<void> {
  try {
    const { mtimeMs } = await stat(path)
    if (mtimeMs < clock.now().getTime() - anHourMs) await rm(path)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}
