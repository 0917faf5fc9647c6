import { join } from 'node:path'
import type { EngineContext } from '../../engine.ts'
import { sessionCommand } from '../commands.ts'
import { PsqlSession, SessionEnded, StatementFailure } from '../session.ts'
import type { Tools } from '../tools.ts'

/** A server and who may change it; libpq's variables without PGDATABASE. */
export interface AdminAccess {
  readonly environment: Readonly<Record<string, string>>
  readonly tools: Tools
  readonly context: EngineContext
}

/**
 * A session in one database of the server, for statements that the server composes itself: values
 * go in as `textOf`, names are quoted by `format('%I')`.
 */
export class AdminSession implements AsyncDisposable {
  readonly #session: PsqlSession

  constructor(
    { environment, tools, context }: AdminAccess,
    database: string,
    signal = context.signal,
  ) {
    const command = sessionCommand(join(tools.folder, 'psql'), { database, environment })
    this.#session = new PsqlSession(command, signal)
  }

  async rows<Row>(sql: string, options: { deadlineMs?: number } = {}): Promise<readonly Row[]> {
    return await this.#session.rows<Row>(sql, options)
  }

  async one<Row>(sql: string, options: { deadlineMs?: number } = {}): Promise<Row> {
    const [row] = await this.rows<Row>(sql, options)
    if (row === undefined) throw new TypeError('A question to the server had no answer.')
    return row
  }

  async run(sql: string): Promise<readonly string[]> {
    return await this.#session.query(sql)
  }

  /** Runs the statements that a query returns, one by one, until one fails. */
  async runEach(sql: string): Promise<void> {
    for (const statement of await this.rows<string>(sql)) await this.run(statement)
  }

  /** Runs `format(template, …values)`: `%I` is a name, `%L` a literal. */
  async compose(template: string, ...values: readonly string[]): Promise<void> {
    const args = values.map((value) => `, ${textOf(value)}`).join('')
    await this.#session.query(`SELECT pg_catalog.format(${textOf(template)}${args})`, {
      run: String.raw`\gexec`,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }
}

/** A text of any content as an expression of SQL, in ASCII whatever the session's settings are. */
export function textOf(value: string): string {
  const hex = Buffer.from(value, 'utf8').toString('hex')
  return `pg_catalog.convert_from(pg_catalog.decode('${hex}', 'hex'), 'UTF8')`
}

/** An array of texts, the same way. */
export function textsOf(values: readonly string[]): string {
  return `ARRAY[${values.map(textOf).join(', ')}]::pg_catalog.text[]`
}

/** The SQLSTATE of a failed statement, or null when the error is another one. */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof StatementFailure ? error.sqlState : null
}

export function isOfServer(error: unknown): error is StatementFailure | SessionEnded {
  return error instanceof StatementFailure || error instanceof SessionEnded
}
