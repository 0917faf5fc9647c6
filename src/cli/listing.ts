import {
  type Backup,
  type ConfiguredDatabase,
  isVerified,
  lastVerification,
  pinnedAt,
} from '../model/index.ts'
import { type Appliance, allBackups, copiesElsewhere, type Listing } from '../operations/index.ts'
import type { DiskEntry } from '../platform/index.ts'
import { duSize, minuteText, padColumns, prettySize, textWidth } from './format.ts'
import type { Screen } from './screen.ts'

const width = 128

export interface ListingView {
  readonly listing: Listing
  /** Lines of `df -h`. */
  readonly fileSystem: readonly string[]
  /** Each folder after what it holds; the root is last. */
  readonly entries: readonly DiskEntry[]
  readonly label: (path: string) => string
}

/**
 * The original's listing (contract 7.4). People read columns 1 to 4 of its rows (size, date, time,
 * path) by awk, so what we know beyond them stands behind.
 */
export function showListing(screen: Screen, view: ListingView): void {
  screen.say('='.repeat(width), 'magenta')
  screen.say('Current Backups:', 'magenta')
  screen.say()
  showSizes(screen, view.listing)
  screen.say()
  for (const line of view.fileSystem) screen.say(line)
  screen.say('-'.repeat(width), 'magenta')
  const known = new Map(
    allBackups(view.listing.inventory).map((entry) => [view.label(entry.backup.path), entry]),
  )
  for (const { path, bytes, modifiedAt } of view.entries) {
    const entry = known.get(path)
    const at = minuteText(entry?.backup.takenAt ?? modifiedAt)
    const note = entry === undefined ? '' : `\t${noteOn(entry.backup, entry.database)}`
    screen.say(`${duSize(bytes)}\t${at}\t${path}${note}`)
  }
  screen.say('='.repeat(width), 'magenta')
}

/** The backups of a store that is not on this machine; the same columns. */
export function showBackupsIn(screen: Screen, { volume }: Appliance, { inventory }: Listing): void {
  const entries = allBackups(inventory)
  if (entries.length === 0) return screen.say('There is no backup in it.')
  for (const { backup, database } of entries) {
    const columns = [duSize(backup.bytes), minuteText(backup.takenAt), volume.label(backup.path)]
    screen.say([...columns, noteOn(backup, database)].join('\t'))
  }
}

function showSizes(screen: Screen, { sizes }: Listing): void {
  const label = 'Database'
  const longest = Math.max(
    label.length,
    ...sizes.map(({ database }) => textWidth(database.spec.written)),
  )
  screen.say(`${label.padEnd(longest)}  Current Size`)
  for (const { database, bytes, problem } of sizes) {
    const size = bytes === null ? `unreachable (${problem})` : prettySize(bytes)
    screen.say(`${padColumns(database.spec.written, longest)}  ${size}`)
  }
}

function noteOn(backup: Backup, database: ConfiguredDatabase | null): string {
  const note = qualityNoteOn(backup, database)
  return pinnedAt(backup) === null ? note : `${note}, pinned`
}

function qualityNoteOn(backup: Backup, database: ConfiguredDatabase | null): string {
  if (backup.problem !== null) return `BAD: ${backup.problem}`
  if (database === null) return 'of no configured database'
  const last = lastVerification(backup)
  if (isVerified(backup)) return last?.verdict.replaceAll('-', ' ') ?? 'verified'
  if (last?.verdict === 'could-not-verify') return `${backup.quality}, could not verify`
  return backup.quality === 'good' ? 'good, not verified' : 'no manifest, not checked'
}

/** The shape of `-l --json` (design section 3). */
export function listingDocument({ inventory }: Listing, store: string | null): unknown {
  return {
    backups: allBackups(inventory).map(({ backup, database }) => ({
      path: backup.path,
      spec: database?.spec.written ?? null,
      takenAt: backup.takenAt.toISOString(),
      bytes: backup.bytes,
      verdict: lastVerification(backup)?.verdict ?? 'none',
      copies: store === null ? copiesElsewhere(backup) : [{ store, ok: backup.quality !== 'bad' }],
      quality: backup.quality,
      problem: backup.problem,
    })),
  }
}
