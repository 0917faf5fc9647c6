import type { Command } from './command.ts'
import { runPipeline } from './pipeline.ts'
import { ProcessFailure } from './process-failure.ts'

/** A script of roles or a version line is small; more than this is no answer to hold in memory. */
const mostBytes = 64 * 1024 * 1024

export interface RunOptions {
  readonly signal: AbortSignal
  /** Stop it and fail after so long, in milliseconds; 0 means never. */
  readonly deadlineMs?: number
}

/**
 * Runs one program to its end and returns what it wrote to stdout.
 * @throws {ProcessFailure} when it fails, cannot start, or passes its deadline.
 * @throws {RangeError} when it writes more than 64 MiB.
 */
export async function runCommand(
  command: Command,
  { signal, deadlineMs = 0 }: RunOptions,
): Promise<Buffer> {
  const deadline = new AbortController()
  const timer = deadlineMs > 0 ? setTimeout(() => deadline.abort(), deadlineMs) : undefined
  try {
    const either = AbortSignal.any([signal, deadline.signal])
    return await runPipeline([command], collect, { signal: either })
  } catch (error) {
    if (!signal.aborted && deadline.signal.aborted) {
      const ending = { exitCode: null, signal: null, startError: null, stderr: [] }
      throw new ProcessFailure({ ...ending, program: command.program }, 'stalled')
    }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function collect(output: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of output) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new RangeError('The program wrote more than 64 MiB.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
