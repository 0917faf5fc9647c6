import type { Backup } from '../model/index.ts'

/**
 * The original's file filter (contract 2.1): a basic regular expression, as grep reads it, found
 * anywhere in `<epoch seconds> <absolute path>`. A pattern that is not one is taken literally.
 */
export function matcherOf(
  filter: string,
  volume: { label(path: string): string },
): (backup: Backup) => boolean {
  const pattern = basicRegularExpression(filter)
  return ({ takenAt, path }) => {
    const line = `${Math.floor(takenAt.getTime() / 1000)} ${volume.label(path)}`
    return pattern === null ? line.includes(filter) : pattern.test(line)
  }
}

/** A bracket expression, a backslash with what follows it, or one character. */
const tokenPattern = /\[\^?\]?(?:\[:\w+:\]|\[(?!:)|[^\][])*\]|\\.|./gsu

/** The pattern in the words of JavaScript; null for one that grep would not take either. */
function basicRegularExpression(filter: string): RegExp | null {
  const tokens = filter.match(tokenPattern) ?? []
  try {
    return new RegExp(tokens.map((_token, at) => translated(tokens, at)).join(''), 'u')
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/**
 * In a basic regular expression `+ ? | ( ) { }` are ordinary characters, and operators behind a
 * backslash; `* ^ $` are operators only where they can be.
 */
function translated(tokens: readonly string[], at: number): string {
  const token = tokens[at] ?? ''
  if (/^\[./su.test(token)) return translatedBracket(token)
  if (/^\\./su.test(token)) return translatedEscape(token)
  return translatedSign(tokens, at)
}

function translatedSign(tokens: readonly string[], at: number): string {
  const sign = tokens[at] ?? ''
  if (sign === '*') return translatedStar(tokens, at)
  if (sign === '^') return isFirst(tokens, at) ? '^' : '\\^'
  if (sign === '$') return isLast(tokens, at) ? '$' : '\\$'
  return '+?|(){}]'.includes(sign) ? `\\${sign}` : sign
}

function translatedEscape(token: string): string {
  const sign = token.slice(1)
  if (sign === '<' || sign === '>') return '\\b'
  if (/^[bBwWsS1-9]$/u.test(sign)) return token
  if ('+?|(){}'.includes(sign)) return sign
  return '.*[]^$\\/'.includes(sign) ? token : sign
}

/** Several in a row are as good as one, which JavaScript insists on. */
function translatedStar(tokens: readonly string[], at: number): string {
  if (!isOperator(tokens, at)) return '\\*'
  return isOperator(tokens, at - 1) ? '' : '*'
}

function isOperator(tokens: readonly string[], at: number): boolean {
  const isAfterAnchor = tokens[at - 1] === '^' && isFirst(tokens, at - 1)
  return tokens[at] === '*' && !isFirst(tokens, at) && !isAfterAnchor
}

function isFirst(tokens: readonly string[], at: number): boolean {
  return at === 0 || tokens[at - 1] === '\\(' || tokens[at - 1] === '\\|'
}

function isLast(tokens: readonly string[], at: number): boolean {
  return at === tokens.length - 1 || tokens[at + 1] === '\\)' || tokens[at + 1] === '\\|'
}

const classes: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  xdigit: 'A-Fa-f0-9',
}

/** `[[:digit:].]`, in which a backslash is nothing special, and `]` may stand first. */
function translatedBracket(token: string): string {
  const opening = token.startsWith('[^') ? '[^' : '['
  const inside = token
    .slice(opening.length, -1)
    .replaceAll(/\[:(?<name>\w+):\]|[\\\][]/gu, (found, name: string | undefined) =>
      name === undefined ? `\\${found}` : classOf(name),
    )
  return `${opening}${inside}]`
}

function classOf(name: string): string {
  const members = classes[name]
  if (members === undefined) throw new SyntaxError(`There is no character class ${name}.`)
  return members
}
