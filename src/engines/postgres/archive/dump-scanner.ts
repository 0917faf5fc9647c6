import { DumpParts, type Range } from './dump-parts.ts'
import { Finder } from './finder.ts'
import { Lexer } from './lexer.ts'
import { encodingIn, isCopyFromStdin, rolesIn, turnsBackslashesOn } from './statements.ts'

/** What a scan of a whole dump has found. Offsets count its plain bytes from 0. */
export interface ScanResult {
  readonly bytes: number
  /** Of the database part, in order: all but the roles part and the guard lines. */
  readonly sqlRanges: readonly Range[]
  readonly rolesSql: string
  readonly serverMajor: number | null
  readonly encoding: string | null
  readonly roles: readonly string[]
  readonly psqlCommands: readonly string[]
  /** How many databases were dumped into it. */
  readonly databases: number
  /** Why this is no whole dump of at most one database, in words; null when it is. */
  readonly problem: string | null
}

const mostPsqlCommands = 10

/**
 * Reads a plain dump as psql would, so that rows and function bodies are never mistaken for parts
 * of its frame. Rows, nearly all of its bytes, are only searched for their end.
 */
export class DumpScanner {
  readonly #parts = new DumpParts()
  readonly #lexer: Lexer
  readonly #roles = new Set<string>()
  readonly #psqlCommands: string[] = []
  #encoding: string | null = null
  #offset = 0
  /** What could not be judged without the bytes after it. */
  #held = Buffer.alloc(0)
  /** Finds the end of the rows that are being passed over; null outside rows. */
  #rows: Finder | null = null
  #copying = ''

  constructor() {
    this.#lexer = new Lexer({
      comment: (line, range) => this.#parts.comment(line, range),
      statement: (text) => this.#statement(text),
      psqlCommand: (line, range, alone) => this.#psqlCommand(line, range, alone),
    })
  }

  push(chunk: Buffer): void {
    this.#scan(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false)
  }

  end(): ScanResult {
    this.#scan(this.#held, true)
    const bytes = this.#offset
    const sqlRanges = this.#parts.sqlRanges(bytes)
    return {
      bytes,
      sqlRanges,
      rolesSql: this.#parts.rolesSql(),
      serverMajor: this.#parts.serverMajor,
      encoding: this.#encoding,
      roles: [...this.#roles].toSorted(),
      psqlCommands: this.#psqlCommands,
      databases: this.#parts.databases,
      problem: this.#unfinished() ?? this.#parts.problem(),
    }
  }

  #scan(chunk: Buffer, isLast: boolean): void {
    const piece = { chunk, base: this.#offset, isLast }
    let at = 0
    while (at < chunk.length) {
      if (this.#rows !== null) at = this.#skipRows(this.#rows, chunk, at)
      else {
        at = this.#lexer.read(piece, at)
        if (this.#lexer.stopped === 'needs more') break
        if (this.#lexer.stopped === 'rows follow') this.#rows = this.#endOfRows()
      }
    }
    this.#held = Buffer.from(chunk.subarray(at))
    this.#parts.keepRoles(chunk.subarray(0, at), this.#offset)
    this.#offset += at
  }

  #endOfRows(): Finder {
    const end = this.#lexer.hasReturns ? '\n\\.\r\n' : '\n\\.\n'
    return new Finder(Buffer.from(end), Buffer.from('\n'))
  }

  #skipRows(rows: Finder, chunk: Buffer, from: number): number {
    const end = rows.find(chunk, from)
    if (end === -1) return chunk.length
    this.#rows = null
    return end
  }

  #statement(text: string): boolean {
    this.#parts.statement()
    const backslashes = turnsBackslashesOn(text)
    if (backslashes !== null) this.#lexer.backslashesEscape = backslashes
    if (this.#parts.inRoles) return false
    this.#encoding ??= encodingIn(text)
    for (const role of rolesIn(text)) this.#roles.add(role)
    if (!isCopyFromStdin(text)) return false
    this.#copying = text
    return true
  }

  #psqlCommand(line: string, range: Range, alone: boolean): void {
    if (alone && this.#parts.isGuard(line, range)) return
    if (this.#psqlCommands.length < mostPsqlCommands) this.#psqlCommands.push(line)
  }

  #unfinished(): string | null {
    if (this.#rows !== null) return `it ends within the rows of ${this.#copying.split(' (')[0]}`
    return this.#lexer.isInside ? 'it ends within a statement' : null
  }
}
