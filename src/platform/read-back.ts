import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import type { Codec } from '../model/index.ts'
import { baseEnvironment, type Environment } from './base-environment.ts'
import { findProgram, foldersOf } from './find-program.ts'
import { throughProgram } from './through-program.ts'

export interface ReadBack {
  /** Of the whole archive. */
  readonly bytes: AsyncIterable<Uint8Array>
  readonly codec: Codec
  /** How many of the last plain bytes are wanted. */
  readonly tailBytes: number
}

/**
 * Decompresses a whole archive, checking every member's checksum on the way, and returns its last
 * plain bytes.
 * @throws when it is cut, damaged, or cannot be read.
 */
export async function readBackTail(
  { bytes, codec, tailBytes }: ReadBack,
  environment: Environment,
  signal: AbortSignal,
): Promise<Buffer> {
  let tail = Buffer.alloc(0)
  const keepTail = async (plain: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of plain) tail = Buffer.concat([tail, chunk]).subarray(-tailBytes)
  }
  // Node's zstd reads one frame only; where there is no zstd, none of our archives has more.
  const zstd = codec === 'zstd' ? await findProgram('zstd', foldersOf(environment['PATH'])) : null
  if (zstd === null) await pipeline(bytes, decoderOf(codec), keepTail, { signal })
  else {
    const args = ['-q', '-d', '-c']
    const command = { program: zstd, args, environment: baseEnvironment(environment) }
    await keepTail(throughProgram(bytes, command, signal))
  }
  return tail
}

function decoderOf(codec: Codec): PassThrough | Gunzip | ZstdDecompress {
  if (codec === 'none') return new PassThrough()
  return codec === 'gzip' ? createGunzip() : createZstdDecompress()
}
