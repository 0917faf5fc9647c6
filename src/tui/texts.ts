import { backupText } from './backup-text.ts'
import { folded } from './fold.ts'
import { helpText } from './help-text.ts'
import { bodyRows } from './layout.ts'
import type { Line } from './line.ts'
import { layoutOf } from './operation-layout.ts'
import { pruneText } from './prune-text.ts'
import { runText } from './run-text.ts'
import { scheduleText } from './schedule-text.ts'
import type { Place, State } from './state.ts'

/** The places that are a text to be scrolled. */
export type TextPlace = Extract<Place, { readonly top: number }>

/** What a place says, from its first row to its last. */
export function rowsOf(state: State, place: TextPlace): readonly Line[] {
  return folded(textOf(state, place), state.size.columns)
}

function textOf(state: State, place: TextPlace): readonly Line[] {
  switch (place.kind) {
    case 'backup':
      return backupText(state, place)
    case 'schedule':
      return scheduleText(state)
    case 'run':
      return runText(state, place.id)
    case 'operation':
      return state.operation?.log ?? []
    case 'prune':
      return pruneText(place.preview)
    case 'help':
      return helpText
    case 'restore':
      return []
  }
}

/** How far it can be scrolled: until its last row is the last of the screen. */
export function lastTop(state: State, place: TextPlace): number {
  if (place.kind === 'operation') {
    const { log, logRows } = layoutOf(state)
    return Math.max(0, log.length - logRows)
  }
  return Math.max(0, rowsOf(state, place).length - bodyRows(state))
}
