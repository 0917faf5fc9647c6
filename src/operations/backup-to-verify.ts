import type { Attribution } from '../catalog/index.ts'
import type { Backup, ConfiguredDatabase } from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { newerBad } from './choose-backup.ts'
import { matcherOf } from './file-filter.ts'
import { newestGood } from './inventory.ts'
import { allBackups } from './list.ts'

/**
 * What a restore would choose: the newest good backup, or where none is known to be good, the
 * newest that is not visibly bad. A filter looks among all files, as the original's does, and may
 * name a bad one. null: there is none.
 */
export function backupToVerify(
  { volume, clock }: Appliance,
  {
    inventory,
    database,
    filter,
  }: {
    readonly inventory: Attribution
    readonly database: ConfiguredDatabase
    readonly filter: string | null
  },
): Backup | null {
  const own = inventory.of.get(database) ?? []
  if (filter === null) {
    return (
      newestGood(own, clock.now()) ?? own.find(({ quality }) => quality === 'unchecked') ?? null
    )
  }
  const matches = matcherOf(filter, volume)
  return (
    own.find(matches) ??
    allBackups(inventory)
      .map(({ backup }) => backup)
      .findLast(matches) ??
    null
  )
}

/**
 * What is wrong with the newest backup, where an older one is verified instead: that this one is
 * proved is no comfort. null: the newest is the one, or is not known to be bad.
 */
export function newestIsBad(own: readonly Backup[], verified: Backup | null): string | null {
  const [newest] = own
  if (newest === undefined || newest.path === verified?.path) return null
  return newerBad([newest])[0] ?? null
}
