import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { type Child, type Ending, endedWell, startChild } from './child.ts'
import type { Command } from './command.ts'
import { ProcessFailure, type StopReason } from './process-failure.ts'

export interface PipelineOptions {
  readonly signal: AbortSignal
  /** Give up when the last stage sends no byte for so long, in milliseconds; 0 means never. */
  readonly stallMs?: number
  /** The first stage may be left before it has written all: its reader knows what it needs. */
  readonly mayLeaveFirst?: boolean
}

type Consume<Result> = (output: AsyncIterable<Buffer>) => Promise<Result>

/**
 * Runs `stages` as one pipe and hands the output of the last to `consume`, whose result it
 * returns. The bytes between two stages go from process to process, never through JavaScript.
 *
 * It succeeds only when every stage ended with 0 *and* the output was read to its end. When one
 * stage fails, or `consume` does, or `signal` aborts, the others are stopped; the first cause wins.
 * No process is left running when it settles.
 * @throws {ProcessFailure} when a stage fails or the output stalls; whatever `consume` throws.
 */
export async function runPipeline<Result>(
  stages: readonly Command[],
  consume: Consume<Result>,
  { signal, stallMs = 0, mayLeaveFirst = false }: PipelineOptions,
): Promise<Result> {
  signal.throwIfAborted()
  const children = startConnected(stages)
  const stop = (): void => children.forEach((child) => child.stop())
  const failure = new FirstFailure(stop)
  for (const [index, child] of children.entries()) {
    void judgeEnding(child, failure, mayLeaveFirst && index === 0)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    const output = outputOf(children)
    const stalled = (): void => failure.stalled()
    const [consumed] = await Promise.allSettled([consume(withoutStalls(output, stallMs, stalled))])
    // With more to come, a reader that fails does so by itself, and the stages end of it.
    const readerFirst =
      consumed.status === 'rejected' && !output.readableEnded && !failedByItself(failure.ending)
    if (consumed.status === 'rejected') stop()
    output.destroy()
    const endings = await Promise.all(children.map((child) => child.ending))
    signal.throwIfAborted()
    if (readerFirst && failure.stopReason === null) throw consumed.reason
    throwFirst(failure, endings, consumed)
    return (consumed as PromiseFulfilledResult<Result>).value
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function judgeEnding(child: Child, failure: FirstFailure, mayBeLeft: boolean): Promise<void> {
  const ending = await child.ending
  if (mayBeLeft && diedOfPipe(ending)) return
  failure.judge(ending)
}

/** Remembers the first thing that went wrong, and stops the rest then. */
class FirstFailure {
  ending: Ending | null = null
  stopReason: StopReason | null = null
  readonly #stop: () => void

  constructor(stop: () => void) {
    this.#stop = stop
  }

  judge(ending: Ending): void {
    if (endedWell(ending)) return
    const weStoppedIt = this.ending !== null && ending.signal === 'SIGTERM'
    // A stage that lost its reader is a victim: the one that left is the cause.
    if (this.ending === null || (lostItsReader(this.ending) && !weStoppedIt)) this.ending = ending
    this.#stop()
  }

  stalled(): void {
    this.stopReason ??= 'stalled'
    this.#stop()
  }
}

function throwFirst(
  failure: FirstFailure,
  endings: readonly Ending[],
  consumed: PromiseSettledResult<unknown>,
): void {
  const stalled = failure.stopReason === null ? undefined : endings[0]
  if (stalled !== undefined) throw new ProcessFailure(stalled, failure.stopReason)
  // When reading failed first, the stages died of it; when a stage did, reading may have, too.
  if (consumed.status === 'rejected' && !failedByItself(failure.ending)) throw consumed.reason
  if (failure.ending !== null) throw new ProcessFailure(failure.ending)
}

function failedByItself(ending: Ending | null): boolean {
  return ending !== null && !lostItsReader(ending) && ending.signal !== 'SIGTERM'
}

/**
 * Node connects processes by sockets, and a socket whose reader died with bytes unread gives its
 * writer ECONNRESET, without a signal: the program ends in its own way and says so. What a program
 * says of reading from its server is no such thing.
 */
function lostItsReader(ending: Ending): boolean {
  const said =
    /(\bwrit(e|ing)\b|\bstdout\b|\bstandard output\b).*(Broken pipe|Connection reset by peer)|Got errno (32|104) on write/i
  return diedOfPipe(ending) || ending.stderr.some((line) => said.test(line))
}

/** Its reader was gone. A shell says so by a status, when a program of its own died of it. */
function diedOfPipe({ signal, exitCode }: Ending): boolean {
  return signal === 'SIGPIPE' || exitCode === 128 + constants.signals.SIGPIPE
}

/**
 * Last stage first, so that each stage can be given the input of the next as its output. The
 * parent's copy of that end is closed at once: a stage must see its reader go.
 */
function startConnected(stages: readonly Command[]): readonly Child[] {
  const children: Child[] = []
  let next: Child | null = null
  for (const [index, stage] of [...stages.entries()].toReversed()) {
    const stdin = index === 0 ? 'ignore' : 'pipe'
    const child = startChild(stage, stdin, next?.process.stdin ?? 'pipe')
    next?.process.stdin?.destroy()
    children.unshift(child)
    next = child
  }
  return children
}

function outputOf(children: readonly Child[]): Readable {
  const output = children.at(-1)?.process.stdout
  if (output === null || output === undefined) throw new TypeError('A pipeline needs a stage.')
  // When a program ends, Node lets its output flow, to nobody if nobody reads yet: bytes would be
  // lost without a word. Whoever listens for `readable` keeps them until they are asked for.
  output.on('readable', () => undefined)
  return output
}

/** Passes the chunks on; calls `stalled` when the next one is not there after `stallMs`. */
async function* withoutStalls(
  output: Readable,
  stallMs: number,
  stalled: () => void,
): AsyncGenerator<Buffer> {
  const chunks = output[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  for (;;) {
    const timer = stallMs > 0 ? setTimeout(stalled, stallMs) : undefined
    let next: IteratorResult<Buffer>
    try {
      next = await chunks.next()
    } finally {
      clearTimeout(timer)
    }
    if (next.done === true) return
    yield next.value
  }
}
