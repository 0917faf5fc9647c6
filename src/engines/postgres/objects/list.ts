import { createHash } from 'node:crypto'
import { type ObjectKind, type ObjectsOfKind, objectKinds } from '../../../model/index.ts'
import type { PsqlSession } from '../session.ts'
import { details, emptyReads } from './details.ts'
import type { ObjectSource } from './object-source.ts'
import { objectSources } from './sources.ts'

/** 64 bits are enough to find a mistake. */
const digestLength = 16

/**
 * All that pg_dump dumps beside rows, with all names, in the session's snapshot. Needs
 * no rights, and locks nothing but system catalogs.
 * @param major of the server.
 * @throws {StatementFailure | SessionEnded}
 */
export async function listObjects(
  session: PsqlSession,
  major: number,
): Promise<readonly ObjectsOfKind[]> {
  await session.query(settingsSql)
  const found = await session.rows<{ readonly kind: string; readonly names: readonly string[] }>(
    objectsSql(major),
  )
  const byKind = new Map(found.map(({ kind, names }) => [kind, names]))
  const [largeObjects] = await session.rows<ObjectsOfKind>(largeObjectsSql)
  const kinds = Object.keys(objectKinds) as ObjectKind[]
  return kinds.map((kind) =>
    kind === 'large object' && largeObjects !== undefined
      ? largeObjects
      : objectsOfKind(kind, byKind.get(kind) ?? []),
  )
}

export function objectsOfKind(kind: ObjectKind, names: readonly string[]): ObjectsOfKind {
  const inOrder = names.toSorted()
  const hash = createHash('sha256')
  for (const name of inOrder) hash.update(name).update('\0')
  const digest = hash.digest('hex').slice(0, digestLength)
  return { kind, count: inOrder.length, digest, names: inOrder }
}

/**
 * Names of types then have their schema. Compiling a query of thirty catalogs would take longer than
 * running it; version 10 cannot.
 */
const settingsSql = `SELECT pg_catalog.set_config(name, value, true)
  FROM (VALUES ('search_path', ''), ('jit', 'off')) AS wanted (name, value)
  WHERE name IN (SELECT s.name FROM pg_catalog.pg_settings s)`

/** Tables are compared with their rows. */
function objectsSql(major: number): string {
  return `WITH RECURSIVE ${emptyReads},
  member AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
    UNION SELECT classid, objid FROM pg_depend
      WHERE deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass)),
  every AS (${objectSources(major).map(selectFrom).join('\n  UNION ALL ')}),
  object AS (SELECT * FROM every o
    WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = o.catalog AND m.objid = o.id)
      AND NOT EXISTS (SELECT FROM member m WHERE m.classid = o.whole_catalog AND m.objid = o.whole_id))
  SELECT json_build_object('kind', kind, 'names', json_agg(name)) FROM (
    SELECT kind, name FROM object WHERE kind <> 'table'
    UNION ALL ${details.join('\n    UNION ALL ')}
  ) AS fact (kind, name) GROUP BY kind`
}

/** There may be millions, and they have numbers only: their sum tells some from others. */
const largeObjectsSql = `SELECT json_build_object('kind', 'large object', 'names', NULL, 'count', count(*),
    'digest', COALESCE(sum(oid::bigint), 0)::text) FROM pg_largeobject_metadata`

function selectFrom({ kind, id, partOf = id, name, owner, acl, from }: ObjectSource): string {
  const [type, grants] = acl ?? ['NULL', 'NULL']
  return `SELECT (${kind})::text AS kind, '${id[0]}'::regclass AS catalog, ${id[1]} AS id,
    '${partOf[0]}'::regclass AS whole_catalog, ${partOf[1]} AS whole_id, ${name} AS name,
    (${owner ?? 'NULL'})::oid AS owner, (${type})::"char" AS acltype, (${grants})::aclitem[] AS acl
    FROM ${from}`
}
