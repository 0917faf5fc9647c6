import { nameOf, splitStatements, wordsOf } from '../archive/index.ts'
import { type AdminSession, isOfServer } from './admin-session.ts'
import { missingRoles } from './missing-roles.ts'

/** What a statement of pg_dumpall does to which role. */
interface RoleStatement {
  readonly kind: 'create' | 'change'
  /** The role that is created, altered, commented on, or made a member. */
  readonly role: string
  readonly sql: string
}

/** The roles part of an archive, as far as it is about roles alone. */
function readRoleStatements(rolesSql: string): readonly RoleStatement[] {
  return splitStatements(rolesSql).flatMap((sql) => {
    const words = wordsOf(sql)
    const target = targetOf(words)
    if (target === null || nameOf(target.word).startsWith('pg_')) return []
    return [{ kind: target.kind, role: nameOf(target.word), sql }]
  })
}

interface Target {
  readonly kind: RoleStatement['kind']
  readonly word: string
}

/** How statements about a role begin, as words; `?` stands for any name, `role` for the role's. */
const beginnings = [
  ['create', ['CREATE', 'ROLE', 'role']],
  ['change', ['ALTER', 'ROLE', 'role']],
  ['change', ['COMMENT', 'ON', 'ROLE', 'role']],
  ['change', ['GRANT', '?', 'TO', 'role']],
] as const

function targetOf(words: readonly string[]): Target | null {
  // Settings in one database come with that database, not with the role.
  if (words[3] === 'IN' && words[4] === 'DATABASE') return null
  for (const [kind, pattern] of beginnings) {
    const fits = pattern.every((part, at) => part === '?' || part === 'role' || part === words[at])
    const word = words[pattern.length - 1]
    if (fits && word !== undefined) return { kind, word }
  }
  return null
}

/**
 * Creates the roles of the archive that the server does not have, with their attributes,
 * memberships and settings. Nothing is done to a role that exists.
 * @returns the roles that were created, and what could not be done, in words.
 */
export async function restoreRoles(
  session: AdminSession,
  rolesSql: string,
): Promise<{ readonly created: readonly string[]; readonly problems: readonly string[] }> {
  const statements = readRoleStatements(rolesSql)
  const named = statements.filter(({ kind }) => kind === 'create').map(({ role }) => role)
  const missing = await missingRoles(session, [...new Set(named)])
  const created: string[] = []
  const problems: string[] = []
  for (const { kind, role, sql } of statements) {
    const isDue = kind === 'create' ? missing.includes(role) : created.includes(role)
    if (!isDue) continue
    try {
      if (kind === 'create') await session.compose('CREATE ROLE %I', role)
      else await change(session, sql)
      if (kind === 'create') created.push(role)
    } catch (error) {
      if (!isOfServer(error)) throw error
      problems.push(`Of role ${role} could not be restored "${sql}": ${error.message.trim()}`)
    }
  }
  return { created, problems }
}

/** A membership may have been granted by a role that has no such right here. */
async function change(session: AdminSession, sql: string): Promise<void> {
  const byUs = sql.replace(/ GRANTED BY (?:"(?:[^"]|"")*"|[^\s;]+)/u, '')
  try {
    await session.compose('%s', sql)
  } catch (error) {
    if (byUs === sql || !isOfServer(error)) throw error
    await session.compose('%s', byUs)
  }
}
