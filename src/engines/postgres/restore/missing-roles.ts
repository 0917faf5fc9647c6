import { type AdminSession, isOfServer, textsOf } from './admin-session.ts'

/** Those of the names that are no role of the server. */
export async function missingRoles(
  session: AdminSession,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return []
  return await session.rows<string>(`SELECT pg_catalog.to_json(name) FROM pg_catalog.unnest(${textsOf(names)}) AS wanted (name)
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name) ORDER BY name`)
}

/** Whoever owned or was granted something, without the right to log in. */
export async function createRoles(session: AdminSession, names: readonly string[]): Promise<void> {
  for (const name of names) await session.compose('CREATE ROLE %I NOLOGIN', name)
}

/**
 * Takes back roles that nothing belongs to after all.
 * @returns those that could not be dropped, in words: they may not log in, so they do no harm.
 */
export async function dropRoles(
  session: AdminSession,
  names: readonly string[],
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const name of names) {
    try {
      await session.compose('DROP ROLE IF EXISTS %I', name)
    } catch (error) {
      if (!isOfServer(error)) throw error
      problems.push(`The role ${name} that was created is still there: ${error.message.trim()}.`)
    }
  }
  return problems
}
