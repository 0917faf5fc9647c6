import { type AdminSession, isOfServer, textOf } from './admin-session.ts'
import { freshNamePattern, leftoverMark, replacedMark } from './names.ts'
import { removeDatabase } from './remove-database.ts'

/**
 * Removes what killed restores of the same database had begun, and names the replaced databases
 * that they did not come to drop: those hold somebody's data, so people decide. The caller holds
 * the advisory lock of the database.
 * @returns warnings.
 */
export async function clearLeftovers(
  session: AdminSession,
  database: string,
  major: number,
): Promise<readonly string[]> {
  const warnings: string[] = []
  for (const name of await session.rows<string>(begunSql(database))) {
    warnings.push(await remove(session, name, major))
  }
  for (const name of await session.rows<string>(replacedSql(database))) {
    warnings.push(
      `The database ${name} is still there: an earlier restore has replaced it and could not drop it. Drop it once nobody needs it.`,
    )
  }
  return warnings
}

async function remove(session: AdminSession, name: string, major: number): Promise<string> {
  try {
    await removeDatabase(session, name, major)
    return `Removed ${name}, the left-over of a restore that was interrupted.`
  } catch (error) {
    if (!isOfServer(error)) throw error
    return `The left-over ${name} of a restore that was interrupted could not be removed: ${error.message.trim()}. Drop it yourself.`
  }
}

/** Ours by its comment, or killed in the moment before it got that: then nobody may connect. */
const begunSql = (
  database: string,
): string => `SELECT pg_catalog.to_json(datname) FROM pg_catalog.pg_database
  WHERE pg_catalog.pg_has_role(datdba, 'USAGE') AND (
    pg_catalog.shobj_description(oid, 'pg_database') = ${textOf(leftoverMark(database))}
    OR (pg_catalog.shobj_description(oid, 'pg_database') IS NULL AND datconnlimit = 0
      AND datname::pg_catalog.text ~ ${textOf(freshNamePattern(database))}))`

const replacedSql = (
  database: string,
): string => `SELECT pg_catalog.to_json(datname) FROM pg_catalog.pg_database
  WHERE pg_catalog.shobj_description(oid, 'pg_database') = ${textOf(replacedMark(database))} ORDER BY datname`
