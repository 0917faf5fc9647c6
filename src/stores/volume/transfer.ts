import { createReadStream } from 'node:fs'
import { constants, type FileHandle, open as openFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  inProgressPathOf,
  type OpenBackup,
  Refusal,
  type Source,
  type WrittenBackup,
} from '../../model/index.ts'
import { createFile, isCode, makeFolder, syncFolder } from '../../platform/index.ts'
import type { WriteOptions } from '../write-options.ts'
import { orNothing } from './or-nothing.ts'
import { absolutePath, type Place } from './place.ts'
import { writeAll } from './write.ts'

interface Writing extends WriteOptions {
  readonly source: AsyncIterable<Uint8Array>
}

/** open → written. */
export async function write(
  place: Place,
  { path, partialPath }: OpenBackup,
  { source, ...options }: Writing,
): Promise<WrittenBackup> {
  return await orNothing(place, partialPath, async () => {
    await using file = await openFile(absolutePath(place, partialPath), constants.O_WRONLY)
    const { bytes, sha256 } = await writeAll(file, source, options)
    return { state: 'written', path, partialPath, bytes, sha256 }
  })
}

/** The bytes of one file. @throws {Refusal} when it is not there. */
export async function open(
  place: Place,
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW
  let file: FileHandle
  try {
    file = await openFile(absolutePath(place, path), flags)
  } catch (error) {
    if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error
    throw new Refusal(`${path} is not on the volume.`, {
      reason: 'It may have been pruned since it was listed.',
      advice: 'List the backups that there are with `backup.sh -l`.',
      cause: error,
    })
  }
  return file.createReadStream({ signal })
}

/** The bytes from the one at `start` on. */
export function openAt(place: Place, path: string, start: number): AsyncIterable<Uint8Array> {
  return createReadStream(absolutePath(place, path), { start })
}

/** Copies a file from another store: under a partial name first, so it is whole or not there. */
export async function put(
  place: Place,
  path: string,
  { source, signal }: { readonly source: Source; readonly signal: AbortSignal },
): Promise<void> {
  const partialPath = inProgressPathOf(path)
  const [partial, final] = [absolutePath(place, partialPath), absolutePath(place, path)]
  await orNothing(place, partialPath, async () => {
    await makeFolder(dirname(final), place.modes.folder)
    // What an earlier attempt left behind.
    await rm(partial, { force: true })
    const bytes = source.open(0)
    const written = await writeNew(partial, { source: bytes, signal, mode: place.modes.file })
    if (source.bytes !== null && written !== source.bytes) {
      throw new Error(`${path} came as ${written} bytes and not as ${source.bytes}.`)
    }
    await rename(partial, final)
    await syncFolder(dirname(final))
  })
}

async function writeNew(
  path: string,
  { source, signal, mode }: Writing & { readonly mode: number },
): Promise<number> {
  await using file = await createFile(path, mode)
  const { bytes } = await writeAll(file, source, { signal })
  return bytes
}
