import { Box } from 'ink'
import type { ReactNode } from 'react'
import {
  ageText,
  type ConfiguredDatabase,
  elapsedText,
  identityOf,
  isInFuture,
  minuteText,
  prettySize,
} from '../model/index.ts'
import type { DatabaseStatus } from '../operations/index.ts'
import { firstShown, listRows } from './layout.ts'
import { type Line, line } from './line.ts'
import { databasesIn, selectedIndex, statusOf } from './lists.ts'
import type { Place, State } from './state.ts'
import { type Cell, Lines, TableRow, Tinted } from './tinted.tsx'
import { volumeLines } from './volume-lines.ts'
import {
  shortTime,
  sparkline,
  stateWord,
  toneOf,
  tookMs,
  uncheckedText,
  verdictWord,
} from './words.ts'

/** Lines that are no rows: three of the volume, the titles, and five of the chosen one. */
const others = 9

/** How many backups the line of sizes shows. */
const sizesShown = 30

interface Row {
  readonly state: State
  readonly database: ConfiguredDatabase
  readonly status: DatabaseStatus | null
}

interface Column {
  readonly title: string
  readonly width: number | null
  /** Shown on terminals of at least so many columns. */
  readonly from: number
  readonly cell: (row: Row) => Omit<Cell, 'width'>
}

const columns: readonly Column[] = [
  {
    title: 'State',
    width: 10,
    from: 0,
    cell: ({ status }) => ({ text: stateWord(status), tone: toneOf(stateWord(status)) }),
  },
  {
    title: 'Database',
    width: null,
    from: 0,
    cell: ({ database }) => ({ text: database.spec.written, wrap: 'truncate-middle' }),
  },
  {
    title: 'Last good',
    width: 11,
    from: 100,
    cell: ({ state, status }) => ({ text: timeText(status?.lastGood?.takenAt, state.now) }),
  },
  {
    title: 'Age',
    width: 10,
    from: 0,
    cell: ({ state, status }) => ({ text: ageOf(status, state.now) }),
  },
  {
    title: 'Size',
    width: 7,
    from: 0,
    cell: ({ status }) => ({
      text: status?.lastGood == null ? '-' : prettySize(status.lastGood.bytes),
    }),
  },
  {
    title: 'Last 30 sizes',
    width: sizesShown,
    from: 150,
    cell: ({ state, status }) => ({ text: sizesOf(status, state.now) }),
  },
  {
    title: 'Took',
    width: 9,
    from: 130,
    cell: ({ status }) => ({ text: tookText(status) }),
  },
  {
    title: 'Verified',
    width: 11,
    from: 0,
    cell: ({ state, status }) => ({
      text: timeText(status?.provenAt == null ? null : new Date(status.provenAt), state.now),
    }),
  },
  {
    title: 'Next run',
    width: 11,
    from: 90,
    cell: ({ state, status }) => ({ text: timeText(status?.nextRun, state.now) }),
  },
  {
    title: 'Behind',
    width: 12,
    from: 170,
    cell: ({ status }) => behind(status),
  },
]

/** One row per database, the volume above, and the chosen one in full below. */
export function OverviewView({
  state,
  place,
}: {
  readonly state: State
  readonly place: Extract<Place, { readonly kind: 'overview' }>
}): ReactNode {
  const shown = columns.filter(({ from }) => from <= state.size.columns)
  const databases = databasesIn(state, place.filter)
  const selected = selectedIndex(state, place)
  const height = listRows(state, others)
  const first = firstShown(databases.length, selected, height)
  const chosen = databases[selected]
  return (
    <Box flexDirection="column" flexGrow={1}>
      <Lines lines={volumeLines(state)} wrap="truncate-end" />
      <TableRow cells={titlesOf(shown)} mark={false} tone="dim" />
      <Box flexDirection="column" height={height} flexShrink={0}>
        {databases.slice(first, first + height).map((database, at) => {
          const identity = identityOf(database.spec)
          const row = { state, database, status: statusOf(state, identity) }
          const cells = shown.map(({ width, cell }) => ({ ...cell(row), width }))
          return <TableRow key={identity} cells={cells} mark={first + at === selected} />
        })}
        {databases.length === 0 ? <Tinted text={nothingText(state, place.filter)} /> : null}
      </Box>
      {chosen === undefined ? null : <Details state={state} database={chosen} />}
    </Box>
  )
}

