import type { Key as InkKey } from 'ink'

/** One key, or one character, as the reducer knows it. */
export type Key =
  | { readonly name: KeyName; readonly text?: undefined }
  | { readonly name: 'text'; readonly text: string }

export type KeyName =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'backspace'
  | 'ctrl-c'
  | 'ctrl-l'
  | 'ctrl-u'

const named = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['pageUp', 'pageUp'],
  ['pageDown', 'pageDown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
] as const satisfies readonly (readonly [keyof InkKey, KeyName])[]

const withControl: Readonly<Record<string, KeyName>> = { c: 'ctrl-c', l: 'ctrl-l', u: 'ctrl-u' }

/** Within a chunk of several keys, which a slow link delivers at once. */
const characters: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\r\n': 'enter',
  '\t': 'tab',
  '\u007F': 'backspace',
  '\b': 'backspace',
  '\u0003': 'ctrl-c',
  '\u000C': 'ctrl-l',
  '\u0015': 'ctrl-u',
  '\u001B': 'escape',
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The keys of one event of ink, in which those of a fast typist come together. */
export function keysOf(input: string, key: InkKey): readonly Key[] {
  const known = named.find(([flag]) => key[flag])
  // Two of them that come together are one sequence to ink.
  if (key.escape && key.meta) return [{ name: 'escape' }, { name: 'escape' }]
  if (known !== undefined) return [{ name: known[1] }]
  if (key.ctrl) {
    const name = withControl[input]
    return name === undefined ? [] : [{ name }]
  }
  // A slow link delivers Esc together with the key after it, which looks like Alt.
  if (key.meta) return [{ name: 'escape' }, ...charactersOf(input)]
  return charactersOf(input)
}

function charactersOf(input: string): readonly Key[] {
  return [...graphemes.segment(input)].flatMap(({ segment }): readonly Key[] => {
    const name = characters[segment]
    if (name !== undefined) return [{ name }]
    return /^\p{Control}/u.test(segment) ? [] : [{ name: 'text', text: segment }]
  })
}
