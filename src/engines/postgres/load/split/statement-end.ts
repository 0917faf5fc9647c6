import { byteKind, kindOf, readTag } from './bytes.ts'

/**
 * Something in a dump that this reader cannot tell the end of: psql's own commands, strings with
 * backslashes in old style, encodings whose characters contain such signs. psql can.
 */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood'
}

type Mode = 'normal' | 'quote' | 'escapes' | 'name' | 'dollar' | 'line' | 'block'

/** The words that make up `CREATE [OR REPLACE] FUNCTION|PROCEDURE`, by their first letters. */
const definingWords: ReadonlySet<string> = new Set([
  'create',
  'or',
  'replace',
  'function',
  'procedure',
])
const definesRoutine = /^c(?:or)?[fp]/u
const longestWord = 'procedure'.length

const newline = 0x0a
const star = 0x2a
const dash = 0x2d
const slash = 0x2f
const quote = 0x27
const doubleQuote = 0x22
const backslash = 0x5c

/**
 * Finds the end of a statement as psql's lexer does: a semicolon outside quotes, comments,
 * parentheses, and bodies between BEGIN ATOMIC and END. It works on bytes, because every encoding
 * that a server can have keeps the signs of ASCII for themselves.
 */
export class StatementEnd {
  #mode: Mode = 'normal'
  #at = 0
  #start = -1
  #tag: Buffer = Buffer.alloc(0)
  #comments = 0
  #parentheses = 0
  #bodies = 0
  #words = 0
  #initials = ''
  #afterEscapes = false

  /** Where the statement begins, behind comments and blanks; -1 when nothing of it is there. */
  get start(): number {
    return this.#start
  }

  /**
   * The offset behind the semicolon of the statement at the beginning of `text`, or -1 when more
   * bytes are needed: then call again with the same bytes and more behind them.
   * @throws {NotUnderstood}
   */
  find(text: Buffer): number {
    while (this.#at < text.length) {
      const before = this.#at
      const mode = this.#mode
      if (mode === 'normal') {
        const end = this.#normal(text)
        if (end !== -1) return end
      } else {
        this.#inside(text, mode)
      }
      // Nothing was consumed: the bytes that decide are not there yet.
      if (this.#at === before && this.#mode === mode) return -1
    }
    return -1
  }

  #normal(text: Buffer): number {
    while (this.#at < text.length) {
      const kind = kindOf(text[this.#at])
      if (kind === byteKind.blank) {
        this.#at += 1
        continue
      }
      if (kind === byteKind.semicolon && this.#parentheses === 0 && this.#bodies === 0) {
        return this.#at + 1
      }
      if (!this.#token(text, kind)) return -1
      if (this.#mode !== 'normal') return -1
    }
    return -1
  }

  /** Consumes one token; false when its end is not there yet. */
  #token(text: Buffer, kind: number): boolean {
    if (kind === byteKind.comment) return this.#commentOrSign(text)
    if (this.#start === -1) this.#start = this.#at
    if (kind === byteKind.quote && this.#afterEscapes) {
      throw new NotUnderstood('a string with escapes that goes on')
    }
    this.#afterEscapes = false
    switch (kind) {
      case byteKind.letter:
        return this.#word(text)
      case byteKind.dollar:
        return this.#dollar(text)
      case byteKind.quote:
        return this.#enter(text[this.#at] === quote ? 'quote' : 'name', 1)
      case byteKind.backslash:
        throw new NotUnderstood('a command of psql')
      default:
        return this.#sign(text[this.#at])
    }
  }

  #sign(sign: number | undefined): true {
    if (sign === 0x28) this.#parentheses += 1
    if (sign === 0x29 && this.#parentheses > 0) this.#parentheses -= 1
    this.#at += 1
    return true
  }

  #enter(mode: Mode, width: number): true {
    this.#mode = mode
    this.#at += width
    return true
  }

  #commentOrSign(text: Buffer): boolean {
    const next = text[this.#at + 1]
    if (next === undefined) return false
    const sign = text[this.#at]
    if (sign === dash && next === dash) return this.#enter('line', 2)
    if (sign === slash && next === star) {
      this.#comments = 1
      return this.#enter('block', 2)
    }
    if (this.#start === -1) this.#start = this.#at
    this.#at += 1
    return true
  }

  #word(text: Buffer): boolean {
    let end = this.#at + 1
    while (end < text.length && isOfWord(kindOf(text[end]))) end += 1
    if (end === text.length) return false
    const length = end - this.#at
    const word = length > longestWord ? '' : text.toString('latin1', this.#at, end).toLowerCase()
    this.#at = end
    if (word === 'e' && text[end] === quote) return this.#enter('escapes', 1)
    this.#count(word)
    return true
  }

  /** Bodies of routines in the SQL standard's form contain semicolons (PostgreSQL 14 and newer). */
  #count(word: string): void {
    if (this.#words < 4 && definingWords.has(word)) this.#initials += word[0]
    this.#words += 1
    if (this.#parentheses > 0 || !definesRoutine.test(this.#initials)) return
    if (word === 'begin' || (word === 'case' && this.#bodies > 0)) this.#bodies += 1
    if (word === 'end' && this.#bodies > 0) this.#bodies -= 1
  }

  #dollar(text: Buffer): boolean {
    const tag = readTag(text, this.#at)
    if (tag === 'incomplete') return false
    if (tag === null) return this.#sign(undefined)
    this.#tag = tag
    return this.#enter('dollar', tag.length)
  }

  #inside(text: Buffer, mode: Exclude<Mode, 'normal'>): void {
    switch (mode) {
      case 'quote':
        return this.#until(text, quote)
      case 'name':
        return this.#until(text, doubleQuote)
      case 'line':
        return this.#until(text, newline)
      case 'escapes':
        return this.#insideEscapes(text)
      case 'dollar':
        return this.#insideDollar(text)
      case 'block':
        return this.#insideBlock(text)
    }
  }

  /** A doubled quote closes and opens again at once. */
  #until(text: Buffer, sign: number): void {
    const at = text.indexOf(sign, this.#at)
    if (at !== -1) this.#mode = 'normal'
    this.#at = at === -1 ? text.length : at + 1
  }

  #insideEscapes(text: Buffer): void {
    while (this.#at < text.length) {
      const sign = text[this.#at]
      if (sign !== backslash && sign !== quote) {
        this.#at += 1
        continue
      }
      const next = text[this.#at + 1]
      if (next === undefined) return
      const closes = sign === quote && next !== quote
      this.#at += closes ? 1 : 2
      if (!closes) continue
      this.#afterEscapes = true
      this.#mode = 'normal'
      return
    }
  }

  #insideDollar(text: Buffer): void {
    const at = text.indexOf(this.#tag, this.#at)
    if (at === -1) {
      // The tag may lie across this end and what follows.
      this.#at = Math.max(this.#at, text.length - this.#tag.length + 1)
      return
    }
    this.#at = at + this.#tag.length
    this.#mode = 'normal'
  }

  #insideBlock(text: Buffer): void {
    while (this.#at + 1 < text.length) {
      const [sign, next] = [text[this.#at], text[this.#at + 1]]
      const opens = sign === slash && next === star
      const closes = sign === star && next === slash
      this.#at += opens || closes ? 2 : 1
      if (opens) this.#comments += 1
      if (closes) this.#comments -= 1
      if (this.#comments > 0) continue
      this.#mode = 'normal'
      return
    }
  }
}

function isOfWord(kind: number): boolean {
  return kind === byteKind.letter || kind === byteKind.digit || kind === byteKind.dollar
}
