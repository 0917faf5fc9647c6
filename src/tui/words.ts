import { type Backup, isVerified, lastVerification, minuteText, pinnedAt } from '../model/index.ts'
import type { DatabaseStatus, JournalEntry } from '../operations/index.ts'
import type { Tone } from './line.ts'

/** How a database is, in one word. */
export type StateWord =
  | 'ok'
  | 'late'
  | 'failed'
  | 'unfinished'
  | 'running'
  | 'unverified'
  | 'anomaly'
  | 'never'
  | '...'

const tones: Readonly<Record<StateWord, Tone>> = {
  ok: 'good',
  late: 'warn',
  failed: 'bad',
  unfinished: 'bad',
  running: 'busy',
  unverified: 'warn',
  anomaly: 'bad',
  never: 'bad',
  '...': 'dim',
}

/** The words of --status, but that good backups which nobody has proved are `unverified`. */
export function stateWord(status: DatabaseStatus | null): StateWord {
  if (status === null) return '...'
  const { state, lastGood, ok } = status
  if (state === 'late' || state === 'running' || state === 'never' || state === 'unfinished')
    return state
  if (state === 'failed' || !ok) return troubleWord(status)
  if (lastGood === null) return 'never'
  return isVerified(lastGood) ? 'ok' : 'unverified'
}

/** A newest backup that is whole, and has much less in it than those before, is no failure. */
function troubleWord({ state, hasLoss, backups }: DatabaseStatus): StateWord {
  const isWhole = state !== 'failed' && backups[0]?.quality !== 'bad'
  return isWhole && hasLoss ? 'anomaly' : 'failed'
}

/** Of backups none of which is good: whether they may be all the same; null: there is none to try. */
export function uncheckedText(backups: readonly Backup[]): string | null {
  const unchecked = backups.filter(({ quality }) => quality === 'unchecked').length
  if (unchecked === 0) return null
  const bad = backups.length - unchecked
  const others = bad === 0 ? '' : ` (${bad} bad)`
  if (unchecked === 1) {
    return `one backup${others} has not been checked: c checks it, r restores it anyway`
  }
  return `none of the ${unchecked}${others} has been checked: c checks them, r restores anyway`
}

export function toneOf(word: StateWord): Tone {
  return tones[word]
}

/** Whether a backup is proved, believed or bad. */
export function verdictWord(backup: Backup): { readonly text: string; readonly tone: Tone } {
  const last = lastVerification(backup)
  if (backup.quality === 'bad') return { text: 'bad', tone: 'bad' }
  if (isVerified(backup)) {
    const text = last?.verdict === 'verified' ? 'verified' : 'with exceptions'
    return { text, tone: 'good' }
  }
  if (backup.quality === 'unchecked') return { text: 'not checked', tone: 'warn' }
  return { text: last === undefined ? 'not verified' : 'could not verify', tone: 'warn' }
}

export function runTone(state: JournalEntry['state']): Tone {
  if (state === 'succeeded') return 'good'
  return state === 'running' ? 'busy' : 'bad'
}

/** `11-20 01:00` of this year's times; with the year of others. */
export function shortTime(instant: Date, now: Date): string {
  const text = minuteText(instant)
  return instant.getFullYear() === now.getFullYear() ? text.slice('YYYY-'.length) : text
}

export function isPinned(backup: Backup): boolean {
  return pinnedAt(backup) !== null
}

/** Rows of all tables; null: nobody has counted. */
export function rowsOf({ manifest }: Backup): number | null {
  const tables = manifest?.fingerprint.tables ?? null
  return tables === null ? null : tables.reduce((sum, { rows }) => sum + rows, 0)
}

/** How long it took to take it, in milliseconds. */
export function tookMs({ manifest }: Backup): number | null {
  return manifest === null ? null : Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt)
}

/** Where the next character goes; it is part of no name. */
export const cursor = '▏'

const bars = '▁▂▃▄▅▆▇█'

/** A bar for each number, the largest the tallest; oldest first. */
export function sparkline(numbers: readonly number[]): string {
  const most = Math.max(...numbers, 1)
  return numbers
    .map((number) => bars[Math.round((number / most) * (bars.length - 1))] ?? '')
    .join('')
}

/** `[#####.....]`, of so many columns inside. */
export function bar(part: number, columns: number): string {
  const full = Math.round(Math.max(0, Math.min(1, part)) * columns)
  return `[${'#'.repeat(full)}${'.'.repeat(columns - full)}]`
}
