import { Refusal } from '../../../../model/index.ts'
import { EndOfRows, findRows, mayBeMark } from './copy-rows.ts'
import { NotUnderstood, StatementEnd } from './statement-end.ts'

/** A part of a plain dump; all of them in order, with comments, are the dump. `line` is null once rows were skipped. */
export type Piece =
  | { readonly kind: 'statement'; readonly text: Buffer; readonly line: number | null }
  /** A `COPY … FROM stdin;`, whose rows and end follow. */
  | { readonly kind: 'copy'; readonly text: Buffer; readonly line: number | null }
  | RowsPiece
  | { readonly kind: 'copy-end' }
  /** From here on it is not understood, and nothing but such pieces follows. */
  | { readonly kind: 'rest'; readonly bytes: Buffer; readonly line: number | null }

/** Rows, whole ones unless `whole` is false: then the last one goes on in the next piece. */
export interface RowsPiece {
  readonly kind: 'rows'
  readonly bytes: readonly Buffer[]
  /** Line ends in `bytes`. */
  readonly rows: number
  readonly whole: boolean
}

/** A longer statement is not held in memory but passed on as it comes. */
const longestStatement = 16 * 1024 * 1024
/** A longer beginning of a row is not held back until its end is there. */
const longestHeldRow = 256 * 1024

/** Encodings in which a byte of a longer character may look like a backslash or a quote. */
const unsafeEncodings: ReadonlySet<string> = new Set(
  ['SJIS', 'BIG5', 'GBK', 'UHC', 'GB18030', 'JOHAB', 'SHIFT_JIS_2004'].map(plainName),
)

/**
 * Splits a plain dump into statements and rows of COPY, chunk by chunk. What it does not
 * understand it hands on as `rest`, with everything that follows: psql then reads it by itself.
 */
export class DumpSplitter {
  #state: 'sql' | 'rows' | 'rest' = 'sql'
  #text: Buffer = Buffer.alloc(0)
  #line = 1
  #end = new StatementEnd()
  #held: Buffer[] = []
  #heldBytes = 0
  #insideRow = false
  #skipped: EndOfRows | null = null
  #linesKnown = true

  /** To be called at a `copy` piece by who wants nothing of its rows; lines are not known then. */
  skipRows(): void {
    this.#skipped = new EndOfRows()
    this.#linesKnown = false
  }

  *push(chunk: Buffer): Generator<Piece, void> {
    let bytes = chunk
    while (bytes.length > 0) {
      const pieces: Piece[] = []
      bytes = this.#step(bytes, pieces)
      yield* pieces
    }
  }

