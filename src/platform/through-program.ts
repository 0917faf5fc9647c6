import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { endedWell, startChild } from './child.ts'
import type { Command } from './command.ts'
import { ProcessFailure } from './process-failure.ts'

/**
 * Sends bytes through one program and yields what it makes of them. The end is reached only when
 * all bytes were read, and the program ended with 0: a source that fails ends it before it can
 * take what came so far for all there is.
 * @throws {ProcessFailure} when the program fails; else whatever the source throws.
 */
export async function* throughProgram(
  bytes: AsyncIterable<Uint8Array>,
  command: Command,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  signal.throwIfAborted()
  const child = startChild(command, 'pipe', 'pipe')
  const { stdin, stdout } = child.process
  const stop = (): void => child.stop()
  signal.addEventListener('abort', stop, { once: true })
  const failures: unknown[] = []
  const feeding = feed(bytes, stdin as Writable).catch((error: unknown) => {
    // That it reads no more is for its ending to explain.
    if (isClosedPipe(error)) return
    failures.push(error)
    stop()
  })
  try {
    yield* stdout as AsyncIterable<Buffer>
    const ending = await child.ending
    signal.throwIfAborted()
    if (failures.length > 0) throw failures[0]
    if (!endedWell(ending)) throw new ProcessFailure(ending)
    await feeding
    if (failures.length > 0) throw failures[0]
  } finally {
    signal.removeEventListener('abort', stop)
    stdout?.destroy()
    stdin?.destroy()
    child.stop()
    await child.ending
  }
}

async function feed(bytes: AsyncIterable<Uint8Array>, stdin: Writable): Promise<void> {
  await pipeline(Readable.from(bytes, { objectMode: false }), stdin)
}

function isClosedPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET'
}
