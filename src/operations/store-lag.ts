import type { Backup } from '../model/index.ts'

/** How far a store is behind, in seconds: the age of the oldest good backup that it still lacks. */
export interface StoreLag {
  readonly store: string
  readonly seconds: number
}

/**
 * The lag of every store that ever had a copy of one of these backups, newest first. What is older
 * than the newest copy is not missed: the store may keep fewer.
 */
export function storeLags(backups: readonly Backup[], now: Date): readonly StoreLag[] {
  const good = backups.filter(({ quality }) => quality === 'good')
  const stores = new Set(good.flatMap((backup) => copiesOf(backup).map(({ store }) => store)))
  return [...stores].toSorted().map((store) => {
    const newest = good.findIndex((each) => copiesOf(each).some((copy) => copy.store === store))
    const lacking = good.slice(0, newest).at(-1)
    const ms = lacking === undefined ? 0 : now.getTime() - lacking.takenAt.getTime()
    return { store, seconds: Math.max(0, Math.round(ms / 1000)) }
  })
}

function copiesOf({ manifest }: Backup): readonly { readonly store: string }[] {
  return manifest?.copies ?? []
}
