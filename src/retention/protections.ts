import { type Backup, isVerified } from '../model/index.ts'

/** What no count can delete, with the reasons. `sorted` is newest first. */
export function protectionsOf(
  sorted: readonly Backup[],
  inUse: ReadonlySet<string>,
): ReadonlyMap<Backup, readonly string[]> {
  const reasons = new Map<Backup, string[]>()
  const protect = (backup: Backup | undefined, reason: string): void => {
    if (backup === undefined) return
    reasons.set(backup, [...(reasons.get(backup) ?? []), reason])
  }

  const newestGood = sorted.find(({ quality }) => quality === 'good')
  protect(newestGood, 'newest good backup')
  if (newestGood === undefined) {
    const newest = sorted.find(({ quality }) => quality !== 'bad')
    protect(newest, 'newest backup, and none is known to be good')
  }
  protect(sorted.find(isVerified), 'newest verified backup')
  for (const backup of sorted) if (inUse.has(backup.path)) protect(backup, 'being read right now')
  return reasons
}
