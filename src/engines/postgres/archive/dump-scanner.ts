import { BlockCollector } from './block-collector.ts'
import type { RowsBlock } from './checked-archive.ts'
import { DumpParts, type Range } from './dump-parts.ts'
import { Finder } from './finder.ts'
import { Lexer } from './lexer.ts'
import {
  changesRoles,
  changesServer,
  databaseSetIn,
  encodingIn,
  extensionIn,
  isCopyFromStdin,
  ownersIn,
  rolesIn,
  tablespaceIn,
  turnsBackslashesOn,
} from './statements.ts'

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
  readonly blocks: readonly RowsBlock[]
  /** The database part but the rows of these, where it is little; null where not. */
  readonly withoutBlocks: readonly Buffer[] | null
  readonly tablespaces: readonly string[]
  readonly roleStatements: readonly string[]
  readonly serverStatements: readonly string[]
  readonly databasesSet: readonly string[]
  readonly owners: readonly string[]
  readonly extensions: readonly string[]
  readonly extensionComments: readonly string[]
  /** How many databases were dumped into it. */
  readonly databases: number
  /** Why this is no whole dump of at most one database, in words; null when it is. */
  readonly problem: string | null
}

/** Of what an archive should not have, so many are kept to be shown. */
const mostShown = 10

/**
 * Reads a plain dump as psql would, so that rows and function bodies are never mistaken for parts
 * of its frame. Rows, nearly all of its bytes, are only searched for their end.
 */
export class DumpScanner {
  readonly #parts = new DumpParts()
  readonly #lexer: Lexer
  readonly #roles = new Set<string>()
  readonly #psqlCommands: string[] = []
  readonly #blocks: BlockCollector
  readonly #tablespaces = new Set<string>()
  readonly #roleStatements: string[] = []
  readonly #serverStatements: string[] = []
  readonly #databasesSet = new Set<string>()
  readonly #owners = new Set<string>()
  readonly #extensions = new Set<string>()
  readonly #extensionComments = new Set<string>()
  #encoding: string | null = null
  #offset = 0
  /** What could not be judged without the bytes after it. */
  #held = Buffer.alloc(0)
  /** Finds the end of the rows that are being passed over; null outside rows. */
  #rows: Finder | null = null
  #copying = ''

  /** @param leastBlock the least size of one of `blocks`, in bytes. */
  constructor(leastBlock?: number) {
    this.#blocks = new BlockCollector(leastBlock)
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
      blocks: this.#blocks.blocks,
      withoutBlocks: this.#blocks.withoutBlocks(sqlRanges),
      tablespaces: [...this.#tablespaces].toSorted(),
      roleStatements: this.#roleStatements,
      serverStatements: this.#serverStatements,
      databasesSet: [...this.#databasesSet].toSorted(),
      owners: [...this.#owners].toSorted(),
      extensions: [...this.#extensions].toSorted(),
      extensionComments: [...this.#extensionComments].toSorted(),
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
        const from = at
        at = this.#lexer.read(piece, from)
        this.#blocks.sql(chunk.subarray(from, at), this.#offset + from)
        if (this.#lexer.stopped === 'needs more') break
        if (this.#lexer.stopped === 'rows follow') this.#beginRows(at)
      }
    }
    this.#held = Buffer.from(chunk.subarray(at))
    this.#parts.keepRoles(chunk.subarray(0, at), this.#offset)
    this.#offset += at
  }

  #beginRows(at: number): void {
    const { hasReturns } = this.#lexer
    this.#blocks.beginRows(this.#copying, this.#offset + at, hasReturns)
    const end = hasReturns ? '\n\\.\r\n' : '\n\\.\n'
    this.#rows = new Finder(Buffer.from(end), Buffer.from('\n'))
  }

  #skipRows(rows: Finder, chunk: Buffer, from: number): number {
    const end = rows.find(chunk, from)
    const bytes = chunk.subarray(from, end === -1 ? chunk.length : end)
    this.#blocks.rows(bytes, this.#offset + from)
    if (end === -1) return chunk.length
    this.#blocks.endRows(this.#offset + end)
    this.#rows = null
    return end
  }

  #statement(text: string): boolean {
    this.#parts.statement()
    const backslashes = turnsBackslashesOn(text)
    if (backslashes !== null) this.#lexer.backslashesEscape = backslashes
    if (this.#parts.inRoles) return false
    this.#encoding ??= encodingIn(text)
    this.#demands(text)
    if (!isCopyFromStdin(text)) {
      this.#blocks.statement(text)
      return false
    }
    this.#copying = text
    return true
  }

  /** What the statement wants of the server that loads it. */
  #demands(text: string): void {
    for (const role of rolesIn(text)) this.#roles.add(role)
    for (const owner of ownersIn(text)) this.#owners.add(owner)
    const extension = extensionIn(text)
    if (extension !== null) {
      const names = extension.isCreated ? this.#extensions : this.#extensionComments
      names.add(extension.name)
    }
    const tablespace = tablespaceIn(text)
    if (tablespace !== null) this.#tablespaces.add(tablespace)
    if (changesRoles(text) && this.#roleStatements.length < mostShown)
      this.#roleStatements.push(text)
    if (changesServer(text)) this.#changeOfServer(text)
  }

  #changeOfServer(text: string): void {
    const database = databaseSetIn(text)
    if (database !== null) this.#databasesSet.add(database)
    else if (this.#serverStatements.length < mostShown) this.#serverStatements.push(text)
  }

  #psqlCommand(line: string, range: Range, alone: boolean): void {
    if (alone && this.#parts.isGuard(line, range)) return
    this.#blocks.statement(line)
    if (this.#psqlCommands.length < mostShown) this.#psqlCommands.push(line)
  }

  #unfinished(): string | null {
    if (this.#rows !== null) return `it ends within the rows of ${this.#copying.split(' (')[0]}`
    return this.#lexer.isInside ? 'it ends within a statement' : null
  }
}
