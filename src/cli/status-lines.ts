import { type Backup, lastVerification } from '../model/index.ts'
import { copiesOf, type DatabaseStatus, type LastRun } from '../operations/index.ts'
import {
  ageText,
  elapsedText,
  minuteText,
  padColumns,
  prettySize,
  secondText,
  textWidth,
} from './format.ts'
import type { Screen } from './screen.ts'

/** One line per database: state, last good backup, age, size, verdict, next run. */
export function showStatus(screen: Screen, statuses: readonly DatabaseStatus[]): void {
  const hasMirrors = statuses.some(({ storeLags }) => storeLags.length > 0)
  const titles = ['State', 'Database', 'Last good backup', 'Age', 'Size', 'Verdict', 'Next run']
  const header = [...titles, ...(hasMirrors ? ['Copies'] : [])]
  const rows = statuses.map((status) => [
    ...cellsOf(status),
    ...(hasMirrors ? [status.lastGood === null ? '-' : copiesText(status.lastGood)] : []),
  ])
  const line = aligned([header, ...rows])
  screen.say(line(header))
  for (const [index, cells] of rows.entries()) {
    screen.say(line(cells), statuses[index]?.ok === true ? 'green' : 'red')
  }
  for (const { database, problem } of statuses) {
    if (problem !== null) screen.tell(`${database.spec.written}: ${problem}`)
  }
  for (const { database, storeLags } of statuses) {
    for (const lag of storeLags) tellLag(screen, database, lag)
  }
}

function tellLag(
  screen: Screen,
  { spec }: DatabaseStatus['database'],
  { store, backups, seconds }: DatabaseStatus['storeLags'][number],
): void {
  if (backups === 0) return
  const what = backups === 1 ? 'a backup' : `${backups} backups`
  screen.tell(`${spec.written}: ${store} lacks ${what}, the oldest ${ageText(seconds)} old.`)
}

function copiesText(backup: Backup): string {
  const good = copiesOf(backup).filter(({ ok }) => ok)
  return `${good.length}: ${good.map(({ store }) => store).join(', ')}`
}

/** Every backup of one database, and where there are good copies of it. */
export function showCopies(screen: Screen, { backups, storeLags }: DatabaseStatus): void {
  // Without mirrors -l says all there is to say.
  if (backups.length === 0 || storeLags.length === 0) return
  const rows = backups.map((backup) => [
    minuteText(backup.takenAt),
    prettySize(backup.bytes),
    backup.quality,
    lastVerification(backup)?.verdict ?? 'not verified',
    copiesText(backup),
  ])
  const titles = ['Taken', 'Size', 'Quality', 'Verdict', 'Good copies']
  const line = aligned([titles, ...rows])
  screen.say()
  screen.say('Backups:')
  for (const cells of [titles, ...rows]) screen.say(line(cells))
}

function cellsOf(status: DatabaseStatus): readonly string[] {
  const { database, lastGood, ageSeconds, verdict, nextRun } = status
  return [
    stateWord(status),
    database.spec.written,
    lastGood === null ? '-' : minuteText(lastGood.takenAt),
    ageSeconds === null ? '-' : ageText(ageSeconds),
    lastGood === null ? '-' : prettySize(lastGood.bytes),
    verdict ?? (lastGood === null ? '-' : 'not verified'),
    nextRun === null ? '-' : minuteText(nextRun),
  ]
}

/** What became of the last try is no comfort when its backup was found to be bad. */
function stateWord({ state, ok, hasLoss, backups: [newest] }: DatabaseStatus): string {
  const isRefuted = !ok && newest?.quality === 'bad'
  if (isRefuted && (state === 'good' || state === 'never')) return 'bad'
  return hasLoss && state === 'good' ? 'anomaly' : state
}

const runHeader = ['Started', 'Verb', 'Trigger', 'Result', 'Took', 'Size', 'By']

/** The last runs of one database, newest first, each with its error if it failed. */
export function showLastRuns(screen: Screen, runs: readonly LastRun[]): void {
  screen.say()
  if (runs.length === 0) return screen.say('No run of it is on record.')
  screen.say('Last runs:')
  const rows = runs.map(runCells)
  const line = aligned([runHeader, ...rows])
  screen.say(line(runHeader))
  for (const [index, cells] of rows.entries()) {
    const { outcome, state } = runs[index] as LastRun
    screen.say(line(cells), state === 'failed' || state === 'unfinished' ? 'red' : undefined)
    if (outcome.error !== null) screen.say(`  ${errorText(outcome.error)}`)
  }
}

function runCells({ run, outcome, state }: LastRun): readonly string[] {
  const { startedAt = run.startedAt, endedAt, bytes } = outcome
  const tookMs = endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt)
  return [
    secondText(new Date(startedAt)),
    run.verb,
    run.trigger,
    state,
    tookMs === null ? '-' : elapsedText(tookMs),
    bytes === null ? '-' : prettySize(bytes),
    run.who,
  ]
}

function errorText({ message, reason }: NonNullable<LastRun['outcome']['error']>): string {
  return [message, reason]
    .filter((part) => part !== '')
    .join(' ')
    .replaceAll('\n', ' ')
}

/** Cells as a line, in columns as wide as the widest of all. */
function aligned(table: readonly (readonly string[])[]): (cells: readonly string[]) => string {
  const widths = table[0]?.map((_title, column) =>
    Math.max(...table.map((cells) => textWidth(cells[column] ?? ''))),
  )
  return (cells) =>
    cells
      .map((cell, column) => padColumns(cell, widths?.[column] ?? 0))
      .join('  ')
      .trimEnd()
}
