import { createReadStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Codec } from '../model/index.ts'
import { baseEnvironment, type Environment } from './base-environment.ts'
import { findProgram, foldersOf } from './find-program.ts'
import { runPipeline } from './pipeline.ts'

/**
 * What an archive holds, decompressed, with every member's checksum checked on the way. Ends with
 * an error, never early, when the file is cut, damaged, or cannot be read.
 */
export async function* plainBytesOf(
  { path, codec }: { readonly path: string; readonly codec: Codec },
  environment: Environment,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const plain = new PassThrough()
  const decompressing = decompress({ path, codec, into: plain }, environment, signal)
  decompressing.catch((error: Error) => plain.destroy(error))
  try {
    for await (const chunk of plain) yield chunk as Buffer
    await decompressing
  } finally {
    plain.destroy()
    await Promise.allSettled([decompressing])
  }
}

interface Decompression {
  readonly path: string
  readonly codec: Codec
  readonly into: PassThrough
}

async function decompress(
  { path, codec, into }: Decompression,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  // Node's zstd reads one frame only; where there is no zstd, none of our archives has more.
  const zstd = codec === 'zstd' ? await findProgram('zstd', foldersOf(environment['PATH'])) : null
  if (zstd !== null) {
    const args = ['-q', '-d', '-c', path]
    const command = { program: zstd, args, environment: baseEnvironment(environment) }
    return await runPipeline([command], (output) => pipeline(output, into, { signal }), { signal })
  }
  const file = createReadStream(path)
  if (codec === 'none') return await pipeline(file, into, { signal })
  const decoder = codec === 'gzip' ? createGunzip() : createZstdDecompress()
  await pipeline(file, decoder, into, { signal })
}
