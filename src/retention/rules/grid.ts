import { type KeepSpecification, printKeepSpecification } from '../../model/index.ts'
import type { Circumstances, Judge } from './judge.ts'

/**
 * `KEEP`: of the specifications, longest window first, the first that the backup is old enough for
 * decides alone (contract other-systems 1.3). The original looked a second time whether the
 * rounded time is old enough; a boundary then lost its backup for half a smudge, so we do not.
 */
export function judgeByGrid(
  { specifications }: { readonly specifications: readonly KeepSpecification[] },
  { now }: Circumstances,
): Judge {
  const sorted = specifications
    .toSorted((left, right) => right.window - left.window)
    .map((specification) => ({
      specification,
      from: now.getTime() - specification.window * 1_000,
      name: printKeepSpecification(specification),
    }))
  return ({ takenAt }) => {
    const time = takenAt.getTime()
    const found = sorted.find(
      ({ specification, from }) => specification.window === 0 || time <= from,
    )
    if (found === undefined) return { keep: true, reason: 'younger than every window of KEEP' }
    const keep = isOnGrid(time, found.specification)
    return { keep, reason: `${keep ? 'on' : 'off'} the grid of KEEP ${found.name}` }
  }
}

function isOnGrid(time: number, { spacing, smudge }: KeepSpecification): boolean {
  const rounded = roundTo(time, smudge * 1_000)
  return spacing === 0 || offset(rounded, spacing * 1_000) === 0
}

/** To the nearest multiple; from exactly the middle upwards. */
function roundTo(time: number, spanMs: number): number {
  if (spanMs === 0) return time
  const rest = offset(time, spanMs)
  return 2 * rest < spanMs ? time - rest : time + (spanMs - rest)
}

/** From 0001-01-01T00:00:00Z, a Monday, where the original's grids begin, to 1970. */
const beginningMs = 62_135_596_800_000

function offset(time: number, spanMs: number): number {
  return (time + beginningMs) % spanMs
}
