import { type Backup, type ConfiguredDatabase, identityOf } from '../model/index.ts'

/** Which backups belong to which configured database. */
export interface Attribution {
  /** An entry, perhaps empty, for every configured database; newest first. */
  readonly of: ReadonlyMap<ConfiguredDatabase, readonly Backup[]>
  /** Of no configured database, or of none for sure; never pruned. Newest first. */
  readonly foreign: readonly Backup[]
}

/**
 * A backup belongs to the database that its manifest names; without a manifest to the only
 * configured database with exactly its core name; else to none (design section 3, D-05).
 */
export function attribute(
  backups: readonly Backup[],
  databases: readonly ConfiguredDatabase[],
): Attribution {
  // A database that is configured twice is one database: both entries show the same list.
  const lists = new Map(databases.map(({ spec }): [string, Backup[]] => [identityOf(spec), []]))
  const identities = identitiesByCore(databases)
  const foreign: Backup[] = []
  for (const backup of backups.toSorted(newestFirst)) {
    const { manifest, name } = backup
    const identity = manifest === null ? identities.get(name.core) : manifest.spec
    const list = identity === undefined ? foreign : (lists.get(identity) ?? foreign)
    list.push(backup)
  }
  const of = new Map(
    databases.map((database) => [database, lists.get(identityOf(database.spec)) ?? []]),
  )
  return { of, foreign }
}

/** The identity behind each core name that stands for a single database. */
function identitiesByCore(databases: readonly ConfiguredDatabase[]): ReadonlyMap<string, string> {
  const groups = new Map<string, Set<string>>()
  for (const { core, spec } of databases) {
    groups.set(core, (groups.get(core) ?? new Set()).add(identityOf(spec)))
  }
  const single = [...groups].filter(([, identities]) => identities.size === 1)
  return new Map(single.map(([core, identities]) => [core, [...identities].join()]))
}

function newestFirst(left: Backup, right: Backup): number {
  const later = right.takenAt.getTime() - left.takenAt.getTime()
  if (later !== 0) return later
  return left.path < right.path ? 1 : -1
}
