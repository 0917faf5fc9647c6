import {
  type Backup,
  type ConfiguredDatabase,
  identityOf,
  pinnedAt,
  type StoreName,
} from '../model/index.ts'
import type { Key } from './keys.ts'
import { type Line, line } from './line.ts'
import { backupAt, databaseOf, selectedKey, statusOf } from './lists.ts'
import { type Step, step } from './message.ts'
import { goesOn } from './operation.ts'
import { draftOf, type RestoreDraft } from './restore-draft.ts'
import { type Place, placeOf, reading, type State } from './state.ts'
import { type Chosen, databasesOf, type Task } from './task.ts'
import { uncheckedText } from './words.ts'

type Of<Kind extends Place['kind']> = Extract<Place, { readonly kind: Kind }>
type Acting = {
  readonly [Kind in Place['kind']]?: (state: State, place: Of<Kind>, letter: string) => Step
}

const acting: Acting = {
  overview: overviewKey,
  database: databaseKey,
  backup: (state, place, letter) => ofBackup(state, place, letter) ?? step(state),
  log: (state, place, letter) => (letter === 'enter' ? openRun(state, place) : step(state)),
  operation: operationKey,
  prune: (state, place, letter) => (letter === 'enter' ? prune(state, place) : step(state)),
}

/** What a key does in the place that is shown, beside moving about. */
export function actionKey(state: State, key: Key): Step {
  return actIn(state, placeOf(state), key.name === 'text' ? key.text : key.name)
}

function actIn<Kind extends Place['kind']>(state: State, place: Of<Kind>, letter: string): Step {
  const act: ((state: State, place: Of<Kind>, letter: string) => Step) | undefined =
    acting[place.kind]
  return act?.(state, place, letter) ?? step(state)
}

function overviewKey(state: State, place: Of<'overview'>, letter: string): Step {
  return ofAll(state, letter) ?? ofChosen(state, place, letter)
}

function ofAll(state: State, letter: string): Step | null {
  if (letter === 't') return ask(state, { kind: 'test-notify' })
  if (letter === 'm') return mirror(state)
  if (!['B', 'V', 'C', 'P'].includes(letter)) return null
  return forDatabases(state, letter.toLowerCase(), chosen(state))
}

function ofChosen(state: State, place: Of<'overview'>, letter: string): Step {
  const identity = selectedKey(state, place)
  const database = identity === null ? null : databaseOf(state, identity)
  if (database === null || identity === null) return step(state)
  if (letter === 'enter') return openDatabase(state, database, identity)
  if (letter === 'r') return chooseBackup(openDatabase(state, database, identity))
  return forDatabases(state, letter, chosen(state, database)) ?? step(state)
}

/** What its last lines advise can be done where they are read. */
function operationKey(state: State, _place: Of<'operation'>, letter: string): Step {
  if (letter === 'x') return cancel(state)
  const { operation } = state
  if (operation === null || goesOn(state)) return step(state)
  if (letter === 'm') return mirror(state)
  const databases = configuredOf(state, databasesOf(operation.task))
  const [first] = databases.list
  if (letter === 'r' && first !== undefined && databases.list.length === 1) {
    return chooseBackup(openDatabase(state, first, identityOf(first.spec)))
  }
  return ('bvcp'.includes(letter) ? forDatabases(state, letter, databases) : null) ?? step(state)
}

/** What was restored to may be no database that is backed up. */
function configuredOf({ world }: State, { list, all }: Chosen): Chosen {
  const configured = list.flatMap(({ spec }) => {
    const identity = identityOf(spec)
    return world.databases.filter((each) => identityOf(each.spec) === identity)
  })
  return { list: configured, all }
}

function databaseKey(state: State, place: Of<'database'>, letter: string): Step {
  const { identity, store } = place
  if (letter === 'f') return fromNextStore(state, place)
  const path = selectedKey(state, place)
  if (path !== null) {
    if (letter === 'enter') {
      return step(opened(state, { kind: 'backup', identity, store, path, top: 0 }))
    }
    const done = ofBackup(state, { identity, store, path }, letter)
    if (done !== null) return done
  }
  const database = databaseOf(state, identity)
  if (database === null) return step(state)
  return forDatabases(state, letter, chosen(state, database)) ?? step(state)
}

/** What can be done with one backup; null: the key is about something else. */
function ofBackup(
  state: State,
  of: Pick<Of<'backup'>, 'identity' | 'store' | 'path'>,
  letter: string,
): Step | null {
  const { store, path } = of
  const backup = backupAt(state, of)
  const database = databaseOf(state, of.identity)
  if (backup === null || database === null) return null
  if (letter === 'r') return restore(state, draftOf(database, backup, store))
  if (letter === 'i') return pin(state, backup, store)
  if (letter !== 'v') return null
  const databases = chosen(state, database)
  return ask(state, { kind: 'verify', databases, backup: { path, from: store } })
}

