/*
 * The little that has to be understood of a dump's statements. Words are those that pg_dump and
 * pg_dumpall write: keywords in capitals, names quoted where SQL needs it.
 */

/** Names, quoted names, literals, and signs, in order. */
const wordPattern = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}_][\p{L}\p{N}_$]*|[^\s]/gu
const notRoles: ReadonlySet<string> = new Set([
  'PUBLIC',
  'CURRENT_USER',
  'CURRENT_ROLE',
  'SESSION_USER',
])
const mayNameRoles =
  /^(?:ALTER|GRANT|REVOKE|CREATE POLICY|CREATE SCHEMA|CREATE USER MAPPING|SET SESSION AUTHORIZATION)\b/u

/** Whether rows follow the statement, up to a line with `\.` alone. */
export function isCopyFromStdin(statement: string): boolean {
  return /^COPY\s.*\sFROM\s+stdin(?:\s.*)?;$/isu.test(statement)
}

/** `SET standard_conforming_strings = off`: a backslash in a literal now escapes a quote. */
export function turnsBackslashesOn(statement: string): boolean | null {
  const value = /^SET standard_conforming_strings = '?(?<value>on|off)'?;$/u.exec(statement)?.groups
  return value === undefined ? null : value['value'] === 'off'
}

/** `SET client_encoding = 'UTF8'`: the encoding of the database that was dumped. */
export function encodingIn(statement: string): string | null {
  return /^SET client_encoding = '(?<name>\w+)';$/u.exec(statement)?.groups?.['name'] ?? null
}

/** The words of a statement; a quoted name keeps its quotes. */
export function wordsOf(statement: string): readonly string[] {
  return statement.match(wordPattern) ?? []
}

/** The roles that a statement names: an owner, grantees, members of a policy. */
export function rolesIn(statement: string): readonly string[] {
  if (!mayNameRoles.test(statement)) return []
  const words = wordsOf(statement)
  return [
    ...after(words, ['OWNER', 'TO']),
    ...after(words, ['FOR', 'ROLE']),
    ...after(words, ['SESSION', 'AUTHORIZATION']),
    ...(words[1] === 'SCHEMA' ? after(words, ['AUTHORIZATION']) : []),
    ...(words[2] === 'MAPPING' ? after(words, ['FOR']) : []),
    ...(words[0] === 'REVOKE' ? after(words, ['FROM']) : []),
    ...(['GRANT', 'CREATE'].includes(words[0] ?? '') ? after(words, ['TO']) : []),
    ...(words[1] === 'DEFAULT' ? [...after(words, ['TO']), ...after(words, ['FROM'])] : []),
  ]
}

/** A name as the server knows it: unquoted names in lower case. */
export function nameOf(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase()
}

/** The names, joined by commas, behind the first such sequence of keywords. */
function after(words: readonly string[], keywords: readonly string[]): readonly string[] {
  const at = words.findIndex((_, index) =>
    keywords.every((keyword, offset) => words[index + offset] === keyword),
  )
  if (at === -1) return []
  const names: string[] = []
  for (let index = at + keywords.length; index < words.length; index += 2) {
    const word = words[index] ?? ''
    if (isName(word) && !notRoles.has(word)) names.push(nameOf(word))
    if (words[index + 1] !== ',') break
  }
  return names
}

function isName(word: string): boolean {
  return /^["\p{L}_]/u.test(word)
}
