import { actionKey } from './action-keys.ts'
import type { Key, KeyName } from './keys.ts'
import { bodyRows } from './layout.ts'
import { line } from './line.ts'
import { isList, keysIn, selectedIndex } from './lists.ts'
import { type Step, step } from './message.ts'
import { goesOn } from './operation.ts'
import { restoreKey } from './restore-keys.ts'
import { overview, type Place, placeOf, type State } from './state.ts'
import { lastTop } from './texts.ts'

/** A key in the place that is shown: what is typed, then what every place knows, then its own. */
export function placeKey(state: State, key: Key): Step {
  return (
    restoreKey(state, key) ?? commonKey(state, key) ?? moved(state, key) ?? actionKey(state, key)
  )
}

/** The screens that have a number. */
const numbered: Readonly<Record<string, Place>> = {
  '2': { kind: 'schedule', top: 0 },
  '3': { kind: 'log', selected: null, filter: '' },
  '4': { kind: 'settings', selected: null, filter: '' },
}

const common: Readonly<Record<string, (state: State) => Step | null>> = {
  'ctrl-c': leave,
  'ctrl-l': (state) => step(state, { kind: 'redraw' }),
  q: leave,
  escape: back,
  '?': (state) => open(state, { kind: 'help', top: 0 }),
  '/': filter,
  '1': (state) => step({ ...state, places: state.places.slice(0, 1) }),
  '5': openOperation,
}

function commonKey(state: State, key: Key): Step | null {
  const letter = key.name === 'text' ? key.text : key.name
  const place = numbered[letter]
  return place === undefined ? (common[letter]?.(state) ?? null) : open(state, place)
}

function openOperation(state: State): Step {
  const { operation } = state
  if (operation === null) {
    const text = 'Nothing has been started yet: ? says which key starts what.'
    return step({ ...state, notice: line(text, 'warn') })
  }
  const isSeen = operation.endedAt !== null
  return open({ ...state, operation: { ...operation, isSeen } }, { kind: 'operation', top: 0 })
}

/** A numbered screen is entered from the overview; the way back from help is where one was. */
function open(state: State, place: Place): Step {
  const { places } = state
  if (placeOf(state).kind === place.kind) return step(state)
  const before = place.kind === 'help' || place.kind === 'operation' ? places : places.slice(0, 1)
  return step({ ...state, places: [...before, place] })
}

function back(state: State): Step {
  const place = placeOf(state)
  const others = state.places.slice(0, -1)
  if ('filter' in place && place.filter !== '') {
    return step({ ...state, places: [...others, { ...place, filter: '' }] })
  }
  return step({ ...state, places: others.length === 0 ? [overview] : others })
}

function leave(state: State): Step {
  return goesOn(state)
    ? step({ ...state, dialog: { kind: 'leave' } })
    : step(state, { kind: 'leave' })
}

function filter(state: State): Step | null {
  const place = placeOf(state)
  if (!('filter' in place)) return null
  return step({ ...state, dialog: { kind: 'filter', before: place.filter } })
}

const letters: Readonly<Record<string, KeyName>> = { j: 'down', k: 'up', g: 'home', G: 'end' }

function moved(state: State, key: Key): Step | null {
  const move = moves[(key.name === 'text' ? letters[key.text] : key.name) ?? '']
  if (move === undefined) return null
  const place = placeOf(state)
  const page = Math.max(1, bodyRows(state) - 4)
  if (!isList(place)) {
    const last = lastTop(state, place)
    // A log is read from its end.
    const at = place.kind === 'operation' ? last - place.top : place.top
    const next = within(move({ at, last, page }), last)
    return shown(state, { ...place, top: place.kind === 'operation' ? last - next : next })
  }
  const keys = keysIn(state, place)
  const last = keys.length - 1
  const next = within(move({ at: selectedIndex(state, place), last, page }), last)
  return shown(state, { ...place, selected: keys[next] ?? null })
}

interface Position {
  readonly at: number
  readonly last: number
  readonly page: number
}

const moves: Readonly<Record<string, (position: Position) => number>> = {
  up: ({ at }) => at - 1,
  down: ({ at }) => at + 1,
  pageUp: ({ at, page }) => at - page,
  pageDown: ({ at, page }) => at + page,
  home: () => 0,
  end: ({ last }) => last,
}

function within(at: number, last: number): number {
  return Math.max(0, Math.min(last, at))
}

function shown(state: State, place: Place): Step {
  return step({ ...state, places: [...state.places.slice(0, -1), place] })
}
