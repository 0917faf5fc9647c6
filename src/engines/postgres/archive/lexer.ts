import type { Range } from './dump-parts.ts'
import { Enclosed, type Enclosure } from './enclosed.ts'
import { TextOfStatement } from './text-of-statement.ts'

/** Who hears what the lexer finds outside literals and function bodies. */
export interface LexerEvents {
  /** A `--` comment between two statements that fills its line. */
  comment(line: string, range: Range): void
  /** '' for one that is very long. True: stop behind its line, rows follow. */
  statement(text: string): boolean
  /** A line, or its rest, that begins with a backslash; `alone`: the whole line, between statements. */
  psqlCommand(line: string, range: Range, alone: boolean): void
}

const sign = {
  newline: 0x0a,
  return: 0x0d,
  doubleQuote: 0x22,
  dollar: 0x24,
  quote: 0x27,
  star: 0x2a,
  dash: 0x2d,
  slash: 0x2f,
  semicolon: 0x3b,
  backslash: 0x5c,
} as const

/** Bytes that end a run of plain code. */
const isSpecial = new Uint8Array(256)
for (const byte of Object.values(sign)) isSpecial[byte] = 1

/** A line may be held back until so much of it is there, a dollar quote's tag until its end is. */
const longestLine = 1_000
const longestTag = 128

/** One piece of the text, and where it begins in the whole. */
interface Piece {
  readonly chunk: Buffer
  readonly base: number
  /** Nothing comes after it, so nothing needs to be waited for. */
  readonly isLast: boolean
}

/**
 * Splits SQL into statements as psql does, in one pass over chunks of any size. Literals, quoted
 * names, dollar-quoted bodies and comments are passed over.
 */
export class Lexer {
  /** `standard_conforming_strings = off`. */
  backslashesEscape = false
  /** Why `read` came back before the end of the chunk. */
  stopped: 'never' | 'rows follow' | 'needs more' = 'never'
  /** Whether the line before the rows ended as on Windows. */
  hasReturns = false
  readonly #events: LexerEvents
  readonly #statement = new TextOfStatement()
  /** The literal, name, body or comment that it is in; null in code. */
  #inside: Enclosed | null = null
  #rowsFollow = false
  /** The last two bytes before the chunk. */
  #before: readonly [number, number] = [sign.newline, sign.newline]
  /** Where the last literal was closed, and of which kind it was: `''` opens it again. */
  #closed: { readonly at: number; readonly kind: Enclosure } = { at: -1, kind: 'literal' }

  constructor(events: LexerEvents) {
    this.#events = events
  }

  /** Whether the text so far ends within a literal, a body, a comment or a statement. */
  get isInside(): boolean {
    return this.#inside !== null || !this.#statement.isEmpty
  }

  /** Reads on from a position and returns the one behind what was read; `stopped` says why. */
  read(piece: Piece, from: number): number {
    const { chunk } = piece
    this.stopped = 'never'
    let at = from
    while (at < chunk.length && this.stopped === 'never') {
      at = this.#inside === null ? this.#code(piece, at) : this.#passOver(this.#inside, piece, at)
    }
    this.#before = [this.#byteAt(chunk, at - 2), this.#byteAt(chunk, at - 1)]
    return at
  }

