import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { constants, createZstdDecompress } from 'node:zlib'
import { Damage } from './damage.ts'
import { isPadding, readAt } from './read-at.ts'

const readBytes = 256 * 1024
const plainBytes = 256 * 1024
const magic = 0xfd2fb528
/** Frames with this magic, but for its last four bits, hold data for people, and are skipped. */
const skippableMagic = 0x184d2a50
/** Larger windows than `zstd --long` makes would take more memory than a small container has. */
const largestWindowLog = 31

interface Frame {
  readonly from: number
  readonly to: number
  readonly isSkippable: boolean
}

/**
 * The plain bytes of a zstd file, frame by frame (RFC 8878). Where a frame ends is read from its
 * block headers, so every byte of the file belongs to a frame or is NUL padding after the last.
 * @throws {Damage} when one is not, once all bytes before it were given.
 */
export async function* unzstd(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  if (size === 0) throw new Damage('it is empty')
  for (let at = 0; at < size; ) {
    if (at > 0 && (await isPadding(file, at))) return
    const frame = await frameAt(file, at)
    if (frame.to > size) throw new Damage('it is cut off')
    if (!frame.isSkippable) yield* decoded(path, frame, signal)
    at = frame.to
  }
}

async function* decoded(path: string, frame: Frame, signal: AbortSignal): AsyncGenerator<Buffer> {
  const range = { start: frame.from, end: frame.to - 1 }
  const source = createReadStream(path, { ...range, highWaterMark: readBytes, signal })
  const decoder = createZstdDecompress({
    chunkSize: plainBytes,
    params: { [constants.ZSTD_d_windowLogMax]: largestWindowLog },
  })
  source.on('error', (error) => decoder.destroy(error))
  source.pipe(decoder)
  try {
    yield* decoder as AsyncIterable<Buffer>
  } catch (error) {
    signal.throwIfAborted()
    const ofZstd =
      error instanceof Error && 'code' in error && /^ZSTD_|^ERR_ZLIB/u.test(String(error.code))
    throw ofZstd ? new Damage(`its compressed data is damaged: ${error.message}`) : error
  } finally {
    source.destroy()
  }
}

async function frameAt(file: FileHandle, at: number): Promise<Frame> {
  const header = await readAt(file, at, 18)
  if (header.length < 8) throw new Damage('it is cut off')
  const first = header.readUInt32LE(0)
  if ((first & 0xfffffff0) >>> 0 === skippableMagic) {
    return { from: at, to: at + 8 + header.readUInt32LE(4), isSkippable: true }
  }
  if (first !== magic) {
    throw new Damage(
      at === 0
        ? 'it does not begin as a zstd file does'
        : `what follows its first ${at} bytes is no zstd frame`,
    )
  }
  const descriptor = header[4] ?? 0
  const blocks = await endOfBlocks(file, at + headerLength(descriptor))
  const hasChecksum = (descriptor & 4) !== 0
  return { from: at, to: blocks + (hasChecksum ? 4 : 0), isSkippable: false }
}

/** Magic, descriptor, window (unless it is a single segment), dictionary id, content size. */
function headerLength(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  const size = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  return 4 + 1 + (isSingle ? 0 : 1) + dictionary + size
}

const rle = 1

async function endOfBlocks(file: FileHandle, from: number): Promise<number> {
  for (let at = from; ; ) {
    const header = await readAt(file, at, 3)
    if (header.length < 3) throw new Damage('it is cut off')
    const bits = header.readUIntLE(0, 3)
    const size = ((bits >> 1) & 3) === rle ? 1 : bits >> 3
    at += 3 + size
    if ((bits & 1) === 1) return at
  }
}
