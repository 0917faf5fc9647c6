import type { DatabaseFacts } from '../../model/index.ts'
import type { PsqlSession } from './session.ts'

interface Facts {
  readonly roles: readonly string[]
  readonly extensions: readonly { readonly name: string; readonly version: string }[]
  readonly database: DatabaseFacts
}

/**
 * `DatabaseFacts` of a row of `pg_database` that is called `this`. Columns for the provider of the
 * locale came with 15 and were renamed in 17, so they are asked for by name.
 */
export const databaseFacts = `pg_catalog.json_build_object(
    'name', datname,
    'owner', pg_catalog.pg_get_userbyid(datdba),
    'encoding', pg_catalog.pg_encoding_to_char(encoding),
    'collate', COALESCE(datcollate, ''),
    'ctype', COALESCE(datctype, ''),
    'provider', COALESCE(pg_catalog.to_jsonb(this) ->> 'datlocprovider', 'c'),
    'locale', COALESCE(pg_catalog.to_jsonb(this) ->> 'datlocale', pg_catalog.to_jsonb(this) ->> 'daticulocale'),
    'acl', datacl::text,
    'settings', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
        'role', CASE WHEN s.setrole = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(s.setrole) END,
        'setting', setting) ORDER BY s.setrole, setting)
      FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) setting
      WHERE s.setdatabase = this.oid), '[]'))`

/**
 * Roles that the dump refers to (owners, grantees, members of policies), its extensions, and what
 * belongs to the database but is in no plain dump of it. Owners are asked for apart, because the
 * dependency on the bootstrap superuser is not recorded.
 */
const factsSql = `
WITH this AS (SELECT * FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
refers AS (
  SELECT s.refobjid AS role FROM pg_catalog.pg_shdepend s, this
    WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.dbid = this.oid
  UNION SELECT datdba FROM this
  UNION SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  UNION SELECT relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
)
SELECT pg_catalog.json_build_object(
  'roles', COALESCE((SELECT pg_catalog.json_agg(rolname ORDER BY rolname) FROM pg_catalog.pg_roles
    WHERE oid IN (SELECT role FROM refers)), '[]'),
  'extensions', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', extname, 'version', extversion)
    ORDER BY extname) FROM pg_catalog.pg_extension), '[]'),
  'database', (SELECT ${databaseFacts} FROM this))`

export async function readFacts(session: PsqlSession): Promise<Facts> {
  const [facts] = await session.rows<Facts>(factsSql)
  if (facts === undefined) throw new TypeError('The facts of the database had no answer.')
  return facts
}
