import { countNewlines, newline } from '../../archive/index.ts'

const carriageReturn = 0x0d
const backslash = 0x5c
const dot = 0x2e
const markBeginning = Buffer.from('\n\\.')
/** `\n\.\r\n` may lie across two chunks with so many bytes in the first. */
const longestSeam = 4

export interface RowsFound {
  /** Line ends before `end`; each ends a row. */
  readonly rows: number
  /** Behind the last line end, or where the line with `\.` begins. */
  readonly end: number
  /** Behind the line with `\.`; -1 when it is not there yet. */
  readonly behindEnd: number
}

/**
 * Looks through rows of COPY's text format, from the beginning of a row unless `insideRow`, up to
 * the line with `\.` alone. No value can look like that line, because a backslash in a value is
 * written twice.
 */
export function findRows(bytes: Buffer, insideRow: boolean): RowsFound {
  if (!insideRow) {
    const behindEnd = endOfMark(bytes, 0)
    if (behindEnd !== -1) return { rows: 0, end: 0, behindEnd }
  }
  const mark = findMark(bytes)
  const end = mark?.from ?? bytes.lastIndexOf(newline) + 1
  return { rows: countNewlines(bytes, 0, end), end, behindEnd: mark?.behind ?? -1 }
}

/** Looks for the end of rows that nobody wants, which is much quicker than to count them. */
export class EndOfRows {
  /** The last bytes so far; rows begin behind a line end. */
  #tail: Buffer = Buffer.from('\n')

  /** The offset behind the line with `\.`, or -1 when it is not in these bytes. */
  find(bytes: Buffer): number {
    const seam = Buffer.concat([this.#tail, bytes.subarray(0, longestSeam)])
    const across = findMark(seam)
    if (across !== null) return across.behind - this.#tail.length
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-longestSeam)]).subarray(-longestSeam)
    return findMark(bytes)?.behind ?? -1
  }
}

/** Whether what is left of a chunk may be the beginning of the line with `\.`. */
export function mayBeMark(rest: Buffer): boolean {
  return (
    rest.length < 4 &&
    (rest.length < 1 || rest[0] === backslash) &&
    (rest.length < 2 || rest[1] === dot) &&
    (rest.length < 3 || rest[2] === carriageReturn)
  )
}

/** The first line with `\.` that is not the first of all. */
function findMark(bytes: Buffer): { readonly from: number; readonly behind: number } | null {
  let at = bytes.indexOf(markBeginning)
  while (at !== -1) {
    const behind = endOfMark(bytes, at + 1)
    if (behind !== -1) return { from: at + 1, behind }
    at = bytes.indexOf(markBeginning, at + 1)
  }
  return null
}

/** The offset behind `\.` and its line end; -1 when that is not what stands there, or not whole. */
function endOfMark(bytes: Buffer, at: number): number {
  if (bytes[at] !== backslash || bytes[at + 1] !== dot) return -1
  if (bytes[at + 2] === newline) return at + 3
  return bytes[at + 2] === carriageReturn && bytes[at + 3] === newline ? at + 4 : -1
}
