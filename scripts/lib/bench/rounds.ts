import { execFileSync } from 'node:child_process'

/** One way of doing the thing that is measured; it returns its seconds. */
export type Contender = () => Promise<number>

/** Each contender once per round, in turn, after a round that does not count. */
export async function alternate<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries(contenders) as [Name, Contender][]
  const times = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<
    Name,
    number[]
  >
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, contender] of entries) {
      // What the one before has left to be written must not slow this one down.
      execFileSync('sync')
      const seconds = await contender()
      tell(`  ${round === 0 ? 'warm-up' : `round ${round}`}  ${seconds.toFixed(2)} s  ${name}`)
      if (round > 0) times[name].push(seconds)
    }
  }
  return times
}

export async function repeat(contender: Contender, count: number): Promise<number[]> {
  const times: number[] = []
  await contender()
  for (let turn = 0; turn < count; turn += 1) times.push(await contender())
  return times
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  return (low + high) / 2
}

/**
 * How much longer the first took, by the median of the ratios of the rounds: what slows a whole round
 * on a busy machine slows both.
 */
export function ratioByRound(first: readonly number[], other: readonly number[]): number {
  return median(first.map((seconds, round) => seconds / (other[round] ?? Number.NaN)))
}

/** Progress goes to stderr, so that stdout is the report alone. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
