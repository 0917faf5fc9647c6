/**
 * SQL of a digest of texts: sums of two 64-bit hashes of each. Their order does not matter, doubled
 * ones do not cancel out, and the digests of two sets add up to that of both.
 */
export function digestOf(text: string): string {
  return [0, 1]
    .map(
      (seed) => `COALESCE(pg_catalog.sum(pg_catalog.hashtextextended(${text}, ${seed})), 0)::text`,
    )
    .join(` || ':' || `)
}
