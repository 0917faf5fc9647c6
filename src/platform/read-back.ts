import { createReadStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import type { Codec } from '../model/index.ts'
import { baseEnvironment, type Environment } from './base-environment.ts'
import { findProgram, foldersOf } from './find-program.ts'
import { runPipeline } from './pipeline.ts'

export interface ReadBack {
  readonly path: string
  readonly codec: Codec
  /** How many of the last plain bytes are wanted. */
  readonly tailBytes: number
}

/**
 * Decompresses a whole file, checking every member's checksum on the way, and returns its last
 * plain bytes.
 * @throws when the file is cut, damaged, or cannot be read.
 */
export async function readBackTail(
  { path, codec, tailBytes }: ReadBack,
  environment: Environment,
  signal: AbortSignal,
): Promise<Buffer> {
  let tail = Buffer.alloc(0)
  const keepTail = async (plain: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of plain) tail = Buffer.concat([tail, chunk]).subarray(-tailBytes)
  }
  // Node's zstd reads one frame only; where there is no zstd, none of our archives has more.
  const zstd = codec === 'zstd' ? await findProgram('zstd', foldersOf(environment['PATH'])) : null
  if (zstd === null) await pipeline(createReadStream(path), decoderOf(codec), keepTail, { signal })
  else {
    const args = ['-q', '-d', '-c', path]
    const command = { program: zstd, args, environment: baseEnvironment(environment) }
    await runPipeline([command], keepTail, { signal })
  }
  return tail
}

function decoderOf(codec: Codec): PassThrough | Gunzip | ZstdDecompress {
  if (codec === 'none') return new PassThrough()
  return codec === 'gzip' ? createGunzip() : createZstdDecompress()
}
