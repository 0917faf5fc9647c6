import type { Lane } from './lane.ts'
import { type Lanes, linesIn } from './lanes.ts'
import { orderOf, type Turn } from './order.ts'
import type { Needs } from './understand.ts'

/** A statement that may run beside others. */
export interface Unit {
  readonly text: Buffer
  readonly line: number | null
  readonly needs: Needs
  /** How much there is to do, in rows: of those that may begin the longest is first. */
  readonly weight: number
}

/**
 * Runs units on all lanes at once. One that collides with an earlier one waits until that is done,
 * so the result is that of running them in order: a primary key comes before the foreign keys that
 * refer to it, an index before what is made of it.
 */
export async function runBatch(units: readonly Unit[], lanes: Lanes): Promise<void> {
  const ready = orderOf(units).filter(({ waitsFor }) => waitsFor === 0)
  const idle = [...lanes.all]
  const running = new Map<Turn<Unit>, Promise<Done>>()
  while (ready.length > 0 || running.size > 0) {
    for (const lane of idle.splice(0, ready.length)) {
      const turn = takeHeaviest(ready)
      running.set(turn, run(turn, lane, lanes.signal))
    }
    const { turn, lane } = await Promise.race(running.values())
    running.delete(turn)
    idle.push(lane)
    for (const next of turn.before) {
      next.waitsFor -= 1
      if (next.waitsFor === 0) ready.push(next)
    }
  }
}

interface Done {
  readonly turn: Turn<Unit>
  readonly lane: Lane
}

async function run(turn: Turn<Unit>, lane: Lane, signal: AbortSignal): Promise<Done> {
  const { line, text } = turn.unit
  lane.mark(line)
  lane.write(Buffer.concat([text, Buffer.from('\n')]), linesIn(text) + 1)
  await lane.settled(signal)
  return { turn, lane }
}

function takeHeaviest(ready: Turn<Unit>[]): Turn<Unit> {
  const heaviest = ready.reduce((best, turn) => (turn.unit.weight > best.unit.weight ? turn : best))
  ready.splice(ready.indexOf(heaviest), 1)
  return heaviest
}
