import { type Backup, isVerified, pinnedAt, type RetentionPolicy } from '../model/index.ts'
import type { Anomaly } from './anomaly.ts'
import { spanText } from './span-text.ts'

/** What is known beside what backups say of themselves. */
export interface Known {
  readonly policy: RetentionPolicy
  readonly now: Date
  /** Paths. */
  readonly inUse: ReadonlySet<string>
  /** Names of mirrors, by paths. */
  readonly owed: ReadonlyMap<string, readonly string[]>
  readonly readable: string | null
  readonly anomalies: readonly Anomaly[]
}

type Protection = readonly [backup: Backup, reason: string]

/** What no rule can delete, with the reasons. `sorted` is newest first, none dated in the future. */
export function protectionsOf(
  sorted: readonly Backup[],
  known: Known,
): ReadonlyMap<Backup, readonly string[]> {
  const real = sorted.filter(({ quality }) => quality !== 'bad')
  const reasons = new Map<Backup, string[]>()
  const protect = (protections: readonly Protection[]): void => {
    for (const [backup, reason] of protections) {
      reasons.set(backup, [...(reasons.get(backup) ?? []), reason])
    }
  }
  protect(theNewest(sorted, real, known))
  protect(theMinimum(real, known, reasons))
  protect(beforeLosses(known))
  protect(theHeld(sorted, known))
  protect(untilBetter(sorted))
  const stopped = stoppedText(real, known)
  if (stopped !== null) protect(sorted.map((backup) => [backup, stopped]))
  return reasons
}

/** The newest good one and the newest verified one, or what comes nearest to them. */
function theNewest(
  sorted: readonly Backup[],
  real: readonly Backup[],
  { readable }: Known,
): readonly Protection[] {
  const good = real.find(({ quality }) => quality === 'good')
  const candidates: readonly (readonly [Backup | undefined, string])[] = [
    [good, 'newest good backup'],
    [good === undefined ? real[0] : undefined, 'newest backup, and none is known to be good'],
    [
      good === undefined ? sorted.find(({ path }) => path === readable) : undefined,
      'newest that can be read whole',
    ],
    [sorted.find(isVerified), 'newest verified backup'],
  ]
  return candidates.flatMap(([backup, reason]) =>
    backup === undefined ? [] : [[backup, reason] as const],
  )
}

/** A minimum of one need not be named where the newest has a better reason. */
function theMinimum(
  real: readonly Backup[],
  { policy: { minBackups } }: Known,
  reasons: ReadonlyMap<Backup, unknown>,
): readonly Protection[] {
  const newest = real.slice(0, minBackups)
  const unnamed = minBackups === 1 ? newest.filter((backup) => !reasons.has(backup)) : newest
  return unnamed.map((backup) => [backup, minimumText(minBackups)])
}

/**
 * The last one before each fall, and what shows the fall: without anything to compare it with, the
 * former would be free at the next pruning. The newest of all stays anyway.
 */
function beforeLosses({ anomalies }: Known): readonly Protection[] {
  const deepest = new Map<Backup, Anomaly>()
  for (const anomaly of anomalies) {
    const other = deepest.get(anomaly.before)
    if (other === undefined || anomaly.fellBy > other.fellBy) deepest.set(anomaly.before, anomaly)
  }
  const witnesses = anomalies.flatMap(({ shownBy, newest }) => (shownBy === newest ? [] : shownBy))
  return [
    ...[...deepest].map(([before, anomaly]) => [before, anomalyText(anomaly)] as const),
    ...[...new Set(witnesses)].map((backup) => [backup, witnessText] as const),
  ]
}

const witnessText = 'newest that shows a fall of size or rows, until --accept'

/** By a user, by somebody who reads it, or for a mirror that should have it first. */
function theHeld(sorted: readonly Backup[], { inUse, owed }: Known): readonly Protection[] {
  return sorted.flatMap((backup) => {
    const pinned = pinnedAt(backup)
    const held: Protection[] = []
    if (pinned !== null) held.push([backup, `pinned on ${pinned.slice(0, 'YYYY-MM-DD'.length)}`])
    if (inUse.has(backup.path)) held.push([backup, 'being read right now'])
    const mirrors = owed.get(backup.path)
    if (mirrors !== undefined)
      held.push([backup, `not yet in ${mirrors.join(', ')} (MIRROR_GRACE)`])
    return held
  })
}

function minimumText(count: number): string {
  return count === 1 ? 'newest backup' : `one of the newest ${count} (MIN_BACKUPS)`
}

function anomalyText({ what, fellBy }: Anomaly): string {
  const noun = what === 'rows' ? 'number of rows' : 'size'
  return `last before the ${noun} fell by ${fellBy} %, until --accept`
}

/** Bad ones that have no newer backup but bad ones. */
function untilBetter(sorted: readonly Backup[]): readonly Protection[] {
  const at = sorted.findIndex(({ quality }) => quality !== 'bad')
  const newer = at === -1 ? sorted : sorted.slice(0, at)
  return newer.map((backup) => [backup, 'bad, but there is nothing better since'])
}

/**
 * When backups have stopped, time goes on, and deleting is the wrong thing. Where none is known to
 * be good that is judged by the newest, and only for rules that delete by the clock alone: a count
 * keeps its number however old they grow.
 */
function stoppedText(
  real: readonly Backup[],
  { policy, now }: Pick<Known, 'policy' | 'now'>,
): string | null {
  const { staleAfterSeconds: limit, rules } = policy
  const good = real.find(({ quality }) => quality === 'good')
  const goesByClock = rules.some(({ kind }) => kind === 'grid' || kind === 'age')
  const newest = good ?? (goesByClock ? real[0] : undefined)
  if (limit === null || newest === undefined) return null
  const seconds = Math.floor((now.getTime() - newest.takenAt.getTime()) / 1_000)
  if (seconds <= limit) return null
  const what = good === undefined ? 'newest' : 'newest good one'
  return `backups have stopped: the ${what} is older than ${spanText(limit)} (STALE_AFTER)`
}