  /** Goes on to the next sign that changes the place, and returns where it leads. */
  #code(piece: Piece, from: number): number {
    const { chunk } = piece
    let at = from
    while (at < chunk.length && isSpecial[chunk[at] ?? 0] === 0) at += 1
    this.#statement.add(chunk.subarray(from, at))
    return at === chunk.length ? at : this.#special(piece, at)
  }

  #special(piece: Piece, at: number): number {
    const { chunk } = piece
    switch (chunk[at] ?? 0) {
      case sign.quote:
        return this.#enter(this.#kindOfLiteral(piece, at), piece, at)
      case sign.doubleQuote:
        return this.#enter('name', piece, at)
      case sign.semicolon:
        return this.#endStatement(piece, at)
      case sign.newline:
        return this.#endLine(piece, at)
      case sign.dash:
      case sign.slash:
        return this.#maybeComment(piece, at)
      case sign.dollar:
        return this.#maybeBody(piece, at)
      case sign.backslash:
        return this.#psqlCommand(piece, at)
      default:
        return this.#plain(piece, at)
    }
  }

  #enter(kind: Enclosure, piece: Piece, at: number): number {
    this.#inside = new Enclosed(kind)
    return this.#plain(piece, at)
  }

  #plain({ chunk }: Piece, at: number): number {
    this.#statement.add(chunk.subarray(at, at + 1))
    return at + 1
  }

  #kindOfLiteral({ chunk, base }: Piece, at: number): Enclosure {
    if (this.#closed.at === base + at) return this.#closed.kind
    const hasPrefix =
      'Ee'.includes(String.fromCharCode(this.#byteAt(chunk, at - 1))) &&
      !isInName(this.#byteAt(chunk, at - 2))
    return hasPrefix || this.backslashesEscape ? 'escaped-literal' : 'literal'
  }

  #endStatement({ chunk }: Piece, at: number): number {
    this.#statement.add(chunk.subarray(at, at + 1))
    this.#rowsFollow = this.#events.statement(this.#statement.take())
    return at + 1
  }

  #endLine(piece: Piece, at: number): number {
    if (this.#rowsFollow) {
      this.hasReturns = this.#byteAt(piece.chunk, at - 1) === sign.return
      this.stopped = 'rows follow'
      this.#rowsFollow = false
      this.#statement.take()
      return at + 1
    }
    return this.#plain(piece, at)
  }

  #maybeComment(piece: Piece, at: number): number {
    const { chunk, base } = piece
    if (at + 1 === chunk.length && !piece.isLast) return this.#needMore(at)
    const second = chunk[at + 1]
    if (chunk[at] === sign.slash) {
      if (second !== sign.star) return this.#plain(piece, at)
      this.#inside = new Enclosed('block-comment')
      return at + 2
    }
    if (second !== sign.dash) return this.#plain(piece, at)
    const line = this.#restOfLine(piece, at)
    if (line === null) return this.#needMore(at)
    const range = { from: base + at, to: base + line.end }
    if (this.#startsLine(chunk, at)) this.#events.comment(line.text, range)
    return line.end
  }

  #maybeBody(piece: Piece, at: number): number {
    const { chunk } = piece
    if (isInName(this.#byteAt(chunk, at - 1))) return this.#plain(piece, at)
    const ahead = chunk.toString('latin1', at, at + longestTag)
    const tag = /^\$(?:[a-z_\u0080-\u00FF][\w\u0080-\u00FF]*)?\$/iu.exec(ahead)?.[0]
    if (tag === undefined) {
      const mayGrow = ahead.length < longestTag && !piece.isLast && !/^\$[^$]*[^\w$]/u.test(ahead)
      return mayGrow ? this.#needMore(at) : this.#plain(piece, at)
    }
    this.#inside = new Enclosed('body', tag)
    return at + tag.length
  }

  #psqlCommand(piece: Piece, at: number): number {
    const { chunk, base } = piece
    const line = this.#restOfLine(piece, at)
    if (line === null) return this.#needMore(at)
    const range = { from: base + at, to: base + line.end }
    this.#events.psqlCommand(line.text, range, this.#startsLine(chunk, at))
    return line.end
  }

  /** Up to and with its newline; null when that may come in the next chunk. */
  #restOfLine({ chunk, isLast }: Piece, at: number): { text: string; end: number } | null {
    const found = chunk.indexOf(sign.newline, at)
    if (found === -1 && !isLast && chunk.length - at < longestLine) return null
    const end = found === -1 ? chunk.length : found + 1
    const text = chunk.toString('utf8', at, Math.min(end, at + longestLine)).trimEnd()
    return { text, end }
  }

  #startsLine(chunk: Buffer, at: number): boolean {
    return this.#byteAt(chunk, at - 1) === sign.newline && this.#statement.isEmpty
  }

  #needMore(at: number): number {
    this.stopped = 'needs more'
    return at
  }

  /** Literals and names are part of the statement's text; bodies and comments are not. */
  #passOver(inside: Enclosed, { chunk, base, isLast }: Piece, from: number): number {
    const { kind } = inside
    const { at, because } = inside.passOver(chunk, from)
    if (kind !== 'body' && kind !== 'block-comment') this.#statement.add(chunk.subarray(from, at))
    if (because === 'its end may be across chunks')
      return isLast ? chunk.length : this.#needMore(at)
    if (because === 'it is closed') {
      this.#inside = null
      this.#closed = { at: base + at, kind }
    }
    return at
  }

  #byteAt(chunk: Buffer, at: number): number {
    if (at >= 0) return chunk[at] ?? 0
    return at === -1 ? this.#before[1] : this.#before[0]
  }
}

/** Letters, digits, `_`, `$` and every byte of a character outside ASCII. */
function isInName(byte: number): boolean {
  return byte >= 0x80 || /[\w$]/u.test(String.fromCharCode(byte))
}
