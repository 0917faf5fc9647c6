import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { linesIn } from './lanes.ts'
import { LineMarks } from './line-marks.ts'
import { NotUnderstoodDump } from './not-understood.ts'
import { DumpSplitter, type Piece } from './split/dump-splitter.ts'
import type { SqlErrors } from './sql-errors.ts'
import type { Tally } from './tally.ts'

const newline = Buffer.from('\n')
const endOfRows = Buffer.from('\\.\n')

type CopyPiece = Extract<Piece, { kind: 'copy' }>

interface Psql {
  /** What it prints. */
  readonly output: Readable
  readonly errors: SqlErrors
  /** Aborts when nothing more of it will come. */
  readonly ended: AbortSignal
  /** How many lines it was sent before. */
  readonly linesBefore: number
}

/**
 * Passes a dump on to a psql that goes on after errors. When a COPY fails at its beginning (its
 * table could not be made), psql would read the rows as SQL: whoever may write a row could have it
 * run by whoever restores. So each COPY is made without rows first, and the rows follow only where
 * psql has said that it went well.
 */
export class CopyGuard {
  readonly #tally: Tally
  readonly #psql: Psql
  readonly #key = randomUUID()
  readonly #marks = new LineMarks()
  #lines: number
  #questions = 0
  #questionLine = 0
  #answer: ((works: boolean) => void) | null = null
  #heard = ''
  #skips = false

  constructor(tally: Tally, psql: Psql) {
    this.#tally = tally
    this.#psql = psql
    this.#lines = psql.linesBefore + 1
    psql.errors.place = (line) => this.#placeOf(line)
    psql.output.on('data', (chunk: Buffer) => this.#hear(chunk.toString('latin1')))
    psql.ended.addEventListener('abort', () => this.#answer?.(false), { once: true })
  }

  async *pass(sql: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const splitter = new DumpSplitter()
    for await (const chunk of sql) {
      for (const piece of splitter.push(chunk)) yield* this.#pass(piece)
    }
    for (const piece of splitter.end()) yield* this.#pass(piece)
  }

  async *#pass(piece: Piece): AsyncGenerator<Buffer> {
    this.#tally.hear(piece)
    switch (piece.kind) {
      case 'statement':
        this.#marks.set(this.#lines, piece.line)
        yield* this.#send(piece.text, newline)
        break
      case 'copy':
        yield* this.#copy(piece)
        break
      case 'rows':
        if (!this.#skips) yield* this.#send(...piece.bytes)
        break
      case 'copy-end':
        if (!this.#skips) yield* this.#send(endOfRows)
        break
      case 'rest':
        throw new NotUnderstoodDump(piece.line)
    }
  }

  async *#copy(copy: CopyPiece): AsyncGenerator<Buffer> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#answer = resolve
    if (this.#psql.ended.aborted) resolve(false)
    this.#marks.set(this.#lines, copy.line)
    yield* this.#send(copy.text, newline)
    this.#marks.set(this.#lines, 'ours')
    yield* this.#send(endOfRows)
    this.#questions += 1
    this.#questionLine = this.#lines
    // A variable of psql: it knows best, and without an answer there are no rows.
    yield* this.#send(Buffer.from(`SELECT '${this.#key} ${this.#questions} ' || :'ERROR';\n`))
    this.#skips = !(await promise)
    this.#answer = null
    if (this.#skips) return
    this.#marks.set(this.#lines, copy.line)
    yield* this.#send(copy.text, newline)
  }

  *#send(...parts: readonly Buffer[]): Generator<Buffer> {
    for (const part of parts) {
      this.#lines += linesIn(part)
      yield part
    }
  }

  /** An error in the question itself: in a transaction that has failed nothing is answered. */
  #placeOf(line: number): number | null | 'ours' {
    if (line === this.#questionLine) this.#answer?.(false)
    return this.#marks.inDump(line)
  }

  #hear(text: string): void {
    const lines = (this.#heard + text).split('\n')
    this.#heard = (lines.pop() ?? '').slice(-1_000)
    const question = `${this.#key} ${this.#questions} `
    for (const line of lines) {
      if (line.startsWith(question)) this.#answer?.(line === `${question}false`)
    }
  }
}
