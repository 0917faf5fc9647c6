import type { Backup } from '../model/index.ts'

/**
 * The original's file filter (contract 2.1): a basic regular expression, as grep reads it, found
 * anywhere in `<epoch seconds> <absolute path>`. A pattern that is not one is taken literally.
 */
export function matcherOf(
  filter: string,
  volume: { absolute(path: string): string },
): (backup: Backup) => boolean {
  const pattern = basicRegularExpression(filter)
  return ({ takenAt, path }) => {
    const line = `${Math.floor(takenAt.getTime() / 1000)} ${volume.absolute(path)}`
    return pattern === null ? line.includes(filter) : pattern.test(line)
  }
}

/**
 * In a basic regular expression `+ ? | ( ) { }` are ordinary characters, and operators behind a
 * backslash; here it is the other way round.
 */
function basicRegularExpression(filter: string): RegExp | null {
  const translated = filter.replaceAll(/\\?[+?|(){}]/gu, (found) =>
    found.startsWith('\\') ? found.slice(1) : `\\${found}`,
  )
  try {
    return new RegExp(translated, 'u')
  } catch {
    return null
  }
}