  /** Takes something from the front of the bytes and returns what is left of them. */
  #step(bytes: Buffer, pieces: Piece[]): Buffer {
    if (this.#state === 'sql') return this.#sql(bytes, pieces)
    if (this.#state === 'rows') {
      return this.#skipped === null
        ? this.#rows(bytes, pieces)
        : this.#skip(this.#skipped, bytes, pieces)
    }
    pieces.push(this.#rest(bytes))
    return Buffer.alloc(0)
  }

  /** @throws {Refusal} when the dump ends within the rows of a table. */
  end(): readonly Piece[] {
    if (this.#state === 'rows') {
      throw new Refusal('The dump ends in the middle of a table.', {
        reason: `The rows that end in line ${this.#line} have no end mark.`,
        advice: 'Use another backup: this one is not whole.',
      })
    }
    if (this.#state === 'rest') return []
    const left = this.#text
    this.#text = Buffer.alloc(0)
    // Comments, or a last statement without its semicolon: psql judges that.
    return this.#end.start === -1 ? [] : [this.#rest(Buffer.concat([left, Buffer.from('\n')]))]
  }

  /** Takes statements from the front of what there is; returns what belongs to rows, if anything. */
  #sql(bytes: Buffer, pieces: Piece[]): Buffer {
    this.#text = this.#text.length === 0 ? bytes : Buffer.concat([this.#text, bytes])
    try {
      for (;;) {
        const end = this.#end.find(this.#text)
        if (end === -1) break
        const copies = this.#statement(end, pieces)
        if (copies === 'incomplete') break
        if (copies) return this.#beginRows()
      }
      if (this.#text.length > longestStatement) throw new NotUnderstood('a very long statement')
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error
      this.#state = 'rest'
      const left = this.#text
      this.#text = Buffer.alloc(0)
      return left
    }
    return Buffer.alloc(0)
  }

  /** Passes the statement on; true when rows follow it. */
  #statement(end: number, pieces: Piece[]): boolean | 'incomplete' {
    const start = Math.max(0, this.#end.start)
    const text = this.#text.subarray(start, end)
    const copies = isCopyFromStdin(text)
    const behind = copies ? endOfLine(this.#text, end) : end
    if (behind === -1) return 'incomplete'
    refuseUnsafeSettings(text)
    const line = this.#line + linesIn(this.#text, 0, start)
    pieces.push({ kind: copies ? 'copy' : 'statement', text, line: this.#linesKnown ? line : null })
    this.#line = line + linesIn(this.#text, start, behind)
    this.#text = this.#text.subarray(behind)
    this.#end = new StatementEnd()
    return copies
  }

  #beginRows(): Buffer {
    this.#state = 'rows'
    this.#insideRow = false
    const rows = this.#text
    this.#text = Buffer.alloc(0)
    return rows
  }

  #rows(chunk: Buffer, pieces: Piece[]): Buffer {
    const bytes = this.#heldMark(chunk)
    const { rows, end, behindEnd } = findRows(bytes, this.#insideRow)
    this.#line += rows
    if (end > 0) {
      const whole = bytes.subarray(0, end)
      pieces.push({ kind: 'rows', bytes: [...this.#held, whole], rows, whole: true })
      this.#held = []
      this.#heldBytes = 0
      this.#insideRow = false
    }
    if (behindEnd === -1) {
      this.#hold(bytes.subarray(end), pieces)
      return Buffer.alloc(0)
    }
    pieces.push({ kind: 'copy-end' })
    this.#line += 1
    this.#state = 'sql'
    return bytes.subarray(behindEnd)
  }

  #skip(end: EndOfRows, bytes: Buffer, pieces: Piece[]): Buffer {
    const behind = end.find(bytes)
    if (behind === -1) return Buffer.alloc(0)
    this.#skipped = null
    this.#state = 'sql'
    pieces.push({ kind: 'copy-end' })
    return bytes.subarray(behind)
  }

  /** Bytes that may be the beginning of the end mark are looked at again, with what follows. */
  #heldMark(chunk: Buffer): Buffer {
    const [held] = this.#held
    if (this.#insideRow || held === undefined) return chunk
    this.#held = []
    this.#heldBytes = 0
    return Buffer.concat([held, chunk])
  }

  #hold(rest: Buffer, pieces: Piece[]): void {
    if (rest.length === 0) return
    this.#held.push(rest)
    this.#heldBytes += rest.length
    if (!this.#insideRow && mayBeMark(rest)) return
    this.#insideRow = true
    if (this.#heldBytes <= longestHeldRow) return
    pieces.push({ kind: 'rows', bytes: this.#held, rows: 0, whole: false })
    this.#held = []
    this.#heldBytes = 0
  }

  #rest(bytes: Buffer): Piece {
    const line = this.#linesKnown ? this.#line : null
    this.#line += linesIn(bytes, 0, bytes.length)
    return { kind: 'rest', bytes, line }
  }
}

function isCopyFromStdin(text: Buffer): boolean {
  // Names in it may be long, but not its first word and its end.
  if (text.toString('latin1', 0, 5).toUpperCase() !== 'COPY ') return false
  const statement = text.toString('latin1')
  if (/\sFROM\s+stdin\s*;$/iu.test(statement)) return true
  if (/\sFROM\s+stdin\b/iu.test(statement)) throw new NotUnderstood('a COPY with options')
  return false
}

/** Behind the line end that must follow a COPY at once; -1 when it is not there yet. */
function endOfLine(text: Buffer, at: number): number {
  if (text[at] === 0x0a) return at + 1
  if (text[at] === undefined || (text[at] === 0x0d && text[at + 1] === undefined)) return -1
  if (text[at] === 0x0d && text[at + 1] === 0x0a) return at + 2
  throw new NotUnderstood('a COPY that shares its line')
}

function refuseUnsafeSettings(text: Buffer): void {
  if (text.toString('latin1', 0, 4).toUpperCase() !== 'SET ') return
  const { name = '', value = '' } =
    /^SET\s+(?:SESSION\s+)?(?<name>\w+)\s*(?:=|TO)\s*'?(?<value>[\w-]+)/iu.exec(
      text.toString('latin1'),
    )?.groups ?? {}
  const setting = name.toLowerCase()
  if (setting === 'client_encoding' && unsafeEncodings.has(plainName(value))) {
    throw new NotUnderstood(`the encoding ${value}`)
  }
  if (setting === 'standard_conforming_strings' && value.toLowerCase() !== 'on') {
    throw new NotUnderstood('strings with backslashes')
  }
}

function plainName(encoding: string): string {
  return encoding.toUpperCase().replaceAll(/[^A-Z0-9]/gu, '')
}

function linesIn(text: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = from; at < to; at += 1) if (text[at] === 0x0a) lines += 1
  return lines
}
