import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { PreparedDump } from '../engines/index.ts'
import {
  type BackupName,
  type DecryptionKeys,
  Refusal,
  type WrittenBackup,
  withoutEncryptedEnding,
} from '../model/index.ts'
import { decrypted, NoKey, readBackTail } from '../platform/index.ts'
import type { Appliance } from './appliance.ts'
import { beginsRight } from './begins-right.ts'
import { decryptionKeys } from './encryption.ts'
import { scratchPath } from './scratch-path.ts'

/** A written archive up to this size is read back whole before it is sealed. */
const readBackBytes = 8 * 1024 * 1024
/** The end marker of a dump stands within so many of its last bytes. */
const tailBytes = 512

interface Reading {
  readonly dump: PreparedDump
  readonly name: BackupName
}

/**
 * Looks at what was written, from the volume, before it counts: small archives whole, others as far
 * as their tool can quickly. One that is encrypted is read back when it is small and the key to it
 * is here; public keys alone open nothing, and then the ends of all programs must do (decision 11).
 * @throws {Refusal} when it is not what a restore needs.
 */
export async function readBackWritten(
  appliance: Appliance,
  written: WrittenBackup,
  { dump, name }: Reading,
): Promise<void> {
  const { volume, signal } = appliance
  const isWhole = written.bytes <= readBackBytes
  const stored = volume.absolute(written.partialPath)
  if (name.encryption === undefined) {
    return await readBack(appliance, written, { dump, name, path: stored, whole: isWhole })
  }
  const keys = decryptionKeys(appliance)
  if (!isWhole || (keys.identityFile ?? keys.passphrase) === null) return
  const folder = volume.absolute(`${scratchPath}/dump-${randomUUID()}`)
  const path = join(folder, withoutEncryptedEnding(basename(written.path)))
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await openWritten(appliance, written, { keys, name, path })
    await readBack(appliance, written, { dump, name, path, whole: isWhole })
  } catch (error) {
    signal.throwIfAborted()
    // A key to other backups: no reason to throw this one away.
    if (!(error instanceof NoKey)) throw error
    const text = `${basename(written.path)} could not be read back: ${error.message}. ${error.advice}`
    appliance.tell({ kind: 'warning', database: null, text })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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

interface ReadBack extends Reading {
  /** Of the archive in clear. */
  readonly path: string
  readonly whole: boolean
}

/**
 * Small archives are decompressed whole before they count: checksums and the dump's end marker. A
 * large one would take too long here; its parts were all seen to end well. Other formats have no
 * such marker: their own tool at least lists what is in them.
 */
async function readBack(
  { environment, signal }: Appliance,
  written: WrittenBackup,
  { dump, name, path, whole }: ReadBack,
): Promise<void> {
  const { endMarker } = dump
  const { codec, format } = name
  if (format !== 'plain') return await dump.readBack(path, { whole })
  if (!whole) return
  const tail = await readBackTail({ path, codec, tailBytes }, environment, signal).catch(
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
