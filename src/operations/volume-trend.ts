import type { RunDocument } from '../model/index.ts'

const dayMs = 86_400_000
/** What was longer ago says little about what is to come. */
const longestDays = 30
/** In less time than that, chance says more than the trend. */
const leastDays = 1

/**
 * Bytes that backups add to the volume on an average day, less what pruning takes away, by the
 * record of the last 30 days; null: the record is too short to tell.
 * @param runs newest first; those of before the 30 days tell how large was what has been pruned.
 */
export function bytesPerDay(runs: readonly RunDocument[], now: Date): number | null {
  const since = now.getTime() - longestDays * dayMs
  const recent = runs.filter(({ startedAt }) => Date.parse(startedAt) >= since)
  const oldest = recent.at(-1)
  if (oldest === undefined) return null
  const days = (now.getTime() - Date.parse(oldest.startedAt)) / dayMs
  if (days < leastDays) return null
  const sizes = sizesOf(runs)
  const taken = [...sizesOf(recent).values()].reduce(sum, 0)
  const removed = recent.flatMap((run) => run.removed).map((path) => sizes.get(path) ?? 0)
  return (taken - removed.reduce(sum, 0)) / days
}

/** Of the backups that these runs made. */
function sizesOf(runs: readonly RunDocument[]): ReadonlyMap<string, number> {
  const made = runs
    .filter(({ verb }) => verb === 'back-up')
    .flatMap(({ databases }) => databases)
    .filter(({ state }) => state === 'succeeded')
  return new Map(made.map(({ path, bytes }) => [path ?? '', bytes ?? 0]))
}

function sum(left: number, right: number): number {
  return left + right
}
