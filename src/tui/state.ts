import type { Configuration } from '../config/index.ts'
import type { Backup, ConfiguredDatabase, StoreName } from '../model/index.ts'
import type { JournalEntry, Observation, PrunePlan, ScheduleAhead } from '../operations/index.ts'
import type { Line } from './line.ts'
import type { Operation } from './operation.ts'
import type { RestoreDraft } from './restore-draft.ts'
import type { Task } from './task.ts'

/** The whole of what is on the terminal, as a value; `reduce` advances it, `Screen` draws it. */
export interface State {
  readonly size: { readonly columns: number; readonly rows: number }
  readonly color: boolean
  readonly now: Date
  readonly world: World
  /** The way to what is shown, which is the last; never empty. */
  readonly places: readonly Place[]
  readonly dialog: Dialog | null
  readonly operation: Operation | null
  /** One line about what was just done, or could not be. */
  readonly notice: Line | null
}

/** What is known of the appliance. */
export interface World {
  readonly configuration: Configuration
  readonly databases: readonly ConfiguredDatabase[]
  /** The root of the backups, for people. */
  readonly root: string
  /** Not so of a bucket, which has no size and never fills up. */
  readonly isLocal: boolean
  readonly mirrors: readonly StoreName[]
  /** null: not read yet. */
  readonly observation: Observation | null
  /** Why the last look at the volume failed; null: it did not. */
  readonly problem: string | null
  /** null: not read yet. */
  readonly journal: readonly JournalEntry[] | null
  readonly ahead: ScheduleAhead | null
  /** Net growth of the volume; null: nobody can tell. */
  readonly bytesPerDay: number | null
  /** What the mirrors hold, as far as anybody has asked. */
  readonly elsewhere: ReadonlyMap<StoreName, Elsewhere>
  /** By the identity of the database. */
  readonly retention: ReadonlyMap<string, Retention>
}

/** The backups in a mirror, by the identity of their database, newest first. */
export type Elsewhere =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly backups: ReadonlyMap<string, readonly Backup[]> }
  | { readonly state: 'refused'; readonly problem: string }

/** What retention says about the backups of one database, by their paths. */
export interface Retention {
  readonly decisions: ReadonlyMap<string, PrunePlan['decisions'][number]>
  readonly dates: ReadonlyMap<string, Date>
}

/** A list in which one row is chosen, by its key so that no refresh moves the choice. */
interface ListPlace {
  /** null: the first. */
  readonly selected: string | null
  readonly filter: string
}

/** A text that may be longer than the screen. */
interface TextPlace {
  readonly top: number
}

/** The backups of one database in one store. */
export interface OfStore {
  readonly identity: string
  /** null: the volume. */
  readonly store: StoreName | null
}

export type Place =
  | ({ readonly kind: 'overview' } & ListPlace)
  | ({ readonly kind: 'database' } & OfStore & ListPlace)
  | ({ readonly kind: 'backup'; readonly path: string } & OfStore & TextPlace)
  | ({ readonly kind: 'schedule' } & TextPlace)
  | ({ readonly kind: 'log' } & ListPlace)
  | ({ readonly kind: 'run'; readonly id: string } & TextPlace)
  | ({ readonly kind: 'settings' } & ListPlace)
  | ({ readonly kind: 'operation' } & TextPlace)
  | ({ readonly kind: 'prune'; readonly preview: PrunePreview } & TextPlace)
  | ({ readonly kind: 'restore'; readonly draft: RestoreDraft; readonly field: number } & TextPlace)
  | ({ readonly kind: 'help' } & TextPlace)

export interface PrunePreview {
  readonly databases: readonly ConfiguredDatabase[]
  /** null: being made. */
  readonly plans: readonly PrunePlan[] | null
}

/** What stands over the place and takes all keys. */
export type Dialog =
  | { readonly kind: 'consent'; readonly task: Task; readonly typed: string }
  | { readonly kind: 'filter'; readonly before: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'cancel' }

/** The place that is shown. */
export function placeOf({ places }: State): Place {
  return places.at(-1) ?? overview
}

export const overview: Place = { kind: 'overview', selected: null, filter: '' }

/** What was known of these stores holds no more. */
export function reading(state: State, stores: readonly StoreName[]): State {
  const elsewhere = new Map(state.world.elsewhere)
  for (const store of stores) elsewhere.set(store, { state: 'reading' })
  return { ...state, world: { ...state.world, elsewhere } }
}
