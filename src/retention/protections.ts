import { type Backup, isVerified } from '../model/index.ts'

/** What is known of backups beyond what they say of themselves, by path. */
export interface Known {
  readonly inUse: ReadonlySet<string>
  readonly readable: string | null
}

/** What no count can delete, with the reasons. `sorted` is newest first. */
export function protectionsOf(
  sorted: readonly Backup[],
  { inUse, readable }: Known,
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
    const whole = sorted.find(({ path }) => path === readable)
    protect(whole, 'newest that can be read whole')
  }
  protect(sorted.find(isVerified), 'newest verified backup')
  for (const backup of sorted) if (inUse.has(backup.path)) protect(backup, 'being read right now')
  return reasons
}
