import { backupText } from './backup-text.ts'
import { helpText } from './help-text.ts'
import type { Line } from './line.ts'
import { pruneText } from './prune-text.ts'
import { runText } from './run-text.ts'
import { scheduleText } from './schedule-text.ts'
import type { Place, State } from './state.ts'

/** The places that are a text to be scrolled. */
export type TextPlace = Extract<Place, { readonly top: number }>

/** What a place says, from its first line to its last. */
export function textOf(state: State, place: TextPlace): readonly Line[] {
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

/** How far it can be scrolled. */
export function lastLine(state: State, place: TextPlace): number {
  return Math.max(0, textOf(state, place).length - 1)
}
