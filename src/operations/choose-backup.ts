import { basename } from 'node:path'
import type { Attribution } from '../catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  identityOf,
  minuteText,
  Refusal,
} from '../model/index.ts'
import type { Appliance } from './appliance.ts'
import { matcherOf } from './file-filter.ts'
import { newestGood, takeInventory } from './inventory.ts'
import { lossWith } from './lasting-loss.ts'
import { allBackups } from './list.ts'

/** Which backup is wanted; null where nothing was said. */
export interface Wish {
  readonly database: ConfiguredDatabase
  /** A pattern over path and time (contract 2.1); then any database's file may be chosen. */
  readonly filter: string | null
  /** Not after this time. */
  readonly at: Date | null
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
 * is not visibly bad (it will be checked whole). A filter looks among all finished files, but only
 * one that it names alone may be a bad one or a backup of another database.
 * @throws {Refusal} when there is none, with those that there are.
 */
export async function chooseBackup(appliance: Appliance, wish: Wish): Promise<Choice> {
  const inventory = await takeInventory(appliance)
  const own = inventory.of.get(wish.database) ?? ownOfStranger(inventory, wish.database)
  const all = allBackups(inventory)
    .map(({ backup }) => backup)
    .toReversed()
  const candidates = candidatesFor(appliance, wish, wish.filter === null ? own : all)
  const backup =
    wish.filter === null
      ? bestOf(candidates, appliance.clock.now())
      : meantBy(appliance, wish.filter, { own, candidates })
  if (backup === null && candidates.length > 1 && wish.filter !== null) {
    throw noneMeant(wish, { own, candidates })
  }
  if (backup === null) throw nothingFits(appliance, wish, { own, all })
  const loss = await lossWith(appliance, { database: wish.database, backup, own })
  const warnings = warningsOn(backup, { wish, own, candidates })
  return { backup, warnings: loss === null ? warnings : [...warnings, loss] }
}

/** What who has chosen a backup of that database by hand should know about it. */
export async function warningsOnChoice(
  appliance: Appliance,
  database: ConfiguredDatabase,
  backup: Backup,
): Promise<readonly string[]> {
  const own = (await takeInventory(appliance)).of.get(database) ?? []
  const chosen = own.find(({ path }) => path === backup.path)
  if (chosen === undefined) return []
  const loss = await lossWith(appliance, { database, backup: chosen, own })
  return [...newerBad(own.slice(0, own.indexOf(chosen))), ...(loss === null ? [] : [loss])]
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

function bestOf(candidates: readonly Backup[], now: Date): Backup | null {
  return (
    newestGood(candidates, now) ?? candidates.find(({ quality }) => quality === 'unchecked') ?? null
  )
}

interface Found {
  readonly own: readonly Backup[]
  readonly candidates: readonly Backup[]
}

interface Surroundings extends Found {
  readonly wish: Wish
}

/** The only file that the filter finds, or whose name it is, as it is; else the newest fit one. */
function meantBy({ volume }: Appliance, filter: string, { own, candidates }: Found): Backup | null {
  const isNamed = ({ path }: Backup): boolean =>
    [path, basename(path), volume.label(path)].includes(filter)
  const named = candidates.filter(isNamed)
  for (const few of [candidates, named]) {
    const [only] = few
    if (only !== undefined && few.length === 1) return only
  }
  return candidates.find((backup) => whyNot(backup, own) === null) ?? null
}

/** Why a filter that finds several does not mean this one, in words; null when it may. */
function whyNot(backup: Backup, own: readonly Backup[]): string | null {
  const { quality, problem, manifest, name } = backup
  if (!own.includes(backup)) return `of ${manifest?.spec ?? name.core}`
  return quality === 'bad' ? `bad: ${problem}` : null
}

/** The backups of a database that is not configured, by the rules of `attribute`. */
function ownOfStranger({ foreign }: Attribution, { spec, core }: ConfiguredDatabase): Backup[] {
  return foreign.filter(({ manifest, name }) =>
    manifest === null ? name.core === core : manifest.spec === identityOf(spec),
  )
}

function warningsOn(backup: Backup, { wish, own, candidates }: Surroundings): readonly string[] {
  const newer = candidates.slice(0, candidates.indexOf(backup))
  const spec = backup.manifest?.spec ?? null
  const all = [
    !own.includes(backup) &&
      `${backup.path} is ${spec === null ? 'no known backup' : `a backup of ${spec}, not`} of ${wish.database.spec.written}.`,
    backup.quality === 'bad' && `${backup.path} looks bad: ${backup.problem}.`,
    backup.manifest === null &&
      `${backup.path} has no manifest: what was in the database cannot be compared.`,
    ...(wish.filter === null ? warningsOnNewer(newer) : [passedOver(newer, own)]),
  ]
  return all.filter((warning) => warning !== false)
}

function warningsOnNewer(newer: readonly Backup[]): readonly string[] {
  const unchecked = newer.find(({ quality }) => quality === 'unchecked')
  if (unchecked === undefined) return newerBad(newer)
  const { path } = unchecked
  const text = `${path} is newer, but nobody has checked it; -f ${path} restores it, --check tells whether it is good.`
  return [...newerBad(newer), text]
}

/** About those that are passed over, as `--status` says it of the newest. */
export function newerBad(newer: readonly Backup[]): readonly string[] {
  const bad = newer.filter(({ quality }) => quality === 'bad')
  const more = bad.length - mostListed
  return [
    ...bad.slice(0, mostListed).map(({ path, problem }) => {
      const which = path === newer[0]?.path ? 'The newest backup' : 'A newer backup'
      return `${which} is bad: ${problem}. ${path} was passed over.`
    }),
    ...(more > 0 ? [`${more} more bad backups were passed over.`] : []),
  ]
}

function passedOver(newer: readonly Backup[], own: readonly Backup[]): string | false {
  if (newer.length === 0) return false
  return `The filter finds newer ones, too, that were passed over: ${listed(newer, own)}.`
}

function listed(backups: readonly Backup[], own: readonly Backup[]): string {
  const more = backups.length > mostListed ? ` and ${backups.length - mostListed} more` : ''
  const told = backups.slice(0, mostListed).map((backup) => {
    const why = whyNot(backup, own)
    return why === null ? backup.path : `${backup.path} (${why})`
  })
  return told.join(', ') + more
}

function noneMeant({ database, filter }: Wish, { own, candidates }: Found): Refusal {
  const found = `${candidates.length} backups match ${JSON.stringify(filter)}`
  return new Refusal(
    `${found}, and none is a good one of ${database.spec.written}. Nothing was touched.`,
    {
      reason: `There are: ${listed(candidates, own)}.`,
      advice: 'To restore one of them all the same, name it alone: -f with its path.',
    },
  )
}

function nothingFits(
  { volume, mirrors, from }: Appliance,
  { database, filter, at }: Wish,
  { own, all }: { readonly own: readonly Backup[]; readonly all: readonly Backup[] },
): Refusal {
  const wanted = [
    filter === null ? `of ${database.spec.written}` : `that matches ${JSON.stringify(filter)}`,
    at === null ? '' : ` up to ${minuteText(at)}`,
  ].join('')
  const there = own.length > 0 ? own : all
  const told = there.slice(0, mostListed).map((backup) => describe(backup))
  const more = there.length > mostListed ? ` and ${there.length - mostListed} more` : ''
  return new Refusal(`There is no good backup ${wanted}. Nothing was touched.`, {
    reason:
      there.length === 0
        ? `${from ?? volume.root} holds no backup at all.`
        : `There are: ${told.join(', ')}${more}.`,
    advice:
      there.length === 0 && from === null && mirrors.length > 0
        ? `Look into the mirrors: --from ${mirrors.map(({ name }) => name).join(', or --from ')}.`
        : 'Name one of them with -f, or another time with --at; backup.sh -l lists all.',
  })
}

function describe({ path, problem }: Backup): string {
  return problem === null ? path : `${path} (bad: ${problem})`
}
