import { type Backup, type ConfiguredDatabase, Refusal } from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { matcherOf } from './file-filter.ts'
import { newestGood, takeInventory } from './inventory.ts'
import { allBackups } from './list.ts'

/** Which backup is wanted; null where nothing was said. */
export interface Wish {
  readonly database: ConfiguredDatabase
  /** A pattern over path and time (contract 2.1); then any database's file may be chosen. */
  readonly filter: string | null
  /** Not after this time. */
  readonly at: Date | null
  /** The name of a store. */
  readonly from: string | null
}

export interface Choice {
  readonly backup: Backup
  /** What the user should know about it. */
  readonly warnings: readonly string[]
}

/** Backups that an error message lists. */
const mostListed = 10

/**
 * The newest good backup of exactly that database; where none is known to be good, the newest that
 * is not visibly bad (it will be checked whole). A filter looks among all finished files.
 * @throws {Refusal} when there is none, with those that there are.
 */
export async function chooseBackup(appliance: Appliance, wish: Wish): Promise<Choice> {
  refuseUnknownStore(appliance, wish.from)
  const inventory = await takeInventory(appliance)
  const own = inventory.of.get(wish.database) ?? []
  const all = allBackups(inventory)
    .map(({ backup }) => backup)
    .toReversed()
  const candidates = candidatesFor(appliance, wish, wish.filter === null ? own : all)
  const backup = bestOf(candidates, wish, appliance.clock.now())
  if (backup === null) throw nothingFits(appliance, wish, { own, all })
  return { backup, warnings: warningsOn(backup, { wish, own, candidates }) }
}

/** @throws {Refusal} exit status 2. */
export function refuseUnknownStore({ volume }: Appliance, from: string | null): void {
  if (from === null || from === volume.name) return
  throw new Refusal(`There is no store "${from}".`, {
    reason: `This configuration has: ${volume.name}.`,
    advice: `Leave --from out, or write --from ${volume.name}.`,
    exitStatus: 2,
  })
}

/** Newest first. */
function candidatesFor(
  { volume }: Appliance,
  { filter, at }: Wish,
  backups: readonly Backup[],
): readonly Backup[] {
  const matches = filter === null ? () => true : matcherOf(filter, volume)
  return backups.filter((backup) => matches(backup) && (at === null || backup.takenAt <= at))
}

/** A file that the user's filter names is taken as it is, unless a better one fits as well. */
function bestOf(candidates: readonly Backup[], { filter }: Wish, now: Date): Backup | null {
  if (filter !== null) {
    return candidates.find(({ quality }) => quality !== 'bad') ?? candidates[0] ?? null
  }
  return (
    newestGood(candidates, now) ?? candidates.find(({ quality }) => quality === 'unchecked') ?? null
  )
}

interface Surroundings {
  readonly wish: Wish
  readonly own: readonly Backup[]
  readonly candidates: readonly Backup[]
}

function warningsOn(backup: Backup, { wish, own, candidates }: Surroundings): readonly string[] {
  const newer = candidates.slice(0, candidates.indexOf(backup))
  const unchecked = newer.find(({ quality }) => quality === 'unchecked')
  const spec = backup.manifest?.spec ?? null
  const all = [
    !own.includes(backup) &&
      `${backup.path} is ${spec === null ? 'no known backup' : `a backup of ${spec}, not`} of ${wish.database.spec.written}.`,
    backup.quality === 'bad' && `${backup.path} looks bad: ${backup.problem}.`,
    backup.manifest === null &&
      `${backup.path} has no manifest: what was in the database cannot be compared.`,
    unchecked !== undefined &&
      `${unchecked.path} is newer, but nobody has checked it; -f ${unchecked.path} restores it, --check tells whether it is good.`,
  ]
  return all.filter((warning) => warning !== false)
}

function nothingFits(
  { volume }: Appliance,
  { database, filter, at }: Wish,
  { own, all }: { readonly own: readonly Backup[]; readonly all: readonly Backup[] },
): Refusal {
  const wanted = [
    filter === null ? `of ${database.spec.written}` : `that matches ${JSON.stringify(filter)}`,
    at === null ? '' : ` up to ${at.toISOString()}`,
  ].join('')
  const there = own.length > 0 ? own : all
  const listed = there.slice(0, mostListed).map((backup) => describe(backup))
  const more = there.length > mostListed ? ` and ${there.length - mostListed} more` : ''
  return new Refusal(`There is no good backup ${wanted}. Nothing was touched.`, {
    reason:
      there.length === 0
        ? `${volume.root} holds no backup at all.`
        : `There are: ${listed.join(', ')}${more}.`,
    advice: 'Name one of them with -f, or another time with --at; backup.sh -l lists all.',
  })
}

function describe({ path, problem }: Backup): string {
  return problem === null ? path : `${path} (bad: ${problem})`
}
