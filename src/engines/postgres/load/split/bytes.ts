/** What a byte can begin in SQL outside quotes and comments. */
export const byteKind = {
  sign: 0,
  blank: 1,
  letter: 2,
  digit: 3,
  quote: 4,
  dollar: 5,
  comment: 6,
  semicolon: 7,
  backslash: 8,
} as const

const kinds = Uint8Array.from({ length: 256 }, (_, byte) => kindOfCharacter(byte))

export function kindOf(byte: number | undefined): number {
  return byte === undefined ? byteKind.blank : (kinds[byte] ?? byteKind.sign)
}

function kindOfCharacter(byte: number): number {
  // Bytes of characters outside ASCII may be in names.
  if (byte >= 0x80) return byteKind.letter
  const character = String.fromCodePoint(byte)
  if (/[A-Za-z_]/u.test(character)) return byteKind.letter
  if (/\d/u.test(character)) return byteKind.digit
  if (/[ \t\n\r\f\v]/u.test(character)) return byteKind.blank
  const special: Readonly<Record<string, number>> = {
    "'": byteKind.quote,
    '"': byteKind.quote,
    $: byteKind.dollar,
    '-': byteKind.comment,
    '/': byteKind.comment,
    ';': byteKind.semicolon,
    '\\': byteKind.backslash,
  }
  return special[character] ?? byteKind.sign
}

/** The whole `$tag$` at an offset, null when there is none, as in `$1`. */
export function readTag(text: Buffer, from: number): Buffer | 'incomplete' | null {
  let at = from + 1
  while (at < text.length && isOfTag(text[at], at === from + 1)) at += 1
  if (at === text.length) return 'incomplete'
  return text[at] === 0x24 ? Buffer.from(text.subarray(from, at + 1)) : null
}

function isOfTag(byte: number | undefined, first: boolean): boolean {
  const kind = kindOf(byte)
  return kind === byteKind.letter || (!first && kind === byteKind.digit)
}
