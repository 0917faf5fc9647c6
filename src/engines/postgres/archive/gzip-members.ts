import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { constants, crc32, createInflateRaw, type InflateRaw } from 'node:zlib'
import { Damage } from './damage.ts'
import { isPadding, readAt } from './read-at.ts'

const readBytes = 256 * 1024
const plainBytes = 256 * 1024
/** The fixed part of a member's header, and of its trailer: CRC-32 and size modulo 2^32. */
const headerBytes = 10
const trailerBytes = 8
/** Names and comments in a header may be long, but not so long. */
const mostHeaderBytes = 64 * 1024

const flag = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const

/**
 * The plain bytes of a gzip file, member by member (RFC 1952). Programs tend to take a member with
 * a damaged header for garbage at the end, and to say nothing; here every byte of the file belongs
 * to a member whose checksum and size agree, or is NUL padding after the last.
 * @throws {Damage} when one is not, once all bytes before it were given.
 */
export async function* gunzipped(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  if (size === 0) throw new Damage('it is empty')
  let at = 0
  while (at < size) {
    if (at > 0 && (await isPadding(file, at))) return
    const start = at + (await headerLength(file, at))
    const member = { path, start, signal }
    at = yield* inflated(file, member)
  }
}

interface Member {
  readonly path: string
  readonly start: number
  readonly signal: AbortSignal
}

/** The plain bytes of one member; returns where the next one begins. */
async function* inflated(
  file: FileHandle,
  { path, start, signal }: Member,
): AsyncGenerator<Buffer, number> {
  const source = createReadStream(path, { start, highWaterMark: readBytes, signal })
  const inflate = createInflateRaw({ chunkSize: plainBytes, finishFlush: constants.Z_SYNC_FLUSH })
  source.on('error', (error) => inflate.destroy(error))
  source.pipe(inflate)
  let checksum = 0
  let bytes = 0
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum)
      bytes += chunk.length
      yield chunk
    }
  } catch (error) {
    signal.throwIfAborted()
    throw isOfZlib(error) ? new Damage(`its compressed data is damaged: ${error.message}`) : error
  } finally {
    source.destroy()
  }
  const end = start + consumedBy(inflate)
  const trailer = await readAt(file, end, trailerBytes)
  if (trailer.length < trailerBytes) throw new Damage('it is cut off')
  if (trailer.readUInt32LE(0) !== checksum) throw new Damage('a checksum in it does not agree')
  if (trailer.readUInt32LE(4) !== bytes % 2 ** 32) throw new Damage('a size in it does not agree')
  return end + trailerBytes
}

/** Compressed bytes that belonged to the member; Node reads on, but does not count that. */
function consumedBy(inflate: InflateRaw): number {
  return inflate.bytesWritten
}

async function headerLength(file: FileHandle, at: number): Promise<number> {
  const header = await readAt(file, at, mostHeaderBytes)
  if (header.length < headerBytes) throw new Damage('it is cut off')
  const isMember = header[0] === 0x1f && header[1] === 0x8b && header[2] === 8
  const flags = header[3] ?? 0
  if (!isMember || (flags & flag.reserved) !== 0) {
    throw new Damage(
      at === 0
        ? 'it does not begin as a gzip file does'
        : `what follows its first ${at} bytes is no gzip member`,
    )
  }
  return endOfOptions(header, flags)
}

function endOfOptions(header: Buffer, flags: number): number {
  let at = headerBytes
  if ((flags & flag.extra) !== 0) at += 2 + header.readUInt16LE(Math.min(at, header.length - 2))
  for (const text of [flag.name, flag.comment]) {
    if ((flags & text) === 0) continue
    const end = header.indexOf(0, at)
    if (end === -1) throw new Damage('a header in it is damaged')
    at = end + 1
  }
  if ((flags & flag.headerCrc) === 0) return at
  const isRight =
    at + 2 <= header.length && header.readUInt16LE(at) === (crc32(header.subarray(0, at)) & 0xffff)
  if (!isRight) throw new Damage('a header in it is damaged')
  return at + 2
}

function isOfZlib(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    /^Z_|^ERR_(?:ZLIB|BUFFER)/u.test(String(error.code))
  )
}