function titlesOf(shown: readonly Column[]): readonly Cell[] {
  return shown.map(({ title, width }) => ({ text: title, width }))
}

function nothingText({ world }: State, filter: string): string {
  if (world.databases.length === 0) return '  No database is configured: see backup.conf.'
  return `  No database has "${filter}" in its name.`
}

/** What a narrow terminal has no columns for. */
function Details({
  state,
  database,
}: {
  readonly state: State
  readonly database: ConfiguredDatabase
}): ReactNode {
  const status = statusOf(state, identityOf(database.spec))
  return (
    <Box flexDirection="column" height={5} flexShrink={0}>
      <Lines lines={[line(), ...detailsOf(state, database, status)]} wrap="truncate-end" />
    </Box>
  )
}

function detailsOf(
  { now }: State,
  { spec }: ConfiguredDatabase,
  status: DatabaseStatus | null,
): readonly Line[] {
  if (status === null) return [line(spec.written, 'strong'), line('Reading the backups ...', 'dim')]
  const { lastGood, problem, nextRun, storeLags, backups, frequency } = status
  const mirrors = storeLags.map(({ store, backups: lacks, seconds }) =>
    lacks === 0
      ? `${store} has all`
      : `${store} lacks ${lacks}, the oldest ${ageText(seconds)} old`,
  )
  const facts = [
    lastGood === null
      ? (uncheckedText(backups) ?? 'no good backup')
      : `last good ${minuteText(lastGood.takenAt)}, ${verdictWord(lastGood).text}, taken in ${tookText(status)}`,
    nextRun === null ? 'no next run is known' : `next ${shortTime(nextRun, now)}`,
    ...(frequency === null ? [] : [frequency.written]),
  ]
  return [
    line(
      `${spec.written}: ${backups.length} ${backups.length === 1 ? 'backup' : 'backups'}`,
      'strong',
    ),
    line(facts.join(', ')),
    line([`Sizes ${sizesOf(status, now)}`, ...mirrors].join('  ')),
    problem === null ? line() : line(problem, 'bad'),
  ]
}

function timeText(instant: Date | null | undefined, now: Date): string {
  return instant == null ? '-' : shortTime(instant, now)
}

function ageOf(status: DatabaseStatus | null, now: Date): string {
  const takenAt = status?.lastGood?.takenAt
  if (takenAt === undefined) return '-'
  return ageText(Math.max(0, (now.getTime() - takenAt.getTime()) / 1000))
}

function tookText(status: DatabaseStatus | null): string {
  const ms = status?.lastGood == null ? null : tookMs(status.lastGood)
  return ms === null ? '-' : elapsedText(ms)
}

/** Of the newest, oldest first. */
function sizesOf(status: DatabaseStatus | null, now: Date): string {
  const past = (status?.backups ?? []).filter(({ takenAt }) => !isInFuture(takenAt, now))
  return sparkline(
    past
      .slice(0, sizesShown)
      .map(({ bytes }) => bytes)
      .toReversed(),
  )
}

function behind(status: DatabaseStatus | null): Omit<Cell, 'width'> {
  const lags = (status?.storeLags ?? []).filter(({ backups }) => backups > 0)
  if (lags.length === 0) return { text: status?.storeLags.length === 0 ? '-' : 'none' }
  const text = lags.map(({ store, backups }) => `${store} ${backups}`).join(', ')
  return { text, tone: 'warn' }
}
