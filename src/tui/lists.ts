import { maskedVariables } from '../config/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  identityOf,
  lastVerification,
  localStampOf,
  pinnedAt,
} from '../model/index.ts'
import type { DatabaseStatus, JournalEntry } from '../operations/index.ts'
import type { OfStore, Place, State } from './state.ts'

/** The places with a list, whose rows are chosen by their keys. */
export type ListPlace = Extract<Place, { readonly selected: string | null }>

export function isList(place: Place): place is ListPlace {
  return 'selected' in place
}

/** The keys of the rows that the filter leaves, from top to bottom. */
export function keysIn(state: State, place: ListPlace): readonly string[] {
  switch (place.kind) {
    case 'overview':
      return databasesIn(state, place.filter).map(({ spec }) => identityOf(spec))
    case 'database':
      return backupsIn(state, place).map(({ path }) => path)
    case 'log':
      return runsIn(state, place.filter).map(({ run }) => run.id)
    case 'settings':
      return settingsIn(state, place.filter).map(({ variable }) => variable)
  }
}

/** Where the chosen row is; 0 when it is gone. */
export function selectedIndex(state: State, place: ListPlace): number {
  const { selected } = place
  return selected === null ? 0 : Math.max(0, keysIn(state, place).indexOf(selected))
}

export function selectedKey(state: State, place: ListPlace): string | null {
  return keysIn(state, place)[selectedIndex(state, place)] ?? null
}

export function databasesIn({ world }: State, filter: string): readonly ConfiguredDatabase[] {
  return world.databases.filter(({ spec }) => contains(spec.written, filter))
}

export function statusOf({ world }: State, identity: string): DatabaseStatus | null {
  const statuses = world.observation?.statuses ?? []
  return statuses.find(({ database }) => identityOf(database.spec) === identity) ?? null
}

export function databaseOf({ world }: State, identity: string): ConfiguredDatabase | null {
  return world.databases.find(({ spec }) => identityOf(spec) === identity) ?? null
}

/** Newest first. */
export function backupsIn(
  state: State,
  { filter, ...of }: Extract<Place, { readonly kind: 'database' }>,
): readonly Backup[] {
  const backups = backupsOf(state, of)
  if (filter === '') return backups
  return backups.filter((backup) => contains(textOf(backup), filter))
}

/** All of one database in one store, newest first. */
export function backupsOf(state: State, { identity, store }: OfStore): readonly Backup[] {
  if (store === null) return statusOf(state, identity)?.backups ?? []
  const elsewhere = state.world.elsewhere.get(store)
  return elsewhere?.state === 'read' ? (elsewhere.backups.get(identity) ?? []) : []
}

export function backupAt(state: State, of: OfStore & { readonly path: string }): Backup | null {
  return backupsOf(state, of).find(({ path }) => path === of.path) ?? null
}

export function runsIn({ world }: State, filter: string): readonly JournalEntry[] {
  const runs = world.journal ?? []
  if (filter === '') return runs
  return runs.filter(({ run, state }) =>
    contains(
      [run.verb, run.trigger, run.who, state, ...run.databases.map(({ spec }) => spec)].join(' '),
      filter,
    ),
  )
}

export function settingsIn({ world }: State, filter: string): ReturnType<typeof maskedVariables> {
  const all = maskedVariables(world.configuration.settings)
  return all.filter(({ variable, value }) => contains(`${variable} ${value ?? ''}`, filter))
}

function textOf(backup: Backup): string {
  const { path, name, takenAt, quality } = backup
  const { date } = localStampOf(takenAt)
  const verdict = lastVerification(backup)?.verdict ?? 'unverified'
  return [path, date, name.tier, quality, verdict, pinnedAt(backup) === null ? '' : 'pinned'].join(
    ' ',
  )
}

function contains(text: string, filter: string): boolean {
  return text.toLowerCase().includes(filter.toLowerCase())
}
