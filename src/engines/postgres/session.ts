import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Ending } from '../../platform/index.ts'
import { type Child, type Command, startChild } from '../../platform/index.ts'

/** What the server said when a statement failed; the session itself goes on. */
export class StatementFailure extends Error {
  override readonly name = 'StatementFailure'
  readonly sqlState: string

  constructor(sqlState: string, message: string) {
    super(message)
    this.sqlState = sqlState
  }
}

/** The session is over: it never connected, lost its server, or was told to stop. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded'
  readonly ending: Ending
  /** It had not answered by the deadline, and we ended it. */
  readonly late: boolean

  constructor(ending: Ending, late: boolean) {
    super(ending.stderr.at(-1) ?? 'psql ended')
    this.ending = ending
    this.late = late
  }
}

interface Question {
  readonly lines: string[]
  readonly resolve: (lines: readonly string[]) => void
  readonly reject: (error: Error) => void
  /** SQLSTATE once the answer's end was seen and the error's text follows. */
  failed: string | null
  message: string[]
}

/**
 * A psql held open, so that one libpq (with its TLS, `.pgpass` and service files) serves queries,
 * the exported snapshot and pg_dump alike. Statements are ours alone: names of tables and users
 * never go in as text, the server itself composes what depends on them (`\gexec`).
 */
export class PsqlSession implements AsyncDisposable {
  readonly #child: Child
  readonly #signal: AbortSignal
  readonly #key = randomUUID()
  readonly #stop: () => void
  #question: Question | null = null
  #ended: Ending | null = null
  #late = false

  constructor(command: Command, signal: AbortSignal) {
    this.#child = startChild(command, 'pipe', 'pipe')
    this.#signal = signal
    this.#stop = () => this.#child.stop()
    signal.addEventListener('abort', this.#stop, { once: true })
    const { stdin, stdout } = this.#child.process
    // EPIPE: its ending says why, and reaches whoever asks.
    stdin?.on('error', () => undefined)
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.#hear(line))
    void this.#child.ending.then((ending) => this.#over(ending))
  }

  /**
   * Runs one statement and returns the lines of its answer.
   * @param run how the statement ends: `;`, or `\gexec` to run what it returns.
   * @throws {StatementFailure | SessionEnded}
   */
  async query(sql: string, { run = ';', deadlineMs = 0 } = {}): Promise<readonly string[]> {
    this.#signal.throwIfAborted()
    if (this.#ended !== null) throw new SessionEnded(this.#ended, this.#late)
    if (this.#question !== null) throw new TypeError('One question at a time.')
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
    this.#question = { lines: [], resolve, reject, failed: null, message: [] }
    const timer = deadlineMs > 0 ? setTimeout(() => this.#tooLate(), deadlineMs) : undefined
    this.#child.process.stdin?.write(
      `${sql}\n${run}\n\\echo ${this.#key} :ERROR :SQLSTATE\n\\echo :LAST_ERROR_MESSAGE\n\\echo ${this.#key}\n`,
    )
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** The rows of a query whose rows are one JSON document each. */
  async rows<Row>(sql: string, options: { deadlineMs?: number } = {}): Promise<readonly Row[]> {
    const lines = await this.query(sql, options)
    return lines.map((line) => JSON.parse(line) as Row)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop)
    this.#child.process.stdin?.end()
    // A query may still run on the server (a count, when the dump has failed): do not wait for it.
    if (this.#question !== null) this.#child.stop()
    await this.#child.ending
  }

  #hear(line: string): void {
    const question = this.#question
    if (question === null) return
    if (question.failed === null) {
      if (!line.startsWith(this.#key)) question.lines.push(line)
      else question.failed = this.#stateOf(line)
    } else if (line === this.#key) {
      this.#answer(question)
    } else {
      question.message.push(line)
    }
  }

  /** `00000`, or the SQLSTATE of the failure. */
  #stateOf(line: string): string {
    const [, failed, state = ''] = line.split(' ')
    return failed === 'true' ? state : '00000'
  }

  #answer(question: Question): void {
    this.#question = null
    if (question.failed === '00000') question.resolve(question.lines)
    else question.reject(this.#failureOf(question))
  }

  #failureOf({ failed, message }: Question): StatementFailure {
    return new StatementFailure(failed ?? '', this.#child.redacted(message.join(' ')))
  }

  #tooLate(): void {
    this.#late = true
    this.#child.stop()
  }

  #over(ending: Ending): void {
    this.#ended = ending
    const question = this.#question
    this.#question = null
    question?.reject(
      this.#signal.aborted ? (this.#signal.reason as Error) : new SessionEnded(ending, this.#late),
    )
  }
}
