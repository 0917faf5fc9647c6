import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGzip, createZstdCompress, gzip, zstdCompress } from 'node:zlib'
import type { Codec } from '../model/index.ts'
import { baseEnvironment, type Environment } from './base-environment.ts'
import type { Command } from './command.ts'
import { findProgram, foldersOf } from './find-program.ts'

/** How a dump is compressed: by a program at the end of the pipe, in this process, or not at all. */
export type Compressor =
  | { readonly kind: 'program'; readonly command: Command; readonly label: string }
  | { readonly kind: 'in-process'; readonly create: () => Transform; readonly label: string }
  | { readonly kind: 'none'; readonly label: string }

export interface CompressionChoice {
  readonly codec: Codec
  /** 1 (fast) to 9 (small), or null for the compressor's best trade (design section 4). */
  readonly level: number | null
}

/**
 * The fastest compressor there is for a codec: `igzip`, else `pigz`, else in-process for gzip;
 * `zstd`, else in-process for zstd. All of them write a checksum.
 */
export async function findCompressor(
  { codec, level }: CompressionChoice,
  environment: Environment,
): Promise<Compressor> {
  if (codec === 'none') return { kind: 'none', label: 'none' }
  for (const [name, argsAt] of programs[codec]) {
    const program = await findProgram(name, foldersOf(environment['PATH']))
    if (program === null) continue
    const command = { program, args: argsAt(level), environment: baseEnvironment(environment) }
    return { kind: 'program', command, label: name }
  }
  return { kind: 'in-process', create: () => inProcess(codec, level), label: 'in-process' }
}

/** A complete member (gzip) or frame (zstd) of its own; members may be joined to one archive. */
export async function compressMember(codec: Codec, bytes: Buffer): Promise<Buffer> {
  if (codec === 'none') return bytes
  if (codec === 'gzip') return await promisify(gzip)(bytes)
  return await promisify(zstdCompress)(bytes, { params: zstdParams(null) })
}

type Args = (level: number | null) => readonly string[]

/** igzip knows 0 to 3; its 1 is already smaller than gzip's 6 on dumps, and its 3 only a little. */
const igzipLevels = [1, 0, 0, 1, 1, 1, 2, 2, 3, 3] as const

const programs: Record<Exclude<Codec, 'none'>, readonly (readonly [string, Args])[]> = {
  gzip: [
    ['igzip', (level) => [`-${igzipLevels[level ?? 0]}`, '-c', '-n']],
    ['pigz', (level) => [`-${level ?? 6}`, '-c', '-n']],
  ],
  zstd: [['zstd', (level) => ['-q', '-c', '--check', `-${level ?? 3}`]]],
}

function inProcess(codec: Exclude<Codec, 'none'>, level: number | null): Transform {
  if (codec === 'gzip') return createGzip({ level: level ?? 1 })
  return createZstdCompress({ params: zstdParams(level) })
}

function zstdParams(level: number | null): Record<number, number> {
  return {
    [constants.ZSTD_c_compressionLevel]: level ?? 3,
    [constants.ZSTD_c_checksumFlag]: 1,
  }
}
