const minute = 60_000
const quarter = 15 * minute

/**
 * What the rules say about five fields in the zone of this process, minute by minute, by nothing
 * but `Intl`: an oracle that shares no line with what it judges.
 */
export class ExpectedTimes {
  readonly #from: number
  /** What the wall clock shows, as if it were UTC: a minute before `from`, and each one from there. */
  readonly #walls: number[] = []

  constructor(from: Date, to: Date) {
    this.#from = from.getTime()
    const format = new Intl.DateTimeFormat('en-US', {
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
    this.#walls.push(wallOf(format, this.#from - minute))
    // All zones change on a quarter of an hour.
    for (let at = this.#from; at < to.getTime(); at += quarter) {
      const wall = wallOf(format, at)
      for (let past = 0; past < quarter; past += minute) this.#walls.push(wall + past)
    }
  }

  /** The instants at which the wall clock jumps. */
  changes(): readonly Date[] {
    return this.#timesWhere((seen, wall) => wall - seen !== minute)
  }

  /** ISO 8601, UTC. */
  of(expression: string): readonly string[] {
    const matches = matcher(expression)
    const isInterval = expression.split(' ')[1] === '*'
    let seen = this.#walls[0] ?? 0
    const times = this.#timesWhere((_before, wall) => {
      const isDue = isInterval ? matches(wall) : anyBetween(seen, wall, matches)
      seen = Math.max(seen, wall)
      return isDue
    })
    return times.map((time) => time.toISOString())
  }

  #timesWhere(holds: (before: number, wall: number) => boolean): readonly Date[] {
    const times: Date[] = []
    let before = this.#walls[0] ?? 0
    for (const [index, wall] of this.#walls.entries()) {
      if (index > 0 && holds(before, wall)) times.push(new Date(this.#from + (index - 1) * minute))
      before = wall
    }
    return times
  }
}

function wallOf(format: Intl.DateTimeFormat, at: number): number {
  const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]))
  const [year = 0, month = 0, day, hour, ofHour] = ['year', 'month', 'day', 'hour', 'minute'].map(
    (name) => Number(parts[name]),
  )
  return Date.UTC(year, month - 1, day, hour, ofHour)
}

/** Whether a minute after `seen`, up to `wall`, matches: more than one where the clock jumped. */
function anyBetween(seen: number, wall: number, matches: (wall: number) => boolean): boolean {
  for (let at = seen + minute; at <= wall; at += minute) if (matches(at)) return true
  return false
}

function matcher(expression: string): (wall: number) => boolean {
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = expression.split(' ')
  const isMinute = fieldTest(minutes, 0, 59)
  const isHour = fieldTest(hours, 0, 23)
  const isDay = fieldTest(days, 1, 31)
  const isMonth = fieldTest(months, 1, 12)
  const isWeekday = fieldTest(weekdays, 0, 7)
  const either = days !== '*' && weekdays !== '*'
  return (wall) => {
    const minutesOfAll = wall / minute
    if (!isMinute(minutesOfAll % 60) || !isHour(Math.floor(minutesOfAll / 60) % 24)) return false
    const date = new Date(wall)
    if (!isMonth(date.getUTCMonth() + 1)) return false
    const day = isDay(date.getUTCDate())
    const weekday = isWeekday(date.getUTCDay()) || (date.getUTCDay() === 0 && isWeekday(7))
    return either ? day || weekday : day && weekday
  }
}

function fieldTest(field: string, least: number, most: number): (value: number) => boolean {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const [first = 0, last = first] = range === '*' ? [least, most] : range.split('-').map(Number)
    for (let value = first; value <= last; value += Number(step)) values.add(value)
  }
  return (value) => values.has(value)
}
