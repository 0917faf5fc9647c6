import { createHash } from 'node:crypto'
import { manifestOfCopy } from '../../catalog/index.ts'
import {
  type Backup,
  type Codec,
  type Copy,
  type Manifest,
  parseBackupName,
  printBackupName,
  type Source,
} from '../../model/index.ts'
import { encrypted, plainBytesOf } from '../../platform/index.ts'
import type { Appliance } from '../appliance.ts'
import { encryptedTo } from '../encryption.ts'
import type { Mirror } from './mirror.ts'

/** What a mirror holds of a backup: its name there, and how its bytes are made. */
export interface Artifact {
  readonly path: string
  /** Whether the bytes are those of the file on the volume. */
  readonly isAsItIs: boolean
  readonly source: Source
}

export function artifactFor(appliance: Appliance, mirror: Mirror, backup: Backup): Artifact {
  const path = pathIn(mirror, backup.path)
  if (path === backup.path) {
    const open = (start: number): AsyncIterable<Uint8Array> =>
      appliance.volume.openAt(backup.path, start, appliance.signal)
    return { path, isAsItIs: true, source: { bytes: backup.bytes, open } }
  }
  const { environment, signal } = appliance
  const keys = mirror.encryption
  const open =
    keys === null || mirror.keeps === 'contents'
      ? () => plainBytes(appliance, backup)
      : () => encrypted(asSealed(appliance, backup), keys, { environment, signal })
  return { path, isAsItIs: false, source: { bytes: null, open } }
}

/** What an archive holds, which may have to be brought here for that. */
async function* plainBytes(appliance: Appliance, backup: Backup): AsyncGenerator<Buffer> {
  const { volume, environment, signal } = appliance
  await using _brought = (await appliance.fetch?.(backup, appliance)) ?? null
  const file = { path: volume.absolute(backup.path), codec: backup.name.codec }
  yield* plainBytesOf(file, environment, signal)
}

/** The bytes of a backup, but for an error at their end when they are not those that were sealed. */
async function* asSealed(
  { volume, signal }: Appliance,
  { path, manifest }: Backup,
): AsyncGenerator<Uint8Array> {
  const sum = new Sum()
  for await (const chunk of volume.openAt(path, 0, signal)) {
    sum.add(chunk)
    yield chunk
  }
  const { sha256 } = sum.measure()
  if (manifest !== null && manifest.sha256 !== sha256) throw new Rotten(sha256)
}

/** The volume gives other bytes than were written. */
export class Rotten extends Error {
  /** Of what it gives. */
  readonly sha256: string

  constructor(sha256: string) {
    super('The bytes are not those that were sealed.')
    this.sha256 = sha256
  }
}

/** Where the copy of a backup lies in a mirror. */
export function pathIn({ keeps, encryption }: Mirror, path: string): string {
  if (keeps === 'contents') return pathWithCodec(path, 'none')
  const name = parseBackupName(path)
  if (encryption === null || name === null || name.encryption !== undefined) return path
  return printBackupName({ ...name, encryption: 'age' })
}

/** Where copies of a backup may lie in a mirror, from whatever settings there were. */
export function pathsIn(mirror: Mirror, path: string): readonly string[] {
  const ways = [mirror, { ...mirror, encryption: null }, { ...mirror, encryption: anyKeys }]
  const names = ways.map((way) => pathIn(way, path))
  return [...new Set([path, ...names].flatMap((name) => [name, withoutTier(name)]))]
}

/** To whom is of no concern to a name. */
const anyKeys: Mirror['encryption'] = { kind: 'recipients', recipients: [] }

/** The same name for an archive compressed in another way; other formats compress by themselves. */
function pathWithCodec(path: string, codec: Codec): string {
  const name = parseBackupName(path)
  const isPlain = name?.format === 'plain' && name.encryption === undefined
  return isPlain ? printBackupName({ ...name, codec }) : path
}

/** The original sent names without folders, which are listed by their dates alone. */
export function withoutTier(path: string): string {
  const name = parseBackupName(path)
  return name === null ? path : printBackupName({ ...name, tier: null, folder: name.stamp.date })
}

/** The manifest of a backup as that of its copy in a mirror. */
export function manifestInMirror(
  { encryption }: Mirror,
  manifest: Manifest,
  copy: Pick<Copy, 'path' | 'bytes' | 'sha256'>,
): Manifest {
  const name = parseBackupName(copy.path)
  const isEncryptedThere = name?.encryption !== undefined && manifest.encryption === undefined
  return {
    ...manifestOfCopy(manifest, { ...copy, codec: name?.codec ?? manifest.codec }),
    ...(isEncryptedThere && encryption !== null ? { encryption: encryptedTo(encryption) } : {}),
  }
}

/** What went through, as far as all of it did, from the first byte on. */
export interface Measure {
  readonly bytes: number
  readonly sha256: string
}

/**
 * The same source, of which `measured` knows afterwards what was sent; null: not all in one go.
 * @param onBytes hears after every chunk how many bytes were taken so far.
 */
export function measuring(
  source: Source,
  onBytes: (bytes: number) => void = () => {},
): {
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
          onBytes(start + sum.bytes)
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

  get bytes(): number {
    return this.#bytes
  }

  add(chunk: Uint8Array): void {
    this.#checksum.update(chunk)
    this.#bytes += chunk.length
  }

  measure(): Measure {
    return { bytes: this.#bytes, sha256: this.#checksum.digest('hex') }
  }
}
