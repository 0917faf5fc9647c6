import { identityOf } from '../model/index.ts'
import { dialogKey } from './dialog-keys.ts'
import { type Effect, type Message, type Step, step } from './message.ts'
import { advance, ended as endedOperation, goesOn, logged } from './operation.ts'
import { placeKey } from './place-keys.ts'
import { type Place, placeOf, reading, type State } from './state.ts'

/** The state after a message. Everything that the interface decides is decided here, without a screen. */
export function reduce(state: State, message: Message, now: Date): Step {
  return apply({ ...state, now }, message)
}

type About<Kind extends Message['kind']> = Extract<Message, { readonly kind: Kind }>
type Applying = {
  readonly [Kind in Message['kind']]: (state: State, message: About<Kind>) => Step
}

/** A new kind of message does not compile until it is decided here what it does. */
const applying: Applying = {
  key: (state, { key }) =>
    state.dialog === null ? placeKey({ ...state, notice: null }, key) : dialogKey(state, key),
  resized: (state, { size }) => step({ ...state, size }),
  ticked: (state) => step(state),
  observed: (state, { observation }) =>
    step(withWorld(state, { observation, problem: null }), ...missing(state)),
  unreadable: (state, { problem }) => step(withWorld(state, { problem })),
  'journal-read': (state, { journal: { entries: journal, ahead, bytesPerDay } }) =>
    step(withWorld(state, { journal, ahead, bytesPerDay })),
  'retention-read': (state, { identity, retention: read }) => {
    const retention = new Map(state.world.retention).set(identity, read)
    return step(withWorld(state, { retention }))
  },
  'store-read': (state, { store, elsewhere: read }) => {
    const elsewhere = new Map(state.world.elsewhere).set(store, read)
    return step(withWorld(state, { elsewhere }))
  },
  'prune-planned': answered,
  'restore-checked': answered,
  told: (state, { event }) => {
    const { operation, now } = state
    if (operation === null) return step(state)
    return step({ ...state, operation: advance(operation, event, now) })
  },
  ended,
  warned: (state, { lines }) => {
    const { operation } = state
    if (!goesOn(state) || operation === null) return step({ ...state, notice: lines[0] ?? null })
    return step({ ...state, operation: logged(operation, lines) })
  },
}

function apply<Kind extends Message['kind']>(state: State, message: About<Kind>): Step {
  const applyOne = applying[message.kind] as (state: State, message: About<Kind>) => Step
  return applyOne(state, message)
}

function ended(state: State, { outcome }: About<'ended'>): Step {
  const { operation, now } = state
  if (operation === null) return step(state)
  const isSeen = placeOf(state).kind === 'operation'
  const after = { ...endedOperation(operation, outcome, now), isSeen }
  // What is asked about an operation that has ended is no question any more.
  const asked = state.dialog?.kind
  const isMoot = asked === 'cancel' || (asked === 'leave' && !operation.isCancelled)
  const dialog = isMoot ? null : state.dialog
  // It may have changed what the mirrors hold; those that nobody looks at are read when somebody does.
  const stores = new Set(state.places.flatMap((place) => ('store' in place ? [place.store] : [])))
  const shown = [...stores].filter((store) => store !== null)
  return step(
    reading({ ...state, operation: after, dialog }, shown),
    { kind: 'observe' },
    ...shown.map((store) => ({ kind: 'read-store', store }) as const),
  )
}

/** The answer to a question of a place; a place that has changed its question waits for another. */
function answered(state: State, message: About<'prune-planned' | 'restore-checked'>): Step {
  return step({ ...state, places: state.places.map((place) => withAnswer(place, message)) })
}

function withAnswer(place: Place, message: About<'prune-planned' | 'restore-checked'>): Place {
  if (message.kind === 'prune-planned') {
    if (place.kind !== 'prune') return place
    return { ...place, preview: { ...place.preview, plans: message.plans } }
  }
  if (place.kind !== 'restore' || place.draft !== message.draft) return place
  return { ...place, draft: { ...place.draft, check: message.check } }
}

function withWorld(state: State, change: Partial<State['world']>): State {
  return { ...state, world: { ...state.world, ...change } }
}

/** What retention says may have changed with the backups. */
function missing(state: State): readonly Effect[] {
  const place = placeOf(state)
  if (place.kind !== 'database' && place.kind !== 'backup') return []
  const { identity } = place
  const database = state.world.databases.find(({ spec }) => identityOf(spec) === identity)
  return database === undefined ? [] : [{ kind: 'read-retention', database }]
}
