import type { Key } from './keys.ts'
import { type Step, step } from './message.ts'
import type { RestoreDraft } from './restore-draft.ts'
import { type Place, placeOf, type State } from './state.ts'
import { typedAfter } from './typing.ts'

type RestorePlace = Extract<Place, { readonly kind: 'restore' }>
type Texts = 'target' | 'password'
type Switches = 'keepOld' | 'inPlace' | 'roles' | 'ignoreErrors'

/** A row of the form. */
export type Field = { readonly label: string; readonly about: string } & (
  | { readonly kind: 'text'; readonly name: Texts }
  | { readonly kind: 'switch'; readonly name: Switches }
)

export const fields: readonly Field[] = [
  {
    kind: 'text',
    name: 'target',
    label: 'Restore to',
    about: 'this database, or another one: host/name',
  },
  {
    kind: 'switch',
    name: 'keepOld',
    label: 'Keep the old one',
    about: 'the replaced database stays under a dated name',
  },
  {
    kind: 'switch',
    name: 'inPlace',
    label: 'In place',
    about: 'drop it first: needs less room, and has no way back',
  },
  {
    kind: 'switch',
    name: 'roles',
    label: 'Create roles',
    about: 'roles that are missing, as the archive has them',
  },
  {
    kind: 'switch',
    name: 'ignoreErrors',
    label: 'Ignore errors',
    about: 'go on after SQL errors, and report them',
  },
  {
    kind: 'text',
    name: 'password',
    label: 'Admin password',
    about: 'empty: as configured, or as the user of the database',
  },
]

/** A key in the form of a restore; null: it is no matter of the form. */
export function restoreKey(state: State, key: Key): Step | null {
  const place = placeOf(state)
  if (place.kind !== 'restore') return null
  if (key.name === 'enter') return entered(state, place)
  if (key.name === 'escape') return escaped(state, place)
  if (key.name === 'up' || key.name === 'down' || key.name === 'tab') {
    return step(withPlace(state, { ...place, field: fieldAfter(place, key) }))
  }
  return edited(state, place, key)
}

function fieldAfter({ field }: RestorePlace, { name }: Key): number {
  const next = name === 'up' ? field - 1 : field + 1
  return (next + fields.length) % fields.length
}

/** First a look at whether it can be done, then the question. */
function entered(state: State, place: RestorePlace): Step {
  const { draft } = place
  const { check } = draft
  if (check.state === 'running') return step(state)
  if (check.state === 'possible') {
    const task = { kind: 'restore', draft, target: check.target, plan: check.plan } as const
    return step({ ...state, dialog: { kind: 'consent', task, typed: '' } })
  }
  const asking: RestoreDraft = { ...draft, check: { state: 'running' } }
  return step(withPlace(state, { ...place, draft: asking }), {
    kind: 'check-restore',
    draft: asking,
  })
}

function escaped(state: State, place: RestorePlace): Step | null {
  if (place.draft.check.state !== 'running') return null
  return step(withPlace(state, withDraft(place, {})), { kind: 'stop-check' })
}

function edited(state: State, place: RestorePlace, key: Key): Step | null {
  const field = fields[place.field]
  if (field?.kind === 'switch') {
    if (key.name !== 'text' || key.text !== ' ') return null
    const change = switched(field.name, !place.draft[field.name])
    return step(withPlace(state, withDraft(place, change)), { kind: 'stop-check' })
  }
  if (field === undefined || !['text', 'backspace', 'ctrl-u'].includes(key.name)) return null
  const change = { [field.name]: typedAfter(place.draft[field.name], key) }
  return step(withPlace(state, withDraft(place, change)), { kind: 'stop-check' })
}

/** What is dropped first cannot be kept: one of these switches turns the other off. */
function switched(name: Switches, on: boolean): Partial<RestoreDraft> {
  const change = { [name]: on }
  if (on && name === 'keepOld') return { ...change, inPlace: false }
  return on && name === 'inPlace' ? { ...change, keepOld: false } : change
}

/** What was found out about another draft does not hold for this one. */
function withDraft(place: RestorePlace, change: Partial<RestoreDraft>): RestorePlace {
  return { ...place, draft: { ...place.draft, ...change, check: { state: 'none' } } }
}

function withPlace(state: State, place: Place): State {
  return { ...state, places: [...state.places.slice(0, -1), place] }
}
