import { createReadStream } from 'node:fs'
import type { Codec } from '../../../model/index.ts'
import {
  baseEnvironment,
  type Command,
  type Environment,
  findProgram,
  foldersOf,
  startChild,
} from '../../../platform/index.ts'
import { Damage } from './damage.ts'
import { gunzipped } from './gzip-members.ts'
import { unzstd } from './zstd-frames.ts'

/**
 * The plain bytes of a file of which nothing is known yet: every member is accounted for.
 * @throws {Damage}
 */
export function decompressStrictly(
  path: string,
  codec: Codec,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  if (codec === 'none') return createReadStream(path, { highWaterMark: 256 * 1024, signal })
  return codec === 'gzip' ? gunzipped(path, signal) : unzstd(path, signal)
}

/**
 * The plain bytes of a file whose checksum is known to be right: by the fastest program there is.
 * @throws {Damage} when the program fails all the same.
 */
export async function* decompressQuickly(
  path: string,
  codec: Codec,
  { signal, environment }: { readonly signal: AbortSignal; readonly environment: Environment },
): AsyncGenerator<Buffer> {
  const command = codec === 'none' ? null : await programFor(codec, path, environment)
  if (command === null) return yield* decompressStrictly(path, codec, signal)
  const child = startChild(command, 'ignore', 'pipe')
  const stop = (): void => child.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    yield* child.process.stdout as AsyncIterable<Buffer>
    const { exitCode, stderr } = await child.ending
    signal.throwIfAborted()
    if (exitCode !== 0) {
      throw new Damage(`${command.program} could not read it: ${stderr.at(-1) ?? exitCode}`)
    }
  } finally {
    signal.removeEventListener('abort', stop)
    child.process.stdout?.destroy()
    child.stop()
    await child.ending
  }
}

/** A program that writes the plain bytes of a file whose checksum is known to be right, or null. */
export async function readerOf(
  path: string,
  codec: Codec,
  environment: Environment,
): Promise<Command | null> {
  if (codec !== 'none') return await programFor(codec, path, environment)
  return { program: 'cat', args: ['--', path], environment: baseEnvironment(environment) }
}

const programs = {
  gzip: { name: 'igzip', args: ['-d', '-c'] },
  zstd: { name: 'zstd', args: ['-d', '-c', '-q', '--long=31'] },
} as const

async function programFor(
  codec: 'gzip' | 'zstd',
  path: string,
  environment: Environment,
): Promise<Command | null> {
  const { name, args } = programs[codec]
  const program = await findProgram(name, foldersOf(environment['PATH']))
  if (program === null) return null
  return { program, args: [...args, path], environment: baseEnvironment(environment) }
}
