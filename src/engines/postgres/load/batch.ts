import type { Lane } from './lane.ts'
import { type Lanes, linesIn } from './lanes.ts'
import type { Needs } from './understand.ts'

/** A statement that may run beside others. */
export interface Unit {
  readonly text: Buffer
  readonly line: number
  readonly needs: Needs
  /** How much there is to do, in rows: the longest is begun first. */
  readonly weight: number
}

/** Whether two statements must not run at the same time, nor change places. */
export function collide(one: Needs, other: Needs): boolean {
  return (
    one.alone.some((name) => other.alone.includes(name) || other.shared.includes(name)) ||
    one.shared.some((name) => other.alone.includes(name))
  )
}

/**
 * Runs units on all lanes at once. One that collides with an earlier one waits until that is done,
 * so the result is that of running them in order: a primary key comes before the foreign keys that
 * refer to it, an index before what is made of it.
 */
export async function runBatch(units: readonly Unit[], lanes: Lanes): Promise<void> {
  const waiting = [...units]
  const idle = [...lanes.all]
  const running = new Map<Unit, Promise<Done>>()
  while (waiting.length > 0 || running.size > 0) {
    for (const lane of idle.splice(0)) {
      const next = nextOf(waiting, running)
      if (next === null) {
        idle.push(lane)
        continue
      }
      waiting.splice(waiting.indexOf(next), 1)
      running.set(next, run(next, lane, lanes.signal))
    }
    const { unit, lane } = await Promise.race(running.values())
    running.delete(unit)
    idle.push(lane)
  }
}

interface Done {
  readonly unit: Unit
  readonly lane: Lane
}

async function run(unit: Unit, lane: Lane, signal: AbortSignal): Promise<Done> {
  lane.mark(unit.line)
  lane.write(Buffer.concat([unit.text, Buffer.from('\n')]), linesIn(unit.text) + 1)
  await lane.settled(signal)
  return { unit, lane }
}

/** The heaviest unit that no earlier unfinished one is in the way of. */
function nextOf(waiting: readonly Unit[], running: ReadonlyMap<Unit, unknown>): Unit | null {
  let best: Unit | null = null
  for (const [at, unit] of waiting.entries()) {
    if (best !== null && best.weight >= unit.weight) continue
    const free =
      [...running.keys()].every((other) => !collide(other.needs, unit.needs)) &&
      waiting.slice(0, at).every((other) => !collide(other.needs, unit.needs))
    if (free) best = unit
  }
  return best
}
