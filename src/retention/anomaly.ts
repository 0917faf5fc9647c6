import type { Acceptance, Backup, Level } from '../model/index.ts'

/** A fall of size or rows that nobody has accepted, and that lasts until now. */
export interface Anomaly {
  /** The last backup before it. */
  readonly before: Backup
  /** The newest backup that can be compared with that one. */
  readonly shownBy: Backup
  /** The newest of all, of whatever kind. */
  readonly newest: Backup
  readonly what: 'size' | 'rows'
  /** In whole percent, from the one before to the one that shows it. */
  readonly fellBy: number
}

/** How much is in a backup, as far as that is known. */
export function levelOf({ name, bytes, manifest }: Backup): Level {
  const tables = manifest?.fingerprint.tables ?? null
  const rows = tables === null ? null : tables.reduce((sum, table) => sum + table.rows, 0)
  return { format: name.format, codec: name.codec, bytes, rows }
}

interface Question {
  /** In percent; a fall by more is one. */
  readonly threshold: number
  readonly accepted: Acceptance | null
}

/**
 * The falls that last, of each kind of size and of rows, each with the last backup before it: what
 * a person would want back. Usually it is one. The most recent is last.
 *
 * The good ones are judged for themselves, too: only a file that nobody has checked may stand
 * between the newest good one and a fall.
 */
export function findAnomalies(
  newestFirst: readonly Backup[],
  question: Question,
): readonly Anomaly[] {
  const real = newestFirst.filter(({ quality }) => quality !== 'bad')
  const good = real.filter(({ quality }) => quality === 'good')
  const [newest] = real
  if (newest === undefined) return []
  return [real, good].flatMap((backups) =>
    lastingFalls(backups.toReversed(), question).map((fall) => ({ ...fall, newest })),
  )
}

/** One amount of one backup. */
interface Step {
  readonly backup: Backup
  readonly amount: number
}

/** Backups of which one amount can be compared. */
interface Track {
  readonly what: Anomaly['what']
  last: Step | null
  /** Before each fall that lasts; every one is smaller than those below it. */
  readonly falls: Step[]
}

function lastingFalls(
  oldestFirst: readonly Backup[],
  { threshold, accepted }: Question,
): readonly Omit<Anomaly, 'newest'>[] {
  const tracks = new Map<string, Track>()
  const since = accepted === null ? Number.NEGATIVE_INFINITY : Date.parse(accepted.takenAt)
  const after = oldestFirst.findIndex(({ takenAt }) => takenAt.getTime() > since)
  const split = after === -1 ? oldestFirst.length : after
  const covered = oldestFirst.slice(0, split)
  for (const backup of covered) {
    for (const { track, amount } of amountsOf(levelOf(backup), tracks)) {
      track.last = { backup, amount }
    }
  }
  if (accepted !== null) startFrom(accepted, tracks)
  for (const backup of oldestFirst.slice(split)) {
    for (const { track, amount } of amountsOf(levelOf(backup), tracks)) {
      follow(track, { backup, amount }, threshold)
    }
  }
  return [...tracks.values()].flatMap(describeFalls).toSorted(byTime)
}

/**
 * What was accepted counts as the level from which the next ones are measured: the backup that
 * showed it may be gone by then.
 */
function startFrom(accepted: Acceptance, tracks: Map<string, Track>): void {
  for (const { track, amount } of amountsOf(accepted, tracks)) {
    if (track.last !== null) track.last = { ...track.last, amount }
  }
}

/** What cannot be compared is on another track, so it neither ends a fall nor hides one. */
function amountsOf(
  { format, codec, bytes, rows }: Level,
  tracks: Map<string, Track>,
): readonly { readonly track: Track; readonly amount: number }[] {
  const size = { track: trackOf('size', `${format} ${codec}`, tracks), amount: bytes }
  return rows === null ? [size] : [size, { track: trackOf('rows', 'rows', tracks), amount: rows }]
}

function trackOf(what: Track['what'], key: string, tracks: Map<string, Track>): Track {
  const track = tracks.get(key) ?? { what, last: null, falls: [] }
  tracks.set(key, track)
  return track
}

/** The smallest fall is made good first, so that none below it need be looked at. */
function follow(track: Track, step: Step, threshold: number): void {
  const { falls, last } = track
  const lasts = (from: Step): boolean => percentFrom(from.amount, step.amount) > threshold
  let top = falls.at(-1)
  while (top !== undefined && !lasts(top)) {
    falls.pop()
    top = falls.at(-1)
  }
  if (last !== null && lasts(last)) falls.push(last)
  track.last = step
}

function describeFalls({ what, last, falls }: Track): Omit<Anomaly, 'newest'>[] {
  return falls.flatMap(({ backup, amount }) => {
    if (last === null) return []
    const fellBy = Math.floor(percentFrom(amount, last.amount))
    return [{ before: backup, shownBy: last.backup, what, fellBy }]
  })
}

function byTime(left: Omit<Anomaly, 'newest'>, right: Omit<Anomaly, 'newest'>): number {
  const later = left.before.takenAt.getTime() - right.before.takenAt.getTime()
  return later === 0 ? left.fellBy - right.fellBy : later
}

function percentFrom(from: number, to: number): number {
  return from <= to ? 0 : ((from - to) / from) * 100
}
