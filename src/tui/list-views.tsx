import { Box } from 'ink'
import type { ReactNode } from 'react'
import { minuteText, prettySize, type StoreName } from '../model/index.ts'
import { copiesOf, type JournalEntry } from '../operations/index.ts'
import { firstShown, listRows } from './layout.ts'
import {
  backupsIn,
  databaseOf,
  type ListPlace,
  runsIn,
  selectedIndex,
  settingsIn,
} from './lists.ts'
import { tookText } from './run-text.ts'
import type { Place, Retention, State } from './state.ts'
import { type Cell, TableRow, Tinted } from './tinted.tsx'
import { isPinned, rowsOf, runTone, shortTime, verdictWord } from './words.ts'

type Of<Kind extends Place['kind']> = Extract<Place, { readonly kind: Kind }>

interface Table {
  readonly state: State
  readonly place: ListPlace
  readonly title: string
  readonly titles: readonly Cell[]
  readonly rows: readonly { readonly key: string; readonly cells: readonly Cell[] }[]
  readonly empty: string
}

/** A list of which one row is chosen. */
function ListTable({ state, place, title, titles, rows, empty }: Table): ReactNode {
  const height = listRows(state, 2)
  const selected = selectedIndex(state, place)
  const first = firstShown(rows.length, selected, height)
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Box height={1} flexShrink={0}>
        <Tinted text={title} tone="strong" wrap="truncate-middle" />
      </Box>
      <TableRow cells={titles} mark={false} tone="dim" />
      {rows.slice(first, first + height).map(({ key, cells }, at) => (
        <TableRow key={key} cells={cells} mark={first + at === selected} />
      ))}
      {rows.length === 0 ? <Tinted text={`  ${empty}`} tone="dim" /> : null}
    </Box>
  )
}

/** The backups of one database. */
export function DatabaseView({
  state,
  place,
}: {
  readonly state: State
  readonly place: Of<'database'>
}): ReactNode {
  const database = databaseOf(state, place.identity)
  const backups = backupsIn(state, place)
  const { store } = place
  const retention = store === null ? state.world.retention.get(place.identity) : undefined
  const isWide = state.size.columns >= 110
  const where = store === null ? '' : ` in ${store}`
  const title = `${database?.spec.written ?? place.identity}${where}: ${backups.length} ${backups.length === 1 ? 'backup' : 'backups'}`
  return (
    <ListTable
      state={state}
      place={place}
      title={title}
      titles={backupTitles(isWide)}
      rows={backups.map((backup) => {
        const { path, takenAt, name, bytes } = backup
        const verdict = verdictWord(backup)
        const stores = store === null ? copiesOf(backup).map((copy) => copy.store) : [store]
        const rows = rowsOf(backup)
        const cells: readonly Cell[] = [
          { text: minuteText(takenAt), width: 16 },
          { text: name.tier ?? 'daily', width: 7 },
          { text: prettySize(bytes), width: 7 },
          { text: rows === null ? '-' : String(rows), width: 10 },
          { ...verdict, width: isWide ? 16 : 12 },
          ...(isWide ? [{ text: stores.join(', '), width: 20 }] : []),
          {
            text: store === null ? keptText(retention, path, isPinned(backup)) : '-',
            width: null,
          },
          ...(isWide
            ? [{ text: store === null ? goesText(state, retention, path) : '-', width: 12 }]
            : []),
        ]
        return { key: path, cells }
      })}
      empty={emptyText(state, store)}
    />
  )
}

function emptyText({ world }: State, store: StoreName | null): string {
  if (store === null) return world.observation === null ? reading : 'There is none.'
  const elsewhere = world.elsewhere.get(store)
  if (elsewhere?.state === 'refused') return elsewhere.problem
  return elsewhere?.state === 'read' ? 'There is none.' : reading
}

const reading = 'Reading the backups ...'

function backupTitles(isWide: boolean): readonly Cell[] {
  return [
    { text: 'Taken', width: 16 },
    { text: 'Tier', width: 7 },
    { text: 'Size', width: 7 },
    { text: 'Rows', width: 10 },
    { text: 'Verdict', width: isWide ? 16 : 12 },
    ...(isWide ? [{ text: 'Stored in', width: 20 }] : []),
    { text: 'Kept as', width: null },
    ...(isWide ? [{ text: 'Pruned on', width: 12 }] : []),
  ]
}

function keptText(retention: Retention | undefined, path: string, pinned: boolean): string {
  const decision = retention?.decisions.get(path)
  if (decision === undefined) return pinned ? 'pinned' : '...'
  return `${decision.keep ? '' : 'goes: '}${decision.reasons.join('; ')}`
}

function goesText({ now }: State, retention: Retention | undefined, path: string): string {
  if (retention === undefined) return '...'
  if (retention.decisions.get(path)?.keep === false) return 'next pruning'
  const date = retention.dates.get(path)
  return date === undefined ? '-' : shortTime(date, now)
}

/** The runs on record. */
export function LogView({
  state,
  place,
}: {
  readonly state: State
  readonly place: Of<'log'>
}): ReactNode {
  const runs = runsIn(state, place.filter)
  return (
    <ListTable
      state={state}
      place={place}
      title="Runs, newest first"
      titles={[
        { text: 'Started', width: 16 },
        { text: 'Verb', width: 8 },
        { text: 'Result', width: 11 },
        { text: 'Took', width: 9 },
        { text: 'By', width: null },
      ]}
      rows={runs.map((entry) => ({ key: entry.run.id, cells: runCells(entry) }))}
      empty={state.world.journal === null ? 'Reading the records of runs ...' : 'There is none.'}
    />
  )
}

function runCells({ run, state }: JournalEntry): readonly Cell[] {
  return [
    { text: minuteText(new Date(run.startedAt)), width: 16 },
    { text: run.verb, width: 8 },
    { text: state, width: 11, tone: runTone(state) },
    { text: tookText(run).replace(', ', '') || '-', width: 9 },
    { text: `${run.trigger}, ${run.who}`, width: null },
  ]
}

/** Every variable in force, secrets masked. */
export function SettingsView({
  state,
  place,
}: {
  readonly state: State
  readonly place: Of<'settings'>
}): ReactNode {
  const settings = settingsIn(state, place.filter)
  const { confPath, warnings } = state.world.configuration
  const noun = warnings.length === 1 ? 'warning' : 'warnings'
  const found = warnings.length === 0 ? '' : `, ${warnings.length} ${noun}: backup.sh -c shows them`
  return (
    <ListTable
      state={state}
      place={place}
      title={`Settings in force, of the environment and ${confPath ?? 'no backup.conf'}${found}`}
      titles={[
        { text: 'Variable', width: 32 },
        { text: 'Value', width: null },
      ]}
      rows={settings.map(({ variable, value }) => ({
        key: variable,
        cells: [
          { text: variable, width: 32 },
          value === null
            ? { text: 'not set', width: null, tone: 'dim' as const }
            : { text: value, width: null },
        ],
      }))}
      empty="There is none of that name or value."
    />
  )
}
