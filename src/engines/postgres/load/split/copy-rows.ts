const newline = 0x0a
const carriageReturn = 0x0d
const backslash = 0x5c
const dot = 0x2e

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
export function findRows(bytes: Buffer, from: number, insideRow: boolean): RowsFound {
  let rows = 0
  let end = from
  if (!insideRow) {
    const behindEnd = endOfMark(bytes, from)
    if (behindEnd !== -1) return { rows, end, behindEnd }
  }
  // A plain loop over bytes: rows are short, and a call for each would cost more.
  const { length } = bytes
  for (let at = from; at < length; at += 1) {
    if (bytes[at] !== newline) continue
    rows += 1
    end = at + 1
    if (bytes[end] !== backslash) continue
    const behindEnd = endOfMark(bytes, end)
    if (behindEnd !== -1) return { rows, end, behindEnd }
  }
  return { rows, end, behindEnd: -1 }
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

/** The offset behind `\.` and its line end; -1 when that is not what stands there, or not whole. */
function endOfMark(bytes: Buffer, at: number): number {
  if (bytes[at] !== backslash || bytes[at + 1] !== dot) return -1
  if (bytes[at + 2] === newline) return at + 3
  return bytes[at + 2] === carriageReturn && bytes[at + 3] === newline ? at + 4 : -1
}
