import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { Refusal } from '../../model/index.ts'
import { untilAborted } from '../until-aborted.ts'
import type { WriteOptions } from '../write-options.ts'
import { Writeback } from './writeback.ts'

/** What was written, measured on the way. */
export interface Written {
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** Writes all bytes of `source` to an empty file, durably. Memory does not grow with them. */
export async function writeAll(
  file: FileHandle,
  source: AsyncIterable<Uint8Array>,
  { signal, onBytes }: WriteOptions,
): Promise<Written> {
  const checksum = createHash('sha256')
  const writeback = new Writeback(file)
  let bytes = 0
  for await (const chunk of untilAborted(source, signal)) {
    const writing = writeChunk(file, chunk)
    // Meanwhile, on this thread.
    checksum.update(chunk)
    await writing
    bytes += chunk.length
    writeback.wrote(chunk.length)
    onBytes?.(bytes)
  }
  await writeback.end()
  await file.sync()
  await checkSize(file, bytes)
  return { bytes, sha256: checksum.digest('hex') }
}

/** The system may take less than it is given. */
async function writeChunk(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written)
    written += bytesWritten
  }
}

async function checkSize(file: FileHandle, bytes: number): Promise<void> {
  const { size } = await file.stat()
  if (size === bytes) return
  throw new Refusal(`The volume kept ${size} of ${bytes} bytes.`, {
    reason: 'It reported each of them as written.',
    advice: 'Check the health of the volume, and that nobody else writes to this file.',
  })
}
