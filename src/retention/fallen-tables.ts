import type { Manifest } from '../model/index.ts'

/** A table that lost many of its rows, or is gone. */
export interface FallenTable {
  readonly schema: string
  readonly table: string
  /** Rows before and after. */
  readonly from: number
  readonly to: number
}

/**
 * The tables of which more than `threshold` percent of the rows went between two backups, those
 * that lost the most first; none where one of the two was not counted.
 */
export function fallenTables(
  before: Manifest,
  after: Manifest,
  threshold: number,
): readonly FallenTable[] {
  const [old, now] = [before.fingerprint.tables, after.fingerprint.tables]
  if (old === null || now === null) return []
  const rows = new Map(now.map((table) => [keyOf(table), table.rows]))
  return old
    .map(({ schema, table, rows: from }) => {
      return { schema, table, from, to: rows.get(keyOf({ schema, table })) ?? 0 }
    })
    .filter(({ from, to }) => from > to && ((from - to) / from) * 100 > threshold)
    .toSorted((left, right) => right.from - right.to - (left.from - left.to))
}

function keyOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return JSON.stringify([schema, table])
}
