import type { Needs } from './understand.ts'

/** A unit of work, and which others wait for it. */
export interface Turn<Unit> {
  readonly unit: Unit
  /** How many earlier units that it collides with are not done yet. */
  waitsFor: number
  readonly before: Turn<Unit>[]
}

interface Users<Unit> {
  /** The last one that had it alone. */
  alone: Turn<Unit> | null
  /** Those that share it since then. */
  shared: Turn<Unit>[]
}

/**
 * Two units collide when one wants alone what the other wants, too. Each waits for the earlier ones
 * that it collides with, directly or by way of others.
 */
export function orderOf<Unit extends { readonly needs: Needs }>(
  units: readonly Unit[],
): readonly Turn<Unit>[] {
  const users = new Map<string, Users<Unit>>()
  return units.map((unit) => {
    const turn: Turn<Unit> = { unit, waitsFor: 0, before: [] }
    const earlier = new Set<Turn<Unit>>()
    for (const name of unit.needs.shared) joinUsers(usersOf(users, name), turn, earlier)
    for (const name of unit.needs.alone) replaceUsers(usersOf(users, name), turn, earlier)
    earlier.delete(turn)
    for (const other of earlier) other.before.push(turn)
    turn.waitsFor = earlier.size
    return turn
  })
}

function usersOf<Unit>(users: Map<string, Users<Unit>>, name: string): Users<Unit> {
  const known = users.get(name)
  if (known !== undefined) return known
  const none: Users<Unit> = { alone: null, shared: [] }
  users.set(name, none)
  return none
}

function joinUsers<Unit>(users: Users<Unit>, turn: Turn<Unit>, earlier: Set<Turn<Unit>>): void {
  if (users.alone !== null) earlier.add(users.alone)
  users.shared.push(turn)
}

function replaceUsers<Unit>(users: Users<Unit>, turn: Turn<Unit>, earlier: Set<Turn<Unit>>): void {
  if (users.alone !== null) earlier.add(users.alone)
  for (const other of users.shared) earlier.add(other)
  users.alone = turn
  users.shared = []
}
