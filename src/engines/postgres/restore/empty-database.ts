import { Refusal } from '../../../model/index.ts'
import { AdminSession } from './admin-session.ts'
import { asSuperuser } from './as-superuser.ts'
import type { Preparation } from './order.ts'

/**
 * Drops all that is in a database, for a user who may not create databases but owns all of it.
 * @throws {Refusal} when something in it belongs to somebody else; nothing is dropped then.
 */
export async function emptyDatabase(preparation: Preparation): Promise<void> {
  await refuseForeignContents(preparation)
  const { access, order } = preparation
  await using session = new AdminSession(access, order.target.spec.database)
  await session.run('BEGIN')
  await session.run('DROP OWNED BY CURRENT_USER CASCADE')
  await session.run('COMMIT')
}

/** @throws {Refusal} when something in the database belongs to somebody else. */
export async function refuseForeignContents(preparation: Preparation): Promise<void> {
  const { access, order, server } = preparation
  const { database, written } = order.target.spec
  await using session = new AdminSession(access, database)
  const foreign = await session.rows<string>(foreignSql)
  if (foreign.length > 0) {
    throw new Refusal(`The contents of ${written} cannot be replaced by user ${server.user}.`, {
      reason: `It does not own all of them: ${foreign.join(', ')}. Nothing was touched.`,
      advice: `${asSuperuser}.`,
    })
  }
}

/** `public` may belong to others, and objects of extensions belong to these. */
const foreignSql = String.raw`SELECT pg_catalog.to_json(pg_catalog.format('%I.%I', n.nspname, c.relname))
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  UNION ALL SELECT pg_catalog.to_json(pg_catalog.format('the schema %I', n.nspname))
  FROM pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
    AND NOT pg_catalog.pg_has_role(n.nspowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = n.oid AND d.deptype = 'e')
  UNION ALL SELECT pg_catalog.to_json(pg_catalog.format('the function %I.%I', n.nspname, p.proname))
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT pg_catalog.pg_has_role(p.proowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LIMIT 5`
