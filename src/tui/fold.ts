import { headOf, textWidth } from '../model/index.ts'
import { type Line, line } from './line.ts'

/** Lines as the rows that they take on a terminal: broken between words, or within those that are wider. */
export function folded(lines: readonly Line[], columns: number): readonly Line[] {
  return lines.flatMap(({ text, tone }) =>
    rowsOf(printable(text), columns).map((row) => line(row, tone)),
  )
}

/** Names of databases and tables may hold what a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Control}/gu, '?')
}

function rowsOf(text: string, columns: number): readonly string[] {
  if (textWidth(text) <= columns) return [text]
  const indent = (/^ */u.exec(text)?.[0] ?? '').slice(0, Math.floor(columns / 2))
  const rows: string[] = []
  let row: string | null = null
  for (const word of text.trimStart().split(' ')) {
    const longer: string = row === null ? indent + word : `${row} ${word}`
    if (textWidth(longer) <= columns) {
      row = longer
      continue
    }
    if (row !== null) rows.push(row)
    const pieces = cut(word, columns - indent.length).map((piece) => indent + piece)
    rows.push(...pieces.slice(0, -1))
    row = pieces.at(-1) ?? indent
  }
  return row === null ? rows : [...rows, row]
}

/** A text in pieces that are at most so wide. */
function cut(text: string, columns: number): readonly string[] {
  const pieces: string[] = []
  let rest = text
  while (textWidth(rest) > columns) {
    const head = headOf(rest, columns)
    if (head === '') break
    pieces.push(head)
    rest = rest.slice(head.length)
  }
  return [...pieces, rest]
}
