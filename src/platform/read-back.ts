import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import type { Codec } from '../model/index.ts'

/**
 * Decompresses a whole file, checking every member's checksum on the way, and returns its last
 * plain bytes (at most `tailBytes`).
 * @throws when the file is cut, damaged, or cannot be read.
 */
export async function readBackTail(
  path: string,
  codec: Codec,
  { tailBytes, signal }: { readonly tailBytes: number; readonly signal: AbortSignal },
): Promise<Buffer> {
  let tail = Buffer.alloc(0)
  const keepTail = async (plain: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of plain) tail = Buffer.concat([tail, chunk]).subarray(-tailBytes)
  }
  const { size } = await stat(path)
  // Node's gunzip goes on to the next member by itself; its zstd ends with the first frame.
  for (let start = 0; start < size; ) {
    const decoder = decoderOf(codec)
    await pipeline(createReadStream(path, { start }), decoder, keepTail, { signal })
    start = 'bytesWritten' in decoder && codec === 'zstd' ? start + decoder.bytesWritten : size
  }
  return tail
}

function decoderOf(codec: Codec): PassThrough | Gunzip | ZstdDecompress {
  if (codec === 'none') return new PassThrough()
  return codec === 'gzip' ? createGunzip() : createZstdDecompress()
}
