import type { LoadedTree, TableFingerprint, TableName } from '../../../model/index.ts'
import type { PsqlSession } from '../session.ts'

interface Leaf {
  readonly root: TableName
  readonly leaf: TableName
  /** pg_dump itself loads it through the root. */
  readonly forced: boolean
}

/**
 * Partitioned by the hash of an enum, which depends on OIDs: in another database a row belongs to
 * another partition (`forcePartitionRootLoad` in pg_dump.c has the same condition).
 */
const hashesAnEnum = (table: string): string => `EXISTS (
  SELECT FROM pg_catalog.pg_partitioned_table t
    JOIN pg_catalog.pg_opclass o ON o.oid = ANY (t.partclass)
    JOIN pg_catalog.pg_am a ON a.oid = o.opcmethod
  WHERE t.partrelid = ${table} AND a.amname = 'hash' AND o.opcname = 'enum_ops'
    AND o.opcnamespace = 'pg_catalog'::pg_catalog.regnamespace)`

const leavesSql = `WITH RECURSIVE above (leaf, ancestor, forced) AS (
    SELECT c.oid, h.inhparent, ${hashesAnEnum('h.inhparent')}
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
    WHERE c.relispartition AND c.relkind = 'r'
    UNION ALL
    SELECT b.leaf, h.inhparent, b.forced OR ${hashesAnEnum('h.inhparent')}
    FROM above b JOIN pg_catalog.pg_class c ON c.oid = b.ancestor AND c.relispartition
      JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid)
  SELECT pg_catalog.json_build_object('forced', b.forced,
    'root', pg_catalog.json_build_object('schema', rn.nspname, 'table', r.relname),
    'leaf', pg_catalog.json_build_object('schema', n.nspname, 'table', c.relname))
  FROM above b
    JOIN pg_catalog.pg_class r ON r.oid = b.ancestor AND NOT r.relispartition
    JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
    JOIN pg_catalog.pg_class c ON c.oid = b.leaf
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ORDER BY n.nspname, c.relname`

/**
 * The trees of the restored database whose rows came through their root: those of which pg_dump
 * cannot do otherwise, and those of which the archive fills the root (`--load-via-partition-root`).
 */
export async function loadedTrees(
  session: PsqlSession,
  archive: readonly TableFingerprint[],
): Promise<readonly LoadedTree[]> {
  const filled = new Set(archive.map(keyOf))
  const trees = new Map<string, TableName & { readonly leaves: TableName[] }>()
  for (const { root, leaf, forced } of await session.rows<Leaf>(leavesSql)) {
    const key = keyOf(root)
    if (!forced && !(filled.has(key) && !filled.has(keyOf(leaf)))) continue
    const tree = trees.get(key) ?? { ...root, leaves: [] }
    tree.leaves.push(leaf)
    trees.set(key, tree)
  }
  return [...trees.values()]
}

/** A name that no other table has. */
export function keyOf({ schema, table }: TableName): string {
  return JSON.stringify([schema, table])
}
