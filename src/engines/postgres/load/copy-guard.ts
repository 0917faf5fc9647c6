import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { DumpSplitter, type Piece } from './split/dump-splitter.ts'
import type { Tally } from './tally.ts'

const name = String.raw`(?:"(?:[^"]|"")*"|[\w$\u0080-\uFFFF]+)`
const copyPattern = new RegExp(
  String.raw`^COPY\s+(?<table>${name}(?:\.${name})?)\s+(?:\((?<columns>.*)\)\s+)?FROM\s+stdin`,
  'isu',
)
const newline = Buffer.from('\n')
const endOfRows = Buffer.from('\\.\n')

/**
 * Passes a dump on to a psql that goes on after errors. When a COPY fails at its beginning (its
 * table could not be made), psql would read the rows as SQL, and lose what follows, too. So each
 * COPY is tried without rows first, and the rows are left out where that fails.
 */
export class CopyGuard {
  readonly #tally: Tally
  readonly #key = randomUUID()
  readonly #ended: AbortSignal
  #heard = ''
  #answer: ((works: boolean) => void) | null = null
  #skips = false

  /** @param output what psql prints; `ended` aborts when there will be no more of it. */
  constructor(tally: Tally, output: Readable, ended: AbortSignal) {
    this.#tally = tally
    this.#ended = ended
    output.on('data', (chunk: Buffer) => this.#hear(chunk.toString('latin1')))
    ended.addEventListener('abort', () => this.#answer?.(false), { once: true })
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
        yield piece.text
        yield newline
        break
      case 'copy':
        yield* this.#copy(piece.text)
        break
      case 'rows':
        if (!this.#skips) yield* piece.bytes
        break
      case 'copy-end':
        if (!this.#skips) yield endOfRows
        break
      case 'rest':
        yield piece.bytes
        break
    }
  }

  async *#copy(text: Buffer): AsyncGenerator<Buffer> {
    const { table, columns = '' } = copyPattern.exec(text.toString('utf8'))?.groups ?? {}
    this.#skips = false
    if (table !== undefined) {
      const attempt = `SELECT ${columns} FROM ONLY ${table} LIMIT 0;\n`
      const { promise, resolve } = Promise.withResolvers<boolean>()
      this.#answer = resolve
      if (this.#ended.aborted) resolve(false)
      yield Buffer.from(this.#question(attempt))
      this.#skips = !(await promise)
      // Once more, for psql to say what was wrong.
      if (this.#skips) yield Buffer.from(attempt)
    }
    if (this.#skips) return
    yield text
    yield newline
  }

  /** Plain SQL, because behind the guard psql takes no command of its own. */
  #question(attempt: string): string {
    const tag = `$a${this.#key.slice(0, 8)}$`
    return `DO $b${this.#key.slice(0, 8)}$ BEGIN
      PERFORM pg_catalog.set_config('backup_container.works', 'no', false);
      EXECUTE ${tag}${attempt}${tag};
      PERFORM pg_catalog.set_config('backup_container.works', 'yes', false);
    EXCEPTION WHEN OTHERS THEN NULL; END $b${this.#key.slice(0, 8)}$;
    SELECT '${this.#key} ' || pg_catalog.current_setting('backup_container.works', true);\n`
  }

  #hear(text: string): void {
    const lines = (this.#heard + text).split('\n')
    this.#heard = (lines.pop() ?? '').slice(-1_000)
    for (const line of lines) {
      if (line.startsWith(this.#key)) this.#answer?.(line === `${this.#key} yes`)
    }
  }
}
