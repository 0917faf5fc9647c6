import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ArchiveFile } from '../engines/index.ts'
import {
  type Backup,
  chooseAnotherBackup,
  type Manifest,
  Refusal,
  sumOnRecord,
  withoutEncryptedEnding,
} from '../model/index.ts'
import { BadCiphertext, createFile, decrypted, explainDiskError, NoKey } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'
import { beginsRight } from './begins-right.ts'
import { decryptionKeys } from './encryption.ts'
import { holdOpened, openedPrefix } from './opened-scratch.ts'

/** What became of opening a backup, which is the only way from a stored file to an engine. */
export type Opened =
  /** An archive in clear, where it lies, or in a scratch place until the disposal. */
  | (AsyncDisposable & { readonly kind: 'open'; readonly file: ArchiveFile })
  /** We cannot look inside: no key fits, or there is no room. It says nothing about the backup. */
  | (AsyncDisposable & Locked)
  /** It is not what was sealed, or not what was encrypted. */
  | (AsyncDisposable & { readonly kind: 'damaged'; readonly refusal: Refusal })

interface Locked {
  readonly kind: 'locked'
  readonly refusal: Refusal
  /** It was seen that the stored bytes are those that were sealed. */
  readonly sumAgrees: boolean
}

/**
 * Decrypts a backup once, into a file of its own below `scratch`, which engines then read as often,
 * and from as many places, as they like: none of them knows of encryption. A backup in clear is
 * given as it is.
 * @throws the error of the volume when the file is gone or cannot be read; the reason of a signal.
 */
