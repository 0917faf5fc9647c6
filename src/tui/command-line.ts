import { headOf, textWidth } from '../model/index.ts'

const indent = '  '
const goesOn = ' \\'

/** A command line of backup.sh, to be copied. */
export function commandLine(flags: readonly string[]): string {
  return ['backup.sh', ...flags.map(shellWord)].join(' ')
}

/** The same in rows of so many columns at most, which a shell reads as one line. */
export function commandRows(flags: readonly string[], columns: number): readonly string[] {
  const whole = commandLine(flags)
  if (textWidth(whole) <= columns) return [whole]
  const room = columns - goesOn.length
  const rows: string[] = []
  let row = 'backup.sh'
  for (const unit of unitsOf(flags)) {
    const text = unit.map(shellWord).join(' ')
    if (textWidth(`${row} ${text}`) <= room) {
      row = `${row} ${text}`
      continue
    }
    for (const word of textWidth(indent + text) <= room ? [text] : unit.map(shellWord)) {
      rows.push(row + goesOn)
      row = indent + word
      if (textWidth(row) <= room) continue
      const pieces = piecesOf(word, unit, columns)
      rows.push(...pieces.slice(0, -1).map((piece) => `${piece}\\`))
      row = pieces.at(-1) ?? ''
    }
  }
  return [...rows, row]
}

/** A flag with its value. */
function unitsOf(flags: readonly string[]): readonly (readonly string[])[] {
  const units: string[][] = []
  for (const flag of flags) {
    const last = units.at(-1)
    const isValue = last?.length === 1 && last[0]?.startsWith('-') === true && !flag.startsWith('-')
    if (isValue) last.push(flag)
    else units.push([flag])
  }
  return units
}

/** Of a word that is wider than a row, each quoted for itself: a shell puts them together again. */
function piecesOf(word: string, unit: readonly string[], columns: number): readonly string[] {
  let rest = unit.find((each) => shellWord(each) === word) ?? word
  const pieces: string[] = []
  while (rest !== '') {
    const piece = pieceOf(rest, columns - 1)
    pieces.push(shellWord(piece))
    rest = rest.slice(piece.length)
  }
  return pieces
}

/** As much of the beginning as fits when it is quoted; never nothing. */
function pieceOf(text: string, columns: number): string {
  for (let width = columns; width > 1; width -= 1) {
    const piece = headOf(text, width)
    if (textWidth(shellWord(piece)) <= columns) return piece
  }
  return text
}

/** Quoted where a shell would read something into it. */
function shellWord(word: string): string {
  return /^[\w%+,./:=@-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
