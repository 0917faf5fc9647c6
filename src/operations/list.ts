import type { Attribution } from '../catalog/index.ts'
import { engineOf } from '../engines/index.ts'
import { accountOf, type Backup, type ConfiguredDatabase } from '../model/index.ts'
import { type Appliance, engineContext } from './appliance.ts'
import { takeInventory } from './inventory.ts'

/** The live size of a configured database, or why it could not be had. */
export interface LiveSize {
  readonly database: ConfiguredDatabase
  readonly bytes: number | null
  readonly problem: string | null
}

export interface Listing {
  readonly sizes: readonly LiveSize[]
  readonly inventory: Attribution
}

/**
 * All backups, and the size of every configured database as it is now. All databases are asked
 * at the same time, so those that do not answer delay it by one connect timeout (D-39).
 */
export async function listBackups(
  appliance: Appliance,
  { live }: { readonly live: boolean },
): Promise<Listing> {
  const { databases } = appliance.configuration
  const asked = live ? databases : []
  const [inventory, sizes] = await Promise.all([
    takeInventory(appliance),
    Promise.all(asked.map((database) => liveSize(appliance, database))),
  ])
  return { sizes, inventory }
}

async function liveSize(appliance: Appliance, database: ConfiguredDatabase): Promise<LiveSize> {
  try {
    const { databaseBytes } = await engineOf(database).measure(database, engineContext(appliance))
    return { database, bytes: databaseBytes, problem: null }
  } catch (error) {
    appliance.signal.throwIfAborted()
    const { message, reason } = accountOf(error)
    return { database, bytes: null, problem: reason === '' ? message : reason }
  }
}

/** Every backup with its database (null: of none), oldest first. */
export function allBackups({ of, foreign }: Attribution): readonly {
  readonly backup: Backup
  readonly database: ConfiguredDatabase | null
}[] {
  const owned = [...of].flatMap(([database, backups]) =>
    backups.map((backup) => ({ backup, database })),
  )
  const others = foreign.map((backup) => ({ backup, database: null }))
  return [...owned, ...others].toSorted(
    (left, right) =>
      left.backup.takenAt.getTime() - right.backup.takenAt.getTime() ||
      (left.backup.path < right.backup.path ? -1 : 1),
  )
}
