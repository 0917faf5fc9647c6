import type { Child } from '../../../platform/index.ts'

/** Errors kept with their text; of more only the first ones are. */
const mostErrors = 10_000
const longestMessage = 500
/** More than that, so that what is cut away holds no half of a secret. */
const longestLine = 4 * longestMessage

export interface SqlError {
  readonly line: number | null
  readonly message: string
}

const ofPsql = /^psql:<stdin>:(?<line>\d+): (?<message>(?:ERROR|FATAL|error|backslash).*)$/u
const ofRestore = /^pg_restore: error: (?<message>.*)$/u

/** Whose messages they are. */
type Said = Pick<Child, 'redacted'>

/** Reads the messages of psql or pg_restore as they come, and keeps those that are errors. */
export class SqlErrors {
  readonly #pattern: RegExp
  readonly #linesBefore: number
  readonly #redacted: (text: string) => string
  readonly #errors: SqlError[] = []
  #rest = ''
  /** Which line of the dump psql means, when that is not the one that it counts; ours are no errors. */
  place: ((line: number) => number | null | 'ours') | null = null

  /** @param linesBefore how many lines psql was sent before the dump. */
  constructor({ redacted }: Said, { linesBefore = 0, pattern = ofPsql } = {}) {
    this.#redacted = redacted
    this.#linesBefore = linesBefore
    this.#pattern = pattern
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('utf8')).split('\n')
    this.#rest = (lines.pop() ?? '').slice(0, longestLine)
    for (const line of lines) this.#hear(line)
  }

  all(): readonly SqlError[] {
    this.#hear(this.#rest)
    this.#rest = ''
    return this.#errors
  }

  #hear(text: string): void {
    const parts = this.#pattern.exec(text)?.groups
    if (parts === undefined || this.#errors.length >= mostErrors) return
    const message = this.#redacted(parts['message'] ?? '').slice(0, longestMessage)
    const line = parts['line'] === undefined ? null : this.#lineInDump(Number(parts['line']))
    if (line === 'ours') return
    this.#errors.push({ line, message })
  }

  #lineInDump(line: number): number | null | 'ours' {
    return this.place === null ? line - this.#linesBefore : this.place(line)
  }
}

/** Of pg_restore, which knows no lines. */
export function restoreErrors(child: Said): SqlErrors {
  return new SqlErrors(child, { pattern: ofRestore })
}
