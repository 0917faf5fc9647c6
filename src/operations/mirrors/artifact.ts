import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  type Backup,
  type Codec,
  parseBackupName,
  printBackupName,
  type Source,
} from '../../model/index.ts'
import { plainBytesOf } from '../../platform/index.ts'
import type { Appliance } from '../appliance.ts'
import type { Mirror } from './mirror.ts'

/** What a mirror holds of a backup: its name there, and how its bytes are made. */
export interface Artifact {
  readonly path: string
  readonly codec: Codec
  /** Whether the bytes are those of the file on the volume. */
  readonly isAsItIs: boolean
  readonly source: Source
}

export function artifactFor(appliance: Appliance, mirror: Mirror, backup: Backup): Artifact {
  const file = appliance.volume.absolute(backup.path)
  const path = pathIn(mirror, backup.path)
  if (path === backup.path) {
    const open = (start: number): AsyncIterable<Buffer> => createReadStream(file, { start })
    const source = { bytes: backup.bytes, open }
    return { path, codec: backup.name.codec, isAsItIs: true, source }
  }
  const { environment, signal } = appliance
  const { codec } = backup.name
  const open = (): AsyncIterable<Buffer> => plainBytesOf({ path: file, codec }, environment, signal)
  return { path, codec: 'none', isAsItIs: false, source: { bytes: null, open } }
}

/** Where the copy of a backup lies in a mirror. */
export function pathIn({ keeps }: Mirror, path: string): string {
  return keeps === 'archives' ? path : pathWithCodec(path, 'none')
}

/** The same name for an archive compressed in another way; other formats compress by themselves. */
export function pathWithCodec(path: string, codec: Codec): string {
  const name = parseBackupName(path)
  return name?.format === 'plain' ? printBackupName({ ...name, codec }) : path
}

/** What went through, as far as all of it did, from the first byte on. */
export interface Measure {
  readonly bytes: number
  readonly sha256: string
}

/** The same source, of which `measured` knows afterwards what was sent; null: not all in one go. */
export function measuring(source: Source): {
  readonly source: Source
  readonly measured: () => Measure | null
} {
  let last: Measure | null = null
  return {
    measured: () => last,
    source: {
      bytes: source.bytes,
      async *open(start) {
        last = null
        const sum = new Sum()
        for await (const chunk of source.open(start)) {
          sum.add(chunk)
          yield chunk
        }
        if (start === 0) last = sum.measure()
      },
    },
  }
}

/** Reads all of it. */
export async function measureOf(bytes: AsyncIterable<Uint8Array>): Promise<Measure> {
  const sum = new Sum()
  for await (const chunk of bytes) sum.add(chunk)
  return sum.measure()
}

class Sum {
  readonly #checksum = createHash('sha256')
  #bytes = 0

  add(chunk: Uint8Array): void {
    this.#checksum.update(chunk)
    this.#bytes += chunk.length
  }

  measure(): Measure {
    return { bytes: this.#bytes, sha256: this.#checksum.digest('hex') }
  }
}
