/** Errors kept with their text; of more only the first ones are. */
const mostErrors = 10_000
const longestMessage = 500

export interface SqlError {
  readonly line: number | null
  readonly message: string
}

const ofPsql = /^psql:<stdin>:(?<line>\d+): (?<message>(?:ERROR|FATAL|error|backslash).*)$/u
const ofRestore = /^pg_restore: error: (?<message>.*)$/u

/** Reads the messages of psql or pg_restore as they come, and keeps those that are errors. */
export class SqlErrors {
  readonly #pattern: RegExp
  readonly #linesBefore: number
  readonly #errors: SqlError[] = []
  #rest = ''

  /** @param linesBefore how many lines psql was sent before the dump. */
  constructor({ linesBefore }: { readonly linesBefore: number }, pattern = ofPsql) {
    this.#linesBefore = linesBefore
    this.#pattern = pattern
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('utf8')).split('\n')
    this.#rest = (lines.pop() ?? '').slice(0, longestMessage)
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
    const message = (parts['message'] ?? '').slice(0, longestMessage)
    const line = parts['line'] === undefined ? null : Number(parts['line']) - this.#linesBefore
    this.#errors.push({ line, message })
  }
}

/** Of pg_restore, which knows no lines. */
export function restoreErrors(): SqlErrors {
  return new SqlErrors({ linesBefore: 0 }, ofRestore)
}
