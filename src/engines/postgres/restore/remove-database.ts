import type { AdminSession } from './admin-session.ts'
import { textOf } from './admin-session.ts'

/** Ends every session of these databases that the user may end. */
export function endSessionsSql(databases: readonly string[]): string {
  return `SELECT pg_catalog.to_json(pg_catalog.pg_terminate_backend(a.pid))
  FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid,
    (SELECT rolsuper, oid FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER) me
  WHERE a.datname IN (${databases.map(textOf).join(', ')}) AND a.pid <> pg_catalog.pg_backend_pid()
    AND (me.rolsuper OR (NOT COALESCE(r.rolsuper, true)
      AND (pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE'))))`
}

/** Drops a database whoever is connected to it. One that is not there is no error. */
export async function removeDatabase(
  session: AdminSession,
  database: string,
  major: number,
): Promise<void> {
  if (major >= 13) return await session.compose('DROP DATABASE IF EXISTS %I WITH (FORCE)', database)
  await session.rows(endSessionsSql([database]))
  await session.compose('DROP DATABASE IF EXISTS %I', database)
}
