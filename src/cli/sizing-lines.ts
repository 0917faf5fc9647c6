import type { Sizing, VolumeSizing } from '../operations/index.ts'
import { prettySize } from './format.ts'
import type { Screen } from './screen.ts'

/** A line per volume: how large it should be, and how large it is. Nothing before a first backup. */
export function showSizing(screen: Screen, { backups, verification, unknown }: Sizing): void {
  const missing = unknown.length === 0 ? '' : `, ${unknown.length} of no known size not counted`
  const lines = [lineOf('Backups', backups, missing), lineOf('Verification', verification, missing)]
  const known = lines.filter((line) => line !== null)
  if (known.length === 0) return
  screen.say()
  for (const line of known) screen.say(line)
  tellIfTooSmall(screen, backups, 'Enlarge its volume, or keep fewer backups.')
  tellIfTooSmall(screen, verification, 'Enlarge its volume.')
}

function lineOf(
  what: string,
  { folder, needed, total, free }: VolumeSizing,
  missing: string,
): string | null {
  if (needed === null) return null
  const there =
    total === null || free === null
      ? 'it is not there'
      : `it has ${prettySize(total)}, ${prettySize(free)} free`
  const name = what.padEnd('Verification'.length)
  return `${name}  ${folder} needs about ${prettySize(needed)}${missing}; ${there}`
}

function tellIfTooSmall(
  screen: Screen,
  { folder, needed, free, enough }: VolumeSizing,
  advice: string,
): void {
  if (enough !== false || needed === null || free === null) return
  screen.tell(
    `[WARN] - ${folder} may become too small: about ${prettySize(needed)} are needed, ` +
      `and ${prettySize(free)} are free. ${advice}`,
    'yellow',
  )
}
