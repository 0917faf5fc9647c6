import type { Key } from './keys.ts'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A typed text after one more key; a character of several code points goes as one. */
export function typedAfter(text: string, key: Key): string {
  if (key.name === 'text') return text + key.text
  if (key.name === 'ctrl-u') return ''
  if (key.name !== 'backspace') return text
  return [...graphemes.segment(text)]
    .slice(0, -1)
    .map(({ segment }) => segment)
    .join('')
}