export async function openArchive(
  appliance: Appliance,
  backup: Backup,
  scratch: string,
): Promise<Opened> {
  const { volume, signal } = appliance
  const { manifest, name, path } = backup
  const { codec, format, encryption } = name
  const stored = { path: volume.absolute(path), codec, format, manifest }
  if (encryption === undefined) return { kind: 'open', file: stored, ...nothingToDispose }
  const place = await placeFor(appliance, path, scratch)
  if (place instanceof Refusal) {
    return { kind: 'locked', refusal: place, sumAgrees: false, ...nothingToDispose }
  }
  try {
    const file = join(place.folder, withoutEncryptedEnding(basename(path)))
    const made = await decryptInto(file, appliance, backup)
    return {
      kind: 'open',
      file: { ...stored, path: file, manifest: ofDecrypted(manifest, made) },
      [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
    }
  } catch (error) {
    await place[Symbol.asyncDispose]()
    signal.throwIfAborted()
    return { ...(await explained(appliance, backup, error)), ...nothingToDispose }
  }
}

const nothingToDispose = { [Symbol.asyncDispose]: async () => {} }

interface OpenedPlace extends AsyncDisposable {
  readonly folder: string
}

/** A folder of its own, and a sign that it is in use. */
async function placeFor(
  appliance: Appliance,
  path: string,
  scratch: string,
): Promise<OpenedPlace | Refusal> {
  try {
    const name = `${openedPrefix}${randomUUID()}`
    const folder = join(scratch, name)
    const sign = await holdOpened(appliance, scratch, name)
    const dispose = async (): Promise<void> => {
      await rm(folder, { recursive: true, force: true })
      await sign[Symbol.asyncDispose]()
    }
    await mkdir(folder, { mode: 0o700 }).catch(async (error: unknown) => {
      await dispose()
      throw error
    })
    return { folder, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    const told = explainDiskError(error, `Decrypting ${path}`)
    if (told instanceof Refusal) return told
    throw error
  }
}

interface Made {
  readonly bytes: number
  readonly sha256: string
}

/** An engine compares its file with the manifest: with what it is in clear, then. */
function ofDecrypted(manifest: Manifest | null, made: Made): Manifest | null {
  return manifest === null ? null : { ...manifest, ...made }
}

/** @throws {Changed} when the stored file is not what was sealed; what `decrypted` throws. */
async function decryptInto(
  file: string,
  { volume, environment, signal, configuration }: Appliance,
  backup: Backup,
): Promise<Made> {
  const { path, name } = backup
  const { encryption = 'age' } = name
  const checksum = createHash('sha256')
  const plainChecksum = createHash('sha256')
  const keys = decryptionKeys({ configuration })
  const bytes = summed(() => volume.open(path, signal), checksum)
  const context = { environment, signal, looksRight: beginsRight(name) }
  let plainBytes = 0
  await using handle = await createFile(file, 0o600)
  for await (const chunk of decrypted(bytes, { encryption, keys }, context)) {
    signal.throwIfAborted()
    await inDisk(handle.appendFile(chunk))
    plainChecksum.update(chunk)
    plainBytes += chunk.length
  }
  const sha256 = checksum.digest('hex')
  const sealed = sumOnRecord(backup)
  if (sealed !== undefined && sha256 !== sealed) throw new Changed()
  return { bytes: plainBytes, sha256: plainChecksum.digest('hex') }
}

/** The stored bytes are not those that were sealed. */
class Changed extends Error {}

/** Writing in clear failed, and not reading what is stored. */
class NoRoom extends Error {}

async function inDisk(writing: Promise<void>): Promise<void> {
  try {
    await writing
  } catch (cause) {
    throw new NoRoom('The scratch place does not take it.', { cause })
  }
}

/** Opened with the first byte that is asked for: without a key that fits, there is none. */
async function* summed(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  checksum: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of await open()) {
    checksum.update(chunk)
    yield chunk
  }
}

type Failed = Locked | { readonly kind: 'damaged'; readonly refusal: Refusal }

async function explained(appliance: Appliance, backup: Backup, error: unknown): Promise<Failed> {
  const { path } = backup
  if (error instanceof NoRoom) {
    const told = explainDiskError(error.cause, `Decrypting ${path}`)
    if (told instanceof Refusal) {
      return { kind: 'locked', refusal: told, sumAgrees: false }
    }
    throw error.cause
  }
  const isOfBytes = error instanceof BadCiphertext || error instanceof NoKey
  // A changed header looks as if the key were wrong; the checksum knows better.
  if (error instanceof Changed || (isOfBytes && !(await isAsSealed(appliance, backup)))) {
    return { kind: 'damaged', refusal: damaged(path, notAsSealed(backup)) }
  }
  if (error instanceof BadCiphertext) {
    return { kind: 'damaged', refusal: damaged(path, error.message) }
  }
  if (error instanceof NoKey) {
    return {
      kind: 'locked',
      refusal: locked(path, error),
      sumAgrees: sumOnRecord(backup) !== undefined,
    }
  }
  throw error
}

/** What is wrong with a backup that `isAsSealed` is not, in words. */
export function notAsSealed({ manifest }: Backup): string {
  const which = manifest === null ? 'the one that it was copied with' : 'that of the manifest'
  return `its checksum is not ${which}`
}

/**
 * Whether the stored bytes are those that were sealed, or first copied; of a backup without a
 * manifest that has never been copied, nobody can tell.
 */
export async function isAsSealed(appliance: Appliance, backup: Backup): Promise<boolean> {
  const sealed = sumOnRecord(backup)
  return sealed === undefined || (await checksumOf(appliance, backup.path)) === sealed
}

/** The SHA-256 of a file on the volume, in lower-case hex. */
export async function checksumOf({ volume, signal }: Appliance, path: string): Promise<string> {
  const checksum = createHash('sha256')
  for await (const chunk of await volume.open(path, signal)) checksum.update(chunk)
  return checksum.digest('hex')
}

function damaged(path: string, what: string): Refusal {
  return new Refusal(`The archive ${basename(path)} is damaged.`, {
    reason: `${what.charAt(0).toUpperCase()}${what.slice(1)}.`,
    advice: chooseAnotherBackup,
    isDamage: true,
  })
}

function locked(path: string, { message, advice }: NoKey): Refusal {
  return new Refusal(`The archive ${basename(path)} cannot be opened here.`, {
    reason: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
    advice,
  })
}
