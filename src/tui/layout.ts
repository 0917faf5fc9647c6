import { type Line, line } from './line.ts'
import type { State } from './state.ts'

/** Title above; notice and keys below. */
const chrome = 3

/** Lines for what a place shows. */
export function bodyRows({ size }: State): number {
  return Math.max(1, size.rows - chrome)
}

/** Lines that a place with a list needs for other things. */
export function listRows(state: State, others: number): number {
  return Math.max(1, bodyRows(state) - others)
}

/** The first of `height` rows, so that the chosen one is among them and in the middle if it can be. */
export function firstShown(count: number, selected: number, height: number): number {
  const middle = selected - Math.floor(height / 2)
  return Math.max(0, Math.min(middle, count - height))
}

/** The first rows, and what is wrong where that are not all. */
export function fitting(rows: readonly Line[], height: number): readonly Line[] {
  if (rows.length <= height) return rows
  return height < 1 ? [] : [...rows.slice(0, height - 1), tooSmall]
}

const tooSmall = line('... this terminal is too small: it needs 80x24', 'warn')
