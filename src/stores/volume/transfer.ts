import { constants, type FileHandle, open as openFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  inProgressPathOf,
  type OpenBackup,
  Refusal,
  type WrittenBackup,
} from '../../model/index.ts'
import { createFile, isCode, makeFolder, syncFolder } from '../../platform/index.ts'
import { orNothing } from './or-nothing.ts'
import { absolutePath, type Place } from './place.ts'
import { type WriteOptions, writeAll } from './write.ts'

interface Source extends WriteOptions {
  readonly source: AsyncIterable<Uint8Array>
}

/** open → written. */
export async function write(
  place: Place,
  { path, partialPath }: OpenBackup,
  { source, ...options }: Source,
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

/** Copies a file from another store: under a partial name first, so it is whole or not there. */
export async function put(
  place: Place,
  path: string,
  { bytes, signal }: { readonly bytes: AsyncIterable<Uint8Array>; readonly signal: AbortSignal },
): Promise<void> {
  const partialPath = inProgressPathOf(path)
  const [partial, final] = [absolutePath(place, partialPath), absolutePath(place, path)]
  await orNothing(place, partialPath, async () => {
    await makeFolder(dirname(final), place.modes.folder)
    // What an earlier attempt left behind.
    await rm(partial, { force: true })
    await writeNew(partial, { source: bytes, signal, mode: place.modes.file })
    await rename(partial, final)
    await syncFolder(dirname(final))
  })
}

async function writeNew(
  path: string,
  { source, signal, mode }: Source & { readonly mode: number },
): Promise<void> {
  await using file = await createFile(path, mode)
  await writeAll(file, source, { signal })
}
