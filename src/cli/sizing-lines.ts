import type { Sizing, VolumeSizing } from '../operations/index.ts'
import { prettySize } from './format.ts'
import type { Screen } from './screen.ts'

/** A line per volume: how large it should be, and how large it is. Nothing before a first backup. */
export function showSizing(screen: Screen, { backups, verification, unknown }: Sizing): void {
  const missing = unknown.length === 0 ? '' : `, ${unknown.length} of no known size not counted`
  const lines = [lineOf('Backups', backups, missing), lineOf('Verification', verification, missing)]
  if (backups.needed === null && verification.needed === null) return
  screen.say()
  for (const line of lines) screen.say(line)
  tellIfTooSmall(screen, backups, 'Enlarge its volume, or keep fewer backups.')
  tellIfTooSmall(screen, verification, 'Enlarge its volume.')
}

function lineOf(
  what: string,
  { folder, needed, total, free }: VolumeSizing,
  missing: string,
): string {
  const absent = folder.startsWith('s3://') ? 'a bucket has no size' : 'it is not there'
  const there =
    total === null || free === null
      ? absent
      : `it has ${prettySize(total)}, ${prettySize(free)} free`
  const name = what.padEnd('Verification'.length)
  const need =
    needed === null
      ? 'needs what is not known, as no manifest says how large a database is'
      : `needs about ${prettySize(needed)}${missing}`
  return `${name}  ${folder} ${need}; ${there}`
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
