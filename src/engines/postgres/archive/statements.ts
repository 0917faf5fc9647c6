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

/** The tablespace that what follows goes to; null for any other statement, and for the default. */
export function tablespaceIn(statement: string): string | null {
  const name = /^SET default_tablespace = (?<name>"(?:[^"]|"")+"|[^'";\s]+);$/u.exec(
    statement,
  )?.groups
  return name?.['name'] === undefined ? null : nameOf(name['name'])
}

/** Whether it changes roles of the server, or who belongs to them; pg_dump writes none that does. */
export function changesRoles(statement: string): boolean {
  if (/^(?:GRANT|REVOKE)\b/iu.test(statement)) return !/\sON\s/iu.test(statement)
  return (
    /^(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER|GROUP)\b/iu.test(statement) &&
    !/^\w+\s+USER\s+MAPPING\b/iu.test(statement) &&
    !/\sIN\s+DATABASE\s/iu.test(statement)
  )
}

/** Whether it creates, changes or drops what belongs to the whole server, other than roles. */
export function changesServer(statement: string): boolean {
  return (
    /^(?:CREATE|ALTER|DROP)\s+(?:DATABASE|TABLESPACE)\b/iu.test(statement) ||
    /^ALTER\s+SYSTEM\b/iu.test(statement)
  )
}

/** The database of an `ALTER DATABASE … SET`, as pg_dump --create writes it for its own; else null. */
export function databaseSetIn(statement: string): string | null {
  const [alter = '', database = '', name = '', set = '', what = ''] = wordsOf(statement)
  const isSetting =
    [alter, database, set].join(' ').toUpperCase() === 'ALTER DATABASE SET' &&
    what.toUpperCase() !== 'TABLESPACE'
  return isSetting ? nameOf(name) : null
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

/**
 * The roles that whoever runs the statement must be a member of: it gives something to them, or
 * acts as they would.
 */
export function ownersIn(statement: string): readonly string[] {
  if (!/^(?:ALTER|CREATE SCHEMA|SET SESSION AUTHORIZATION)\b/u.test(statement)) return []
  const words = wordsOf(statement)
  return [
    ...after(words, ['OWNER', 'TO']),
    ...after(words, ['FOR', 'ROLE']),
    ...after(words, ['SESSION', 'AUTHORIZATION']),
    ...(words[1] === 'SCHEMA' ? after(words, ['AUTHORIZATION']) : []),
  ]
}

/** The extension that the statement creates, or comments on as only its owner may; else null. */
export function extensionIn(
  statement: string,
): { readonly name: string; readonly isCreated: boolean } | null {
  const found =
    /^(?<verb>CREATE|COMMENT ON) EXTENSION (?:IF NOT EXISTS )?(?<name>"(?:[^"]|"")+"|[^"\s;]+)/u.exec(
      statement,
    )?.groups
  if (found?.['name'] === undefined) return null
  return { name: nameOf(found['name']), isCreated: found['verb'] === 'CREATE' }
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
