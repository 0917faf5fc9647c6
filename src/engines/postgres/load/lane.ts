import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { type Child, type Ending, startChild } from '../../../platform/index.ts'
import { LineMarks } from './line-marks.ts'
import type { LoadTarget } from './load-types.ts'
import { psqlCommand } from './psql-command.ts'
import type { Guard } from './restrict.ts'
import { type SqlError, SqlErrors } from './sql-errors.ts'

/** Bytes that may wait for a psql before its lane counts as full. */
const fullAt = 512 * 1024

/** What went wrong in a lane; the load is over then. */
export class LaneFailure extends Error {
  override readonly name = 'LaneFailure'
  readonly errors: readonly SqlError[]
  readonly said: readonly string[]

  constructor(errors: readonly SqlError[], said: readonly string[]) {
    super(errors[0]?.message ?? said.at(-1) ?? 'psql ended before its time')
    this.errors = errors
    this.said = said
  }
}

/**
 * One psql, one connection. What is written to it runs in that order; `settled` says when all of
 * it has run. The first error ends it.
 */
export class Lane {
  readonly #psql: Child
  readonly #guard: Guard | null
  readonly #errors: SqlErrors
  readonly #key = randomUUID()
  readonly #onFailure: (failure: Error) => void
  readonly #marks = new LineMarks()
  readonly #waiting = new Map<string, () => void>()
  #lines = 1
  #questions = 0
  #drained: Promise<void> | null = null
  #settled = true
  #closing = false
  #heard = ''
  /** The last line that was no answer to a question of ours. */
  #before = ''

  constructor(target: LoadTarget, guard: Guard | null, onFailure: (failure: Error) => void) {
    this.#guard = guard
    this.#onFailure = onFailure
    this.#psql = startChild(psqlCommand(target, { ignoreErrors: false }), 'pipe', 'pipe')
    this.#errors = new SqlErrors(this.#psql)
    const { stdin, stdout, stderr } = this.#psql.process
    // EPIPE: its ending says why.
    stdin?.on('error', () => undefined)
    stdout?.on('data', (chunk: Buffer) => this.#hear(chunk))
    stderr?.on('data', (chunk: Buffer) => this.#errors.add(chunk))
    void this.#psql.ending.then((ending) => this.#over(ending))
    if (guard !== null) this.write(guard.before, 1)
  }

  /** Whether all that was written is known to have run. */
  get isSettled(): boolean {
    return this.#settled
  }

  get isFull(): boolean {
    return this.queuedBytes > fullAt
  }

  get queuedBytes(): number {
    return this.#psql.process.stdin?.writableLength ?? 0
  }

  /** @param lines line ends in `bytes`, to know where in the dump an error is. */
  write(bytes: Buffer, lines: number): void {
    this.#settled = false
    this.#lines += lines
    this.#psql.process.stdin?.write(bytes)
  }

  /** What is written next stands in this line of the dump, where that is known. */
  mark(dump: number | null): void {
    this.#marks.set(this.#lines, dump)
  }

  /** Resolves when psql has taken most of what waits for it. */
  async room(signal: AbortSignal): Promise<void> {
    const { stdin } = this.#psql.process
    if (stdin?.writableNeedDrain !== true) return
    // One listener, however many wait or have given up waiting.
    this.#drained ??= this.#untilDrained(stdin, signal)
    await this.#drained
  }

  async #untilDrained(stdin: Writable, signal: AbortSignal): Promise<void> {
    try {
      await once(stdin, 'drain', { signal })
    } finally {
      this.#drained = null
    }
  }

  /** Resolves when the server has done all that was written so far. */
  async settled(signal: AbortSignal): Promise<void> {
    if (this.#settled) return
    signal.throwIfAborted()
    this.#questions += 1
    const answer = `${this.#key} ${this.#questions}`
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const give = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', give, { once: true })
    this.#waiting.set(answer, resolve)
    // Plain SQL, because psql takes no command of its own behind the guard.
    this.write(Buffer.from(`SELECT '${answer}';\n`), 1)
    try {
      await promise
      this.#settled = true
    } finally {
      signal.removeEventListener('abort', give)
    }
  }

  /** The only value that a query returns. */
  async ask(sql: string, signal: AbortSignal): Promise<string> {
    this.write(Buffer.from(`${sql};\n`), 1)
    await this.settled(signal)
    return this.#before
  }

  async close(): Promise<void> {
    this.#closing = true
    if (this.#guard !== null) this.write(this.#guard.after, 2)
    this.#psql.process.stdin?.end()
    await this.#psql.ending
  }

  async stop(): Promise<void> {
    this.#closing = true
    this.#psql.stop()
    await this.#psql.ending
  }

  #over({ exitCode, stderr }: Ending): void {
    if (exitCode === 0 && this.#closing) return
    this.#onFailure(new LaneFailure(this.#errorsInDump(), stderr))
  }

  #hear(chunk: Buffer): void {
    const lines = (this.#heard + chunk.toString('latin1')).split('\n')
    this.#heard = (lines.pop() ?? '').slice(-1_000)
    for (const line of lines) {
      const resolve = this.#waiting.get(line)
      if (resolve === undefined) this.#before = line
      resolve?.()
      this.#waiting.delete(line)
    }
  }

  #errorsInDump(): readonly SqlError[] {
    return this.#errors.all().map(({ line, message }) => {
      const place = this.#marks.inDump(line)
      return { line: place === 'ours' ? null : place, message }
    })
  }
}
