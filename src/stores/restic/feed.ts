import type { Writable } from 'node:stream'
import { type Child, ProcessFailure } from '../../platform/index.ts'
import { orAbort, untilAborted } from '../until-aborted.ts'

interface Feeding {
  readonly signal: AbortSignal
  /** How many bytes have to come; null: nobody knows. */
  readonly expected: number | null
  readonly stallMs: number
}

/** Enough for the summary, which comes last. */
const mostOutput = 64 * 1024

/**
 * Gives a child all bytes and waits for its end. At the end of its input restic saves what it got
 * as a snapshot, so when anything goes wrong it is dead before its input is closed.
 * @returns how many bytes it was given, and the end of what it wrote to stdout.
 * @throws {ProcessFailure} when it fails or takes no more; whatever `source` throws.
 */
export async function feed(
  child: Child,
  source: AsyncIterable<Uint8Array>,
  feeding: Feeding,
): Promise<{ readonly bytes: number; readonly output: string }> {
  let output = ''
  child.process.stdout?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-mostOutput)
  })
  try {
    const bytes = await give(child, source, feeding)
    child.process.stdin?.end()
    const ending = await orAbort(child.ending, feeding.signal)
    if (ending.exitCode !== 0) throw new ProcessFailure(ending)
    return { bytes, output: wholeLines(output) }
  } catch (error) {
    await kill(child)
    throw error
  }
}

/** Without what is left of a line whose beginning is gone. */
function wholeLines(output: string): string {
  return output.length < mostOutput ? output : output.slice(output.indexOf('\n') + 1)
}

async function give(
  child: Child,
  source: AsyncIterable<Uint8Array>,
  { signal, expected, stallMs }: Feeding,
): Promise<number> {
  const { stdin } = child.process
  if (stdin === null) throw new TypeError('Nothing can be given to a child without an input.')
  // What a broken pipe means is in the ending of the child.
  stdin.on('error', () => undefined)
  const over = new AbortController()
  void child.ending.then((ending) => over.abort(new ProcessFailure(ending)))
  const either = AbortSignal.any([signal, over.signal])
  let bytes = 0
  for await (const chunk of untilAborted(source, either)) {
    const timer = setTimeout(() => over.abort(stalled(child)), stallMs)
    try {
      await orAbort(written(stdin, chunk), either)
    } finally {
      clearTimeout(timer)
    }
    bytes += chunk.length
  }
  if (expected === null || bytes === expected) return bytes
  throw new Error(`${bytes} bytes came instead of ${expected}.`)
}

function written(stdin: Writable, chunk: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // A failed write never settles here: the child has ended then, which ends the wait.
  stdin.write(chunk, (error) => {
    if (error === null || error === undefined) resolve()
  })
  return promise
}

function stalled(child: Child): ProcessFailure {
  const ending = { exitCode: null, signal: null, startError: null, stderr: child.lastWords() }
  return new ProcessFailure({ program: 'restic', ...ending }, 'stalled')
}

/** Time to take its lock away, then for good; its input stays open until it is gone. */
async function kill({ process, ending }: Child): Promise<void> {
  process.kill('SIGINT')
  const insist = setTimeout(() => process.kill('SIGKILL'), 2_000)
  await ending
  clearTimeout(insist)
}
