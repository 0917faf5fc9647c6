import type { Codec } from '../../../model/index.ts'
import type { Environment } from '../../../platform/index.ts'
import { Damage } from './damage.ts'
import { decompressQuickly } from './decompress.ts'
import type { Range } from './dump-parts.ts'

interface Source {
  readonly path: string
  readonly codec: Codec
  readonly ranges: readonly Range[]
  /** Plain bytes that the check has seen. */
  readonly bytes: number
  readonly environment: Environment
}

/** The ranges of an archive that was checked, as slices of what its decompression brings. */
export async function* plainSql(source: Source, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { path, codec, ranges, bytes, environment } = source
  let offset = 0
  let next = 0
  for await (const chunk of decompressQuickly(path, codec, { signal, environment })) {
    const end = offset + chunk.length
    for (let range = ranges[next]; range !== undefined && range.from < end; range = ranges[next]) {
      if (range.to > offset) {
        yield chunk.subarray(
          Math.max(0, range.from - offset),
          Math.min(chunk.length, range.to - offset),
        )
      }
      if (range.to > end) break
      next += 1
    }
    offset = end
  }
  if (offset !== bytes) throw new Damage('it is not the file any more that was checked')
}
