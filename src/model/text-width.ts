const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Nothing but these takes no column. */
const nothing = /^[\p{Control}\p{Format}\p{Mn}\p{Me}]*$/u
/** East Asian Width W and F (Unicode Standard Annex 11), by scripts and blocks, and emoji. */
const wide =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18D08}\u{1B000}-\u{1B2FB}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]/u
const narrowAll = /^[\u0020-\u007E]*$/u

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  if (narrowAll.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += columnsOf(segment)
  return width
}

/** The text with spaces behind it, so that it takes so many columns at least. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)))
}

/** As much of the beginning as fits in so many columns; no character is cut in two. */
export function headOf(text: string, columns: number): string {
  let width = 0
  let head = ''
  for (const { segment } of graphemes.segment(text)) {
    width += columnsOf(segment)
    if (width > columns) break
    head += segment
  }
  return head
}

/** The same of the end. */
export function tailOf(text: string, columns: number): string {
  let width = 0
  let tail = ''
  for (const { segment } of [...graphemes.segment(text)].toReversed()) {
    width += columnsOf(segment)
    if (width > columns) break
    tail = segment + tail
  }
  return tail
}

function columnsOf(grapheme: string): number {
  if (nothing.test(grapheme)) return 0
  // A sign that is asked to look like an emoji is as wide as one.
  return wide.test(grapheme) || grapheme.includes('\uFE0F') ? 2 : 1
}
