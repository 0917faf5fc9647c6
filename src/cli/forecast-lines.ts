import { localStampOf } from '../model/index.ts'
import type { Forecast } from '../operations/index.ts'
import { describePolicy } from '../retention/index.ts'
import type { Screen } from './screen.ts'

const dayMs = 86_400_000
const ruler = '         1   5    10   15   20   25   30'

/**
 * A calendar of characters: a line for each month, a character for each day. `·` is a day of which
 * no backup is left, a digit says how many are, `+` that there are more than nine.
 */
export function showForecast(screen: Screen, forecast: Forecast): void {
  const { databases, policy, from, to, taken, decisions } = forecast
  for (const { spec } of databases) screen.say(spec.written, 'blue')
  for (const line of describePolicy(policy)) screen.say(`  keeps ${line}`)
  screen.say()
  screen.say(ruler, 'dim')
  for (const line of calendarOf(forecast)) screen.say(line)
  screen.say()
  const left = `${decisions.length} of ${taken} backups are left`
  screen.say(
    `On ${localStampOf(to).date}, when all went well since ${localStampOf(from).date}: ${left}.`,
  )
  screen.say()
}

function calendarOf({ from, to, decisions }: Forecast): readonly string[] {
  const perDay = new Map<string, number>()
  for (const { backup } of decisions) {
    const { date } = localStampOf(backup.takenAt)
    perDay.set(date, (perDay.get(date) ?? 0) + 1)
  }
  const days = Map.groupBy(daysBetween(from, to), (date) => date.slice(0, 'YYYY-MM'.length))
  return [...days].map(([month, dates]) => {
    const first = Number(dates[0]?.slice(-2)) - 1
    const signs = dates.map((date) => signOf(perDay.get(date) ?? 0)).join('')
    return `${month}  ${' '.repeat(first)}${signs}`
  })
}

/** `YYYY-MM-DD` of each, both ends included; at noon no change of clocks can skip one. */
function daysBetween(from: Date, to: Date): readonly string[] {
  const last = localStampOf(to).date
  const dates: string[] = []
  const noon = new Date(from.getFullYear(), from.getMonth(), from.getDate(), 12)
  for (let time = noon.getTime(); ; time += dayMs) {
    const { date } = localStampOf(new Date(time))
    dates.push(date)
    if (date >= last) return dates
  }
}

function signOf(count: number): string {
  if (count === 0) return '·'
  return count > 9 ? '+' : String(count)
}

/** Times in UTC, as in every document. */
export function forecastsDocument(forecasts: readonly Forecast[]): unknown {
  return {
    simulations: forecasts.map(({ databases, from, to, taken, decisions }) => ({
      specs: databases.map(({ spec }) => spec.written),
      from: from.toISOString(),
      to: to.toISOString(),
      taken,
      backups: decisions.map(({ backup, reasons }) => ({
        takenAt: backup.takenAt.toISOString(),
        tier: backup.name.tier,
        reasons,
      })),
    })),
  }
}
