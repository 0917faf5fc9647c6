import { commandRows } from './command-line.ts'
import { folded } from './fold.ts'
import { bodyRows } from './layout.ts'
import type { Line } from './line.ts'
import type { Progress } from './operation.ts'
import type { State } from './state.ts'
import { flagsOf } from './task-words.ts'

/** Databases whose progress is shown at once. */
const mostShown = 6
/** Its title, its state, and an empty line before the log. */
const others = 3

/** The parts of the screen of an operation, each as the rows that it takes. */
export interface OperationLayout {
  readonly command: readonly string[]
  readonly progress: readonly Progress[]
  readonly log: readonly Line[]
  /** Rows that are left for the log. */
  readonly logRows: number
}

export function layoutOf(state: State): OperationLayout {
  const { operation, size } = state
  if (operation === null) return { command: [], progress: [], log: [], logRows: bodyRows(state) }
  const command = commandRows(flagsOf(operation.task), size.columns)
  const progress = operation.progress.slice(-mostShown)
  const log = folded(operation.log, size.columns)
  const logRows = Math.max(1, bodyRows(state) - others - command.length - progress.length)
  return { command, progress, log, logRows }
}
