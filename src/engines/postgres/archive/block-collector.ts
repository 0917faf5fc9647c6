import type { RowsBlock } from './checked-archive.ts'
import { countNewlines } from './count-newlines.ts'
import type { Range } from './dump-parts.ts'
import { KeptBytes } from './kept-bytes.ts'

const leastBytes = 8 * 1024 * 1024
/** All statements together become arguments of a program. */
const mostText = 256 * 1024
const endOfRows = '\\.\n'.length
/** `pg_dump` writes these between the rows of its tables; a COPY does not depend on them. */
const isAside = /^SELECT pg_catalog\.setval\('[^;]*\);$/u
const isPlainCopy = /^COPY [^;]* FROM stdin;$/u

/**
 * Notes where the rows of big tables are, so that they can be loaded without being looked at
 * again. It ends at the first statement behind rows that is not of them: what comes later may
 * depend on it.
 */
export class BlockCollector {
  readonly blocks: RowsBlock[] = []
  readonly #leastBytes: number
  #index = -1
  #text = 0
  #isOver = false
  #open: { readonly copy: string; readonly from: number; rows: number } | null = null
  readonly #kept = new KeptBytes()

  constructor(least = leastBytes) {
    this.#leastBytes = least
  }

  /** A statement that no rows follow, or a command of psql. */
  statement(text: string): void {
    if (this.#index >= 0 && !isAside.test(text)) this.#isOver = true
  }

  /** @param from where the first row is. */
  beginRows(copy: string, from: number, hasReturns: boolean): void {
    this.#index += 1
    // A replacement character stands for bytes that an argument could not have.
    if (hasReturns || !isPlainCopy.test(copy) || copy.includes('\uFFFD')) this.#isOver = true
    this.#open = this.#isOver ? null : { copy, from, rows: 0 }
  }

  /** What is no rows. */
  sql(bytes: Buffer, from: number): void {
    this.#kept.add(bytes, from)
  }

  rows(bytes: Buffer, from: number): void {
    if (this.#open === null) return this.#kept.add(bytes, from)
    this.#open.rows += countNewlines(bytes, 0, bytes.length)
    const { from: first } = this.#open
    const to = from + bytes.length
    const isBig = to - first > this.#leastBytes + endOfRows
    // The line that ends them may be among the last ones of these.
    const kept = isBig ? bytes.subarray(-endOfRows) : bytes
    this.#kept.add(kept, to - kept.length)
    if (isBig) this.#kept.forget({ from: first, to: to - endOfRows })
  }

  /** All but the rows of `blocks` within some ranges; null when it is too much to be held. */
  withoutBlocks(ranges: readonly Range[]): readonly Buffer[] | null {
    return this.#kept.within(ranges)
  }

  /** @param behind the offset behind the line that ended the rows; `rows` has had that line, too. */
  endRows(behind: number): void {
    const open = this.#open
    this.#open = null
    const to = behind - endOfRows
    if (open === null || to - open.from < this.#leastBytes) return
    this.#text += open.copy.length
    if (this.#text > mostText) return this.#kept.giveUp()
    this.#kept.forget({ from: open.from, to })
    this.blocks.push({ ...open, index: this.#index, rows: open.rows - 1, to })
  }
}
