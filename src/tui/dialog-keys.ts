import type { Key } from './keys.ts'
import { line } from './line.ts'
import { type Step, step } from './message.ts'
import { begun } from './operation.ts'
import { type Dialog, placeOf, type State } from './state.ts'
import type { Task } from './task.ts'
import { wordOf } from './task-words.ts'
import { typedAfter } from './typing.ts'

type Of<Kind extends Dialog['kind']> = Extract<Dialog, { readonly kind: Kind }>

/** A key while a question stands over the place. */
export function dialogKey(state: State, key: Key): Step {
  const { dialog } = state
  if (dialog === null) return step(state)
  switch (dialog.kind) {
    case 'consent':
      return consentKey(state, dialog, key)
    case 'filter':
      return filterKey(state, dialog, key)
    case 'leave':
      return leaveKey(state, key)
    case 'cancel':
      return cancelKey(state, key)
  }
}

function consentKey(state: State, dialog: Of<'consent'>, key: Key): Step {
  const closed = { ...state, dialog: null }
  if (key.name === 'escape' || key.name === 'ctrl-c') {
    return step({ ...closed, notice: line('Nothing was done.', 'dim') })
  }
  const word = wordOf(dialog.task)
  if (key.name === 'enter') {
    const { typed } = dialog
    if (word === null || typed === word || typed.trim() === word) return start(closed, dialog.task)
    return step({ ...state, notice: line(`Type exactly: ${word}`, 'warn') })
  }
  if (word === null) return step(state)
  const typed = typedAfter(dialog.typed, key)
  return step({ ...state, notice: null, dialog: { ...dialog, typed } })
}

function start(state: State, task: Task): Step {
  const operation = begun(task, state.now)
  const before = state.places.filter(
    ({ kind }) => !['operation', 'restore', 'prune'].includes(kind),
  )
  const places = [...before, { kind: 'operation' as const, top: 0 }]
  return step({ ...state, operation, places }, { kind: 'run', task })
}

function filterKey(state: State, { before }: Of<'filter'>, key: Key): Step {
  const place = placeOf(state)
  if (!('filter' in place)) return step({ ...state, dialog: null })
  const others = state.places.slice(0, -1)
  const withFilter = (filter: string): State => ({
    ...state,
    places: [...others, { ...place, filter }],
  })
  if (key.name === 'escape' || key.name === 'ctrl-c') {
    return step({ ...withFilter(before), dialog: null })
  }
  if (key.name === 'enter') return step({ ...state, dialog: null })
  return step(withFilter(typedAfter(place.filter, key)))
}

function leaveKey(state: State, key: Key): Step {
  const { operation } = state
  if (operation === null || operation.endedAt !== null) return step(state, { kind: 'leave' })
  if (key.name === 'text' && key.text === 'y') {
    return step({ ...state, operation: { ...operation, isCancelled: true } }, { kind: 'leave' })
  }
  return operation.isCancelled ? step(state) : step({ ...state, dialog: null })
}

function cancelKey(state: State, key: Key): Step {
  const closed = { ...state, dialog: null }
  const { operation } = state
  if (operation === null || key.name !== 'text' || key.text !== 'y') return step(closed)
  return step({ ...closed, operation: { ...operation, isCancelled: true } }, { kind: 'cancel' })
}
