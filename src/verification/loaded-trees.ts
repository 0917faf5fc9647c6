import type { LoadedTree, TableFingerprint, TableName } from '../model/index.ts'

/** Each of those trees as the one table that its root is, with the rows of all its partitions. */
export function withTreesAsOne(
  tables: readonly TableFingerprint[],
  trees: readonly LoadedTree[],
): readonly TableFingerprint[] {
  if (trees.length === 0) return tables
  const roots = new Map(
    trees.flatMap((tree) => [tree, ...tree.leaves].map((part) => [nameOf(part), tree] as const)),
  )
  const wholes = new Map<string, TableFingerprint>()
  for (const one of tables) {
    const { schema, table } = roots.get(nameOf(one)) ?? one
    const part = { ...one, schema, table }
    const others = wholes.get(nameOf(part))
    wholes.set(nameOf(part), others === undefined ? part : together(others, part))
  }
  return [...wholes.values()]
}

function together(one: TableFingerprint, other: TableFingerprint): TableFingerprint {
  const { schema, table } = one
  const rows = one.rows + other.rows
  if (one.digest === undefined || other.digest === undefined) return { schema, table, rows }
  return { schema, table, rows, digest: sumOf(one.digest, other.digest) }
}

/** Digests are sums of hashes of rows, so those of two tables are the digest of their union. */
function sumOf(one: string, other: string): string {
  const addends = other.split(':')
  return one
    .split(':')
    .map((sum, index) => BigInt(sum) + BigInt(addends[index] ?? 0))
    .join(':')
}

/** `schema.table`, as people write it. */
export function nameOf({ schema, table }: TableName): string {
  return `${schema}.${table}`
}
