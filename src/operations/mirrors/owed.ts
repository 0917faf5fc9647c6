import {
  type Backup,
  type ConfiguredDatabase,
  copyIn,
  identityOf,
  type MirrorName,
} from '../../model/index.ts'
import { planRetention } from '../../retention/index.ts'
import type { Appliance } from '../appliance.ts'
import { policiesIn } from '../retention-policy.ts'
import type { Mirror } from './mirror.ts'

export interface OwnBackups {
  readonly database: ConfiguredDatabase
  readonly backups: readonly Backup[]
}

/**
 * The backups of a database on the volume that a mirror lacks and should have, oldest first: all, if
 * nothing is ever deleted there, else those that its policy keeps. What is visibly bad is not worth
 * a copy.
 */
export async function owedTo(
  appliance: Appliance,
  mirror: Mirror,
  { database, backups }: OwnBackups,
): Promise<readonly Backup[]> {
  const worth = backups.filter(({ quality, manifest }) =>
    manifest === null ? quality !== 'bad' : quality === 'good',
  )
  const kept = mirror.prunes
    ? await keptThere(appliance, mirror, { database, backups: worth })
    : worth
  return kept
    .filter((backup) => copyIn(backup, mirror.name) === undefined)
    .toSorted((one, other) => one.takenAt.getTime() - other.takenAt.getTime())
}

async function keptThere(
  appliance: Appliance,
  { name }: Mirror,
  { database, backups }: OwnBackups,
): Promise<readonly Backup[]> {
  const { decisions } = planRetention({
    backups,
    policy: policiesIn(appliance, name)(database),
    now: appliance.clock.now(),
    accepted: await appliance.catalog.readAcceptance(identityOf(database.spec)),
  })
  return decisions.filter(({ keep }) => keep).map(({ backup }) => backup)
}

/** What is on the volume only because a mirror still lacks it. */
export interface Owed {
  /** Not to be pruned yet; the names of the mirrors that lack them, by path. */
  readonly waiting: ReadonlyMap<string, readonly MirrorName[]>
  /** Older than MIRROR_GRACE: no reason to keep them any more. */
  readonly overdue: ReadonlyMap<string, readonly MirrorName[]>
}

/** By the record of the copies alone; asks no mirror. */
export async function owedOf(appliance: Appliance, own: OwnBackups): Promise<Owed> {
  const { mirrors, clock, configuration } = appliance
  const oldest = clock.now().getTime() - configuration.settings.mirrorGrace.seconds * 1000
  const waiting = new Map<string, MirrorName[]>()
  const overdue = new Map<string, MirrorName[]>()
  for (const mirror of mirrors) {
    for (const { path, takenAt } of await owedTo(appliance, mirror, own)) {
      const list = takenAt.getTime() < oldest ? overdue : waiting
      list.set(path, [...(list.get(path) ?? []), mirror.name])
    }
  }
  return { waiting, overdue }
}
