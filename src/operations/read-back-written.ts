import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import type { PreparedDump } from '../engines/index.ts'
import {
  type BackupName,
  type DecryptionKeys,
  Refusal,
  sentencesOf,
  type WrittenBackup,
  withoutEncryptedEnding,
} from '../model/index.ts'
import {
  decrypted,
  explainingDiskErrors,
  explainingScratchErrors,
  NoKey,
  readBackTail,
} from '../platform/index.ts'
import type { Appliance } from './appliance.ts'
import { beginsRight } from './begins-right.ts'
import { decryptionKeys } from './encryption.ts'
import { checksumOf } from './opened-archive.ts'

/** A written archive up to this size is read back whole before it is sealed. */
export const readBackBytes = 8 * 1024 * 1024
/** The end marker of a dump stands within so many of its last bytes. */
const tailBytes = 512

interface Reading {
  readonly dump: PreparedDump
  readonly name: BackupName
  /** What was encrypted, when that is little; null: it was much, or it was not encrypted. */
  readonly clear: Buffer | null
}

/**
 * Looks at what was written, from the volume, before it counts: small archives whole, others as far
 * as their tool can quickly. Of one that is encrypted see `readBackEncrypted`.
 * @throws {Refusal} when it is not what a restore needs.
 */
export async function readBackWritten(
  appliance: Appliance,
  written: WrittenBackup,
  reading: Reading,
): Promise<void> {
  const whole = written.bytes <= readBackBytes
  if (reading.name.encryption !== undefined) {
    if (whole) await readBackEncrypted(appliance, written, reading)
    return
  }
  const { volume, signal } = appliance
  const { path, partialPath } = written
  if (reading.name.format === 'plain') {
    if (!whole) return
    const bytes = await volume.open(partialPath, signal)
    return await readBackPlain(appliance, written, { ...reading, bytes })
  }
  if (volume.isLocal) return await reading.dump.readBack(volume.absolute(partialPath), { whole })
  // Of a large one that is elsewhere the ends of all programs must do (decision 13).
  if (!whole) return
  await using file = await scratchFile(appliance, path)
  await writeFile(file.path, await volume.open(partialPath, signal), { mode: 0o600, signal })
  await reading.dump.readBack(file.path, { whole })
}

/** A place for a file of this name, until it is disposed of. */
async function scratchFile(
  { volume }: Appliance,
  path: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = join(volume.scratch, `dump-${randomUUID()}`)
  const doing = `Creating ${folder}`
  const create = (): Promise<unknown> => mkdir(folder, { recursive: true, mode: 0o700 })
  if (volume.isLocal) await explainingDiskErrors(doing, create)
  else await explainingScratchErrors(volume.scratch, doing, create)
  return {
    path: join(folder, basename(path)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/**
 * A small encrypted archive: its bytes on the volume, and what is in it, if the key is here. Public
 * keys alone open nothing: then a plain dump is looked at as it was before it was encrypted, and for
 * what is between, and for other formats, the ends of all programs must do (decision 11).
 */
async function readBackEncrypted(
  appliance: Appliance,
  written: WrittenBackup,
  reading: Reading,
): Promise<void> {
  const { clear, name } = reading
  const { path: finalPath, partialPath, sha256 } = written
  if ((await checksumOf(appliance, partialPath)) !== sha256) {
    throw unreadable(written, new Error('What the volume gives back is not what was written'))
  }
  const keys = decryptionKeys(appliance)
  try {
    if ((keys.identityFile ?? keys.passphrase) !== null) {
      await openAndReadBack(appliance, written, reading)
      return
    }
  } catch (error) {
    appliance.signal.throwIfAborted()
    // A key to other backups: no reason to throw this one away.
    if (!(error instanceof NoKey)) throw error
    const text = `${basename(finalPath)} could not be read back: ${sentencesOf(error.message, error.advice)}`
    appliance.tell({ kind: 'warning', database: null, text })
  }
  if (clear === null || name.format !== 'plain') return
  await readBackPlain(appliance, written, { ...reading, bytes: Readable.from([clear]) })
}

async function openAndReadBack(
  appliance: Appliance,
  written: WrittenBackup,
  reading: Reading,
): Promise<void> {
  const { name, dump } = reading
  await using file = await scratchFile(appliance, withoutEncryptedEnding(written.path))
  const { path } = file
  await openWritten(appliance, written, { keys: decryptionKeys(appliance), name, path })
  if (name.format !== 'plain') return await dump.readBack(path, { whole: true })
  await readBackPlain(appliance, written, { ...reading, bytes: createReadStream(path) })
}

interface Opening {
  readonly keys: DecryptionKeys
  readonly name: BackupName
  readonly path: string
}

async function openWritten(
  { volume, environment, signal }: Appliance,
  written: WrittenBackup,
  { keys, name, path }: Opening,
): Promise<void> {
  const bytes = await volume.open(written.partialPath, signal)
  const context = { environment, signal, looksRight: beginsRight(name) }
  try {
    const plain = decrypted(bytes, { encryption: name.encryption ?? 'age', keys }, context)
    await writeFile(path, plain, { mode: 0o600, signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof NoKey ? error : unreadable(written, error)
  }
}

interface PlainReading extends Reading {
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * Small archives are decompressed whole before they count: checksums and the dump's end marker. A
 * large one would take too long here; its parts were all seen to end well. Other formats have no
 * such marker: their own tool at least lists what is in them.
 */
async function readBackPlain(
  { environment, signal }: Appliance,
  written: WrittenBackup,
  { dump: { endMarker }, name: { codec }, bytes }: PlainReading,
): Promise<void> {
  const tail = await readBackTail({ bytes, codec, tailBytes }, environment, signal).catch(
    (error: unknown) => {
      signal.throwIfAborted()
      throw unreadable(written, error)
    },
  )
  if (tail.includes(endMarker)) return
  throw new Refusal(`The dump in ${basename(written.path)} is not whole.`, {
    reason: 'Its tool ended without an error, but the end marker of a dump is missing.',
    advice: 'Look at what PG_BIN_DIR or the PATH lead to: it may not be the real pg_dump.',
  })
}

function unreadable(written: WrittenBackup, cause: unknown): Refusal {
  const { message } = cause instanceof Error ? cause : { message: String(cause) }
  return new Refusal(`The archive ${basename(written.path)} cannot be read back.`, {
    reason: `${message}.`,
    advice: 'Check the compressor that the PATH leads to (igzip, pigz, zstd), and the volume.',
    cause,
  })
}
