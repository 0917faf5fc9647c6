import { setTimeout as pause } from 'node:timers/promises'
import type { PreparedDump } from '../engines/index.ts'
import { diskUsage, ProcessFailure, runPipeline } from '../platform/index.ts'

/** How often the growing folder is looked at, in milliseconds. */
const lookEveryMs = 250

interface Filling {
  readonly signal: AbortSignal
  /** Give up when the folder does not grow for so long, in milliseconds. */
  readonly stallMs: number
  /** Hears of the bytes that are there; the first of them are pg_dump's, with its locks taken. */
  readonly onBytes: (bytes: number) => void
}

/**
 * Lets a tool that cannot write to a pipe fill its folder, and looks on from outside.
 * @throws {ProcessFailure} when it fails, or does not get on.
 */
export async function fillFolder(
  { command, folder }: NonNullable<PreparedDump['filling']>,
  { signal, stallMs, onBytes }: Filling,
): Promise<void> {
  const over = new AbortController()
  const stalled = new AbortController()
  const running = runPipeline([command], drain, {
    signal: AbortSignal.any([signal, stalled.signal]),
  })
  const looking = lookOn(folder, { over: over.signal, onBytes, stallMs, stalled })
  try {
    await running
  } catch (error) {
    if (signal.aborted || !stalled.signal.aborted) throw error
    const ending = { exitCode: null, signal: null, startError: null, stderr: [] }
    throw new ProcessFailure({ ...ending, program: command.program }, 'stalled')
  } finally {
    over.abort()
    await looking
  }
}

interface Looking {
  readonly over: AbortSignal
  readonly onBytes: (bytes: number) => void
  readonly stallMs: number
  readonly stalled: AbortController
}

async function lookOn(folder: string, { over, onBytes, stallMs, stalled }: Looking): Promise<void> {
  let last = { bytes: 0, at: performance.now() }
  while (!over.aborted) {
    await pause(lookEveryMs, undefined, { signal: over }).catch(() => undefined)
    const bytes = diskUsage(folder, { except: '' }).at(-1)?.bytes ?? 0
    const now = performance.now()
    if (bytes > last.bytes) {
      last = { bytes, at: now }
      onBytes(bytes)
    } else if (stallMs > 0 && now - last.at > stallMs) {
      stalled.abort()
    }
  }
}

async function drain(output: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of output);
}
