import {
  ageText,
  type Backup,
  elapsedText,
  lastVerification,
  type Manifest,
  minuteText,
  pinnedAt,
  prettySize,
  type StoreName,
} from '../model/index.ts'
import { copiesOf } from '../operations/index.ts'
import { type Line, line } from './line.ts'
import { backupAt, backupsOf } from './lists.ts'
import type { OfStore, State } from './state.ts'
import { rowsOf, tookMs, verdictWord } from './words.ts'

/** Tables whose rows are listed. */
const mostTables = 200

/** All that is known of one backup. */
export function backupText(state: State, of: OfStore & { readonly path: string }): readonly Line[] {
  const backup = backupAt(state, of)
  if (backup === null) {
    const isReading = of.store !== null && state.world.elsewhere.get(of.store)?.state === 'reading'
    return isReading
      ? [line('Reading the backups ...', 'dim')]
      : [line('This backup is not there any more.', 'warn')]
  }
  return [
    ...factsOf(backup, of.store, state.now),
    ...retentionOf(state, of),
    ...verificationOf(backup),
    ...manifestLines(backup),
    ...tablesOf(backup, before(state, of, backup)),
  ]
}

function factsOf(backup: Backup, store: StoreName | null, now: Date): readonly Line[] {
  const { takenAt, bytes, name, quality, problem } = backup
  const { text, tone } = verdictWord(backup)
  const age = ageText(Math.max(0, (now.getTime() - takenAt.getTime()) / 1000))
  const took = tookMs(backup)
  const all = store === null ? copiesOf(backup) : [{ store, ok: backup.quality !== 'bad' }]
  const copies = all.map((copy) => (copy.ok ? copy.store : `${copy.store} (bad)`))
  const pinned = pinnedAt(backup)
  return [
    row('Path', backup.path),
    row('Taken', `${minuteText(takenAt)}, ${age} ago`),
    row('Size', `${prettySize(bytes)}${took === null ? '' : `, taken in ${elapsedText(took)}`}`),
    row('Tier', name.tier ?? 'daily'),
    row('Quality', problem === null ? quality : `${quality}: ${problem}`),
    line(`${'Verdict'.padEnd(margin)}${text}`, tone),
    row('Stored in', copies.join(', ')),
    ...(pinned === null ? [] : [row('Pinned', `since ${minuteText(new Date(pinned))}`)]),
  ]
}

function retentionOf(
  { world }: State,
  { identity, store, path }: OfStore & { readonly path: string },
): readonly Line[] {
  const retention = store === null ? world.retention.get(identity) : undefined
  const decision = retention?.decisions.get(path)
  if (retention === undefined || decision === undefined) return []
  const date = retention.dates.get(path)
  return [
    row(decision.keep ? 'Kept as' : 'Goes as', decision.reasons.join('; ')),
    row('Pruned on', prunedText(decision.keep, date)),
  ]
}

function prunedText(keep: boolean, date: Date | undefined): string {
  if (!keep) return 'the next pruning'
  return date === undefined ? 'no day that can be foreseen' : minuteText(date)
}

function verificationOf(backup: Backup): readonly Line[] {
  const last = lastVerification(backup)
  if (last === undefined) return [row('Verified', 'never: v proves it')]
  return [
    row('Verified', `${minuteText(new Date(last.at))}: ${last.verdict.replaceAll('-', ' ')}`),
    ...last.differences.map((each) => line(`${' '.repeat(margin)}- ${each}`, 'warn')),
  ]
}

function manifestLines({ manifest }: Backup): readonly Line[] {
  if (manifest === null) {
    return [line('It has no manifest: what was in the database cannot be compared.', 'warn')]
  }
  const { serverVersion, toolVersion, format, codec, encryption, databaseBytes } = manifest
  return [
    row('Server', `PostgreSQL ${serverVersion}, dumped by ${toolVersion}`),
    row('Format', [format, codec, encryption === undefined ? '' : 'encrypted'].join(' ').trim()),
    row('Database', databaseText(manifest, databaseBytes)),
    row('SHA-256', manifest.sha256),
    ...manifest.warnings.map((text) => line(`Warning: ${text}`, 'warn')),
  ]
}

function databaseText({ database, extensions }: Manifest, bytes: number | null): string {
  const size = bytes === null ? '' : `, ${prettySize(bytes)}`
  const with_ =
    extensions.length === 0 ? '' : `, with ${extensions.map(({ name }) => name).join(', ')}`
  return `${database.name} of ${database.owner}${size}${with_}`
}

/** The next older one whose rows are known. */
function before(state: State, of: OfStore, backup: Backup): Backup | null {
  const all = backupsOf(state, of)
  const older = all.slice(all.findIndex(({ path }) => path === backup.path) + 1)
  return older.find((each) => rowsOf(each) !== null) ?? null
}

function tablesOf(backup: Backup, older: Backup | null): readonly Line[] {
  const tables = backup.manifest?.fingerprint.tables ?? null
  if (tables === null) return []
  const past = new Map(
    (older?.manifest?.fingerprint.tables ?? []).map(({ schema, table, rows }) => [
      `${schema}.${table}`,
      rows,
    ]),
  )
  const names = new Set(tables.map(({ schema, table }) => `${schema}.${table}`))
  const gone = [...past.keys()].filter((name) => !names.has(name))
  const compared = older === null ? '' : `, compared with ${minuteText(older.takenAt)}`
  return [
    line(),
    line(
      `Rows: ${rowsOf(backup)} in ${tables.length} ${tables.length === 1 ? 'table' : 'tables'}${compared}`,
      'strong',
    ),
    ...gone.map((name) => line(`${'gone'.padStart(12)}  ${name}`, 'bad')),
    ...tables.slice(0, mostTables).map(({ schema, table, rows }) => {
      const name = `${schema}.${table}`
      return tableLine(name, rows, older === null ? rows : (past.get(name) ?? 'new'))
    }),
    ...(tables.length > mostTables
      ? [line(`... and ${tables.length - mostTables} more`, 'dim')]
      : []),
  ]
}

function tableLine(name: string, rows: number, was: number | 'new'): Line {
  const count = String(rows).padStart(12)
  if (was === 'new') return line(`${count}  ${name}  (new)`, 'good')
  if (was === rows) return line(`${count}  ${name}`)
  return line(
    `${count}  ${name}  (${rows > was ? '+' : ''}${rows - was})`,
    rows < was ? 'warn' : 'good',
  )
}

const margin = 11

function row(label: string, text: string): Line {
  return line(`${label.padEnd(margin)}${text}`)
}