function pin(state: State, backup: Backup, store: StoreName | null): Step {
  if (store === null) return ask(state, { kind: 'pin', backup, on: pinnedAt(backup) === null })
  return step({ ...state, notice: line('Only backups of the volume are pinned.', 'warn') })
}

/** The same database on the volume, in the first mirror, in the second, and on the volume again. */
function fromNextStore(state: State, place: Of<'database'>): Step {
  const stores = [null, ...state.world.mirrors]
  const store = stores[(stores.indexOf(place.store) + 1) % stores.length] ?? null
  const shown = { ...place, store, selected: null }
  const after = { ...state, places: [...state.places.slice(0, -1), shown] }
  if (stores.length === 1) {
    return step({
      ...state,
      notice: line('No mirror is set up: docs/mirrors.md says how.', 'warn'),
    })
  }
  if (store === null) return step(after)
  return step(reading(after, [store]), { kind: 'read-store', store })
}

function forDatabases(state: State, letter: string, databases: Chosen): Step | null {
  if (databases.list.length === 0) return null
  if (letter === 'b') return ask(state, { kind: 'back-up', databases })
  if (letter === 'v') return ask(state, { kind: 'verify', databases, backup: null })
  if (letter === 'c') return ask(state, { kind: 'check', databases })
  if (letter !== 'p') return null
  const preview = { databases: databases.list, plans: null }
  return step(opened(state, { kind: 'prune', preview, top: 0 }), {
    kind: 'plan-pruning',
    databases: databases.list,
  })
}

function mirror(state: State): Step {
  if (state.world.mirrors.length > 0) {
    return ask(state, { kind: 'mirror', databases: chosen(state) })
  }
  return step({ ...state, notice: line('No mirror is set up: docs/mirrors.md says how.', 'warn') })
}

function openDatabase(state: State, database: ConfiguredDatabase, identity: string): Step {
  const place: Place = { kind: 'database', identity, store: null, selected: null, filter: '' }
  return step(opened(state, place), { kind: 'read-retention', database })
}

/** The newest good one is what most restores want. */
function chooseBackup({ state, effects }: Step): Step {
  const place = placeOf(state)
  if (place.kind !== 'database') return { state, effects }
  const { lastGood = null, backups = [] } = statusOf(state, place.identity) ?? {}
  const others = state.places.slice(0, -1)
  const notice =
    lastGood === null
      ? noGoodBackup(state, backups)
      : line('Choose the backup to restore, then press r.', 'strong')
  const unchecked = backups.find(({ quality }) => quality === 'unchecked')
  const selected = (lastGood ?? unchecked)?.path ?? null
  return { state: { ...state, notice, places: [...others, { ...place, selected }] }, effects }
}

/** Who lost the volume may have all of it in a mirror. */
function noGoodBackup({ world }: State, backups: readonly Backup[]): Line {
  const unchecked = uncheckedText(backups)
  if (unchecked !== null) {
    return line(`${unchecked.charAt(0).toUpperCase()}${unchecked.slice(1)}.`, 'warn')
  }
  const where = world.mirrors.length === 0 ? '.' : ' on the volume: f looks into the mirrors.'
  return line(`There is no good backup of it${where}`, 'warn')
}

function restore(state: State, draft: RestoreDraft): Step {
  if (goesOn(state)) return busy(state)
  return step(opened(state, { kind: 'restore', draft, field: 0, top: 0 }))
}

function prune(state: State, { preview }: Of<'prune'>): Step {
  const { plans, databases } = preview
  if (plans === null) return step(state)
  const doomed = plans.flatMap(({ decisions }) => decisions).filter(({ keep }) => !keep).length
  if (doomed === 0) return step({ ...state, notice: line('There is nothing to delete.', 'good') })
  const all = databases.length === state.world.configuration.databases.length
  return ask(state, { kind: 'prune', databases: { list: databases, all }, doomed })
}

function openRun(state: State, place: Of<'log'>): Step {
  const id = selectedKey(state, place)
  return id === null ? step(state) : step(opened(state, { kind: 'run', id, top: 0 }))
}

function cancel(state: State): Step {
  return goesOn(state) ? step({ ...state, dialog: { kind: 'cancel' } }) : step(state)
}

function ask(state: State, task: Task): Step {
  if (goesOn(state)) return busy(state)
  return step({ ...state, dialog: { kind: 'consent', task, typed: '' } })
}

function busy(state: State): Step {
  return step({ ...state, notice: line('Something is running already: 5 shows it.', 'warn') })
}

function opened(state: State, place: Place): State {
  return { ...state, places: [...state.places, place] }
}

/** One database, or all that there are. */
function chosen({ world }: State, database?: ConfiguredDatabase): Chosen {
  const list = database === undefined ? world.databases : [database]
  return { list, all: list.length === world.configuration.databases.length && list.length !== 1 }
}
