/** Errors kept with their text; of more only the first ones are. */
const mostErrors = 10_000
const longestMessage = 500

export interface SqlError {
  readonly line: number | null
  readonly message: string
}

/** Reads psql's messages as they come, and keeps those that are errors. */
export class SqlErrors {
  readonly #linesBefore: number
  readonly #errors: SqlError[] = []
  #rest = ''

  constructor({ linesBefore }: { readonly linesBefore: number }) {
    this.#linesBefore = linesBefore
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
    const parts =
      /^psql:<stdin>:(?<line>\d+): (?<message>(?:ERROR|FATAL|error|backslash).*)$/u.exec(
        text,
      )?.groups
    if (parts === undefined || this.#errors.length >= mostErrors) return
    const message = (parts['message'] ?? '').slice(0, longestMessage)
    this.#errors.push({ line: Number(parts['line']) - this.#linesBefore, message })
  }
}
