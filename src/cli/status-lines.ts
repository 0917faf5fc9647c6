import type { DatabaseStatus } from '../operations/index.ts'
import { ageText, minuteText, prettySize } from './format.ts'
import type { Screen } from './screen.ts'

/** One line per database: state, last good backup, age, size, verdict, next run. */
export function showStatus(screen: Screen, statuses: readonly DatabaseStatus[]): void {
  const header = ['State', 'Database', 'Last good backup', 'Age', 'Size', 'Verdict', 'Next run']
  const rows = statuses.map(cellsOf)
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  screen.say(line(header))
  for (const [index, cells] of rows.entries()) {
    screen.say(line(cells), statuses[index]?.ok === true ? 'green' : 'red')
  }
  for (const { database, problem } of statuses) {
    if (problem !== null) screen.tell(`${database.spec.written}: ${problem}`)
  }
}

function cellsOf(status: DatabaseStatus): readonly string[] {
  const { database, state, lastGood, ageSeconds, verdict, nextRun } = status
  return [
    state,
    database.spec.written,
    lastGood === null ? '-' : minuteText(lastGood.takenAt),
    ageSeconds === null ? '-' : ageText(ageSeconds),
    lastGood === null ? '-' : prettySize(lastGood.bytes),
    verdict ?? (lastGood === null ? '-' : 'not verified'),
    nextRun === null ? '-' : minuteText(nextRun),
  ]
}

/** The shape of `--status --json` (design section 3). */
export function statusDocument(statuses: readonly DatabaseStatus[]): unknown {
  return {
    databases: statuses.map((status) => ({
      spec: status.database.spec.written,
      state: status.state,
      ok: status.ok,
      lastGood: status.lastGood?.takenAt.toISOString() ?? null,
      ageSeconds: status.ageSeconds,
      bytes: status.lastGood?.bytes ?? null,
      verdict: status.verdict ?? 'none',
      verifiedAt: status.verifiedAt,
      nextRun: status.nextRun?.toISOString() ?? null,
      problem: status.problem,
    })),
  }
}
