import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { baseEnvironment, type Command } from '../../platform/index.ts'
import type { DumpOrder, EngineContext } from '../engine.ts'
import type { Tools } from './tools.ts'

/** pg_dump compresses by other means than zlib from this major on. */
const firstWithZstd = 16
/** zlib's fastest: a dump is bound by it, and its best costs seven times as much for a tenth less. */
const fastest = 1

/** How pg_dump is told the format, and what else that takes. */
export interface FormatPlan extends AsyncDisposable {
  readonly args: readonly string[]
  /** Where a directory dump goes; null for the formats that go to stdout. */
  readonly folder: string | null
  /** Packs that folder into one stream. */
  readonly pack: Command | null
}

/** Makes the scratch place where the format needs one; disposal removes it with all that is in it. */
export async function planFormat(
  order: DumpOrder,
  { major }: Tools,
  { environment }: EngineContext,
): Promise<FormatPlan> {
  const { format, jobs } = order
  if (format === 'plain') return toStdout(['--format=plain'])
  const compression = compressionArg(order, major)
  if (format === 'custom') return toStdout(['--format=custom', compression])
  await mkdir(order.scratchFolder, { recursive: true, mode: 0o700 })
  const folder = join(order.scratchFolder, `${scratchPrefix}${randomUUID()}`)
  return {
    args: ['--format=directory', compression, `--jobs=${jobs}`, `--file=${folder}`],
    folder,
    pack: tarOf(folder, environment),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Names of scratch places in `DumpOrder.scratchFolder` begin so. */
const scratchPrefix = 'dump-'

function toStdout(args: readonly string[]): FormatPlan {
  return { args, folder: null, pack: null, [Symbol.asyncDispose]: async () => undefined }
}

/** The file itself is not compressed again, so `COMPRESSION` says how pg_dump does it inside. */
function compressionArg({ codec, level }: DumpOrder, major: number): string {
  if (codec === 'none') return '--compress=0'
  if (codec === 'zstd' && major >= firstWithZstd) return `--compress=zstd:${level ?? fastest}`
  return `--compress=${level ?? fastest}`
}

/** Names and owners of this machine do not belong in a backup. */
function tarOf(folder: string, environment: EngineContext['environment']): Command {
  return {
    program: 'tar',
    args: [
      '--create',
      '--file=-',
      '--format=gnu',
      '--sort=name',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      `--directory=${folder}`,
      '.',
    ],
    environment: baseEnvironment(environment),
  }
}
