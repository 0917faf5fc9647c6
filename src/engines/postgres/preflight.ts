import { type ConfiguredDatabase, Refusal } from '../../model/index.ts'
import type { Probe } from './probe.ts'
import type { PsqlSession } from './session.ts'
import { readRelations } from './sql.ts'

/** How many names a message lists before it says "and N more". */
const mostNames = 5

interface Lacking {
  readonly unreadable: readonly string[]
  readonly filtered: readonly string[]
  /** Schemas of the unreadable ones, quoted for SQL. */
  readonly schemas: readonly string[]
  readonly largeObjects: number
}

/** PostgreSQL 18 can be asked about a large object; before, owner and grants tell. */
const mayReadLargeObject = (major: number): string =>
  major >= 18
    ? `pg_catalog.has_largeobject_privilege(m.oid, 'SELECT')`
    : `(pg_catalog.pg_has_role(m.lomowner, 'USAGE') OR EXISTS (
        SELECT FROM pg_catalog.aclexplode(m.lomacl) a
        WHERE a.privilege_type = 'SELECT'
          AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE'))))`

const preflightSql = (major: number): string => `
WITH relation AS (
  SELECT c.oid, c.relkind, c.relrowsecurity, n.nspname,
    pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind
      WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
      ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END AS readable
  ${readRelations}
)
SELECT pg_catalog.json_build_object(
  'unreadable', COALESCE((SELECT pg_catalog.json_agg(name ORDER BY name) FROM relation WHERE NOT readable), '[]'),
  'schemas', COALESCE((SELECT pg_catalog.json_agg(DISTINCT pg_catalog.quote_ident(nspname)) FROM relation WHERE NOT readable), '[]'),
  'filtered', COALESCE((SELECT pg_catalog.json_agg(name ORDER BY name) FROM relation
    WHERE readable AND relkind <> 'S' AND relrowsecurity AND pg_catalog.row_security_active(oid)), '[]'),
  'largeObjects', CASE
    WHEN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER)
      OR pg_catalog.current_setting('lo_compat_privileges')::bool THEN 0
    ELSE (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata m WHERE NOT ${mayReadLargeObject(major)})
  END)`

/**
 * Names what pg_dump would fail on, all of it at once and with the exact statement that mends it,
 * before anything is written.
 * @throws {Refusal} when the dump cannot succeed.
 */
export async function checkRights(
  session: PsqlSession,
  probe: Probe,
  database: ConfiguredDatabase,
): Promise<void> {
  const [lacking] = await session.rows<Lacking>(preflightSql(probe.major))
  if (lacking === undefined) return
  const problems = problemsOf(lacking, probe)
  if (problems.length === 0) return
  throw new Refusal(`The dump of ${database.spec.written} would fail.`, {
    reason: problems.map(({ reason }) => reason).join(' '),
    advice: `As a superuser, in that database: ${problems.map(({ fix }) => fix).join(' ')}`,
  })
}

function problemsOf(lacking: Lacking, probe: Probe): { reason: string; fix: string }[] {
  const { unreadable, filtered, largeObjects } = lacking
  const all = [
    unreadable.length > 0 && {
      reason: `User ${probe.user} may not read ${listed(unreadable)}.`,
      fix: grantRead(lacking, probe),
    },
    filtered.length > 0 && {
      reason: `Row-level security hides rows of ${listed(filtered)} from user ${probe.user}.`,
      fix: `ALTER ROLE ${probe.user} BYPASSRLS;`,
    },
    largeObjects > 0 && {
      reason: `User ${probe.user} may not read ${largeObjects} large ${largeObjects === 1 ? 'object' : 'objects'}.`,
      fix: `GRANT SELECT ON LARGE OBJECT to ${probe.user} for each of them, or ALTER DATABASE … SET lo_compat_privileges = on;`,
    },
  ]
  return all.filter((problem) => problem !== false)
}

/** The predefined role exists from PostgreSQL 14 on; before, every schema needs its grants. */
function grantRead({ schemas }: Lacking, { major, user }: Probe): string {
  if (major >= 14) return `GRANT pg_read_all_data TO ${user};`
  const list = schemas.join(', ')
  return [
    `GRANT USAGE ON SCHEMA ${list} TO ${user};`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${list} TO ${user};`,
    `GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${list} TO ${user};`,
  ].join(' ')
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ')
  const more = names.length - mostNames
  return more > 0 ? `${shown} and ${more} more` : shown
}
