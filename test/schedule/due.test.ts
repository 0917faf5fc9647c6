import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Frequency, parseFrequency, type Weekday, weekdays } from '../../src/model/index.ts'
import { backupSchedule, dueFrom } from '../../src/schedule/index.ts'
import { inZone } from '../support/zone.ts'

function frequency(text: string): Frequency {
  const parsed = parseFrequency(text)
  if (parsed === null) throw new Error(`${text} is no frequency.`)
  return parsed
}

const daySeconds = 86_400
/** Without lines: once a day. */
const scheduleOf = (...expressions: readonly string[]) =>
  backupSchedule(
    expressions.map((expression) => ({ expression, command: './backup.sh -s' })),
    daySeconds,
  )

interface Question {
  readonly of: string
  readonly last: string | null
  readonly now: string
  readonly weeklyDay?: Weekday
}

/** Times without a zone are local. */
function isDue({ of, last, now, weeklyDay = 'saturday' }: Question): boolean {
  const from = dueFrom(
    { frequency: frequency(of), weeklyDay },
    { last: last === null ? null : new Date(last), now: new Date(now), schedule: scheduleOf() },
  )
  return from !== null && from <= new Date(now)
}

describe('a frequency', () => {
  test.each(['daily', 'DAILY', 'weekly', 'none', '1h', '6h', '8784h'])('may be %s', (text) => {
    expect(parseFrequency(text)?.written).toBe(text.toLowerCase())
  })

  test.each(['', 'hourly', '0h', '8785h', '6', '1.5h', '-1h', '1d', 'h'])(
    'may not be "%s"',
    (text) => {
      expect(parseFrequency(text)).toBeNull()
    },
  )

  test.each<Question & { due: boolean }>([
    { of: 'daily', last: null, now: '2026-05-05T01:00', due: true },
    { of: 'daily', last: '2026-05-04T01:01', now: '2026-05-05T01:00', due: true },
    { of: 'daily', last: '2026-05-04T01:00', now: '2026-05-04T21:59', due: false },
    { of: 'daily', last: '2026-05-04T01:00', now: '2026-05-04T22:00', due: true },
    { of: 'none', last: null, now: '2026-05-04T11:14', due: false },
    { of: 'none', last: '2020-05-04T06:00', now: '2026-05-04T11:14', due: false },
    // 2026-05-09 is a Saturday.
    { of: 'weekly', last: null, now: '2026-05-08T23:59:59.999', due: true },
    { of: 'weekly', last: null, now: '2026-05-09T00:00', due: true },
    { of: 'weekly', last: null, now: '2026-05-10T00:00', due: true },
    { of: 'weekly', last: '2026-05-02T01:00', now: '2026-05-08T23:59', due: false },
    { of: 'weekly', last: '2026-05-02T01:00', now: '2026-05-09T00:59', due: true },
    { of: 'weekly', last: '2026-05-09T01:00', now: '2026-05-09T23:59', due: false },
    { of: 'weekly', last: '2026-05-02T01:00', now: '2026-05-11T01:00', due: true },
    { of: 'weekly', last: '2026-05-11T01:00', now: '2026-05-16T01:00', due: true },
    {
      of: 'weekly',
      weeklyDay: 'sunday',
      last: '2026-05-03T01:00',
      now: '2026-05-09T12:00',
      due: false,
    },
    {
      of: 'weekly',
      weeklyDay: 'sunday',
      last: '2026-05-03T01:00',
      now: '2026-05-10T00:59',
      due: true,
    },
  ])('$of, last $last, is due at $now: $due', ({ due, ...question }) => {
    expect(isDue(question)).toBe(due)
  })

  test.each([
    ['America/Vancouver', '2026-03-07T01:30', '2026-03-08T01:30'],
    ['America/Vancouver', '2026-03-08T01:30', '2026-03-09T01:00'],
    ['Europe/Vienna', '2026-03-28T02:30', '2026-03-29T03:00'],
    ['Australia/Lord_Howe', '2026-10-03T02:00', '2026-10-04T02:00'],
  ])('daily is due each night in %s, also when a day has 23 hours', (zone, last, now) => {
    inZone(zone, () => {
      expect(isDue({ of: 'daily', last, now })).toBe(true)
    })
  })

  test.each([
    // Nightly: the cycle of 01:00 is the only chance, however late the last one began.
    ['daily', '0 1 * * *', '2026-05-04T01:00:03', '2026-05-05T01:00:00'],
    ['daily', '0 1 * * *', '2026-05-04T02:10:00', '2026-05-05T01:00:00'],
    // Hourly: that of 24 hours later, and not one that the tolerance would take.
    ['daily', '0 * * * *', '2026-05-04T01:00:03', '2026-05-05T01:00:00'],
    ['daily', '0 * * * *', '2026-05-04T01:40:00', '2026-05-05T01:00:00'],
    ['6h', '*/5 * * * *', '2026-05-04T06:00:03', '2026-05-04T12:00:00'],
    ['6h', '0 */6 * * *', '2026-05-04T06:01:00', '2026-05-04T12:00:00'],
    ['6h', '0 */4 * * *', '2026-05-04T04:00:01', '2026-05-04T08:00:00'],
    ['1h', '*/15 * * * *', '2026-05-04T06:00:00', '2026-05-04T07:00:00'],
    ['12h', '0 1 * * *', '2026-05-04T01:00:00', '2026-05-05T01:00:00'],
  ])('%s with cycles at "%s" after %s is done at %s', (...[of, expression, last, expected]) => {
    const schedule = scheduleOf(expression)
    const policy = { frequency: frequency(of), weeklyDay: 'saturday' } as const
    const from = dueFrom(policy, { last: new Date(last), now: new Date(last), schedule })

    const first = schedule.next(new Date((from?.getTime() ?? 0) - 1))
    expect(first).toEqual(new Date(expected))
  })

  test.each([
    ['daily', '0 1 * * *', '2026-05-04T01:00', '2026-05-05T00:59', true],
    ['daily', '0 1 * * *', '2026-05-04T01:00', '2026-05-04T13:00', false],
    ['daily', '0 * * * *', '2026-05-04T01:00', '2026-05-05T00:00', false],
    ['daily', '0 * * * *', '2026-05-04T01:00', '2026-05-05T00:59', true],
  ])(
    '%s with cycles at "%s" after %s is due a little before them, too: %s',
    (...[of, expression, last, now, due]) => {
      const policy = { frequency: frequency(of), weeklyDay: 'saturday' } as const
      const schedule = scheduleOf(expression)
      const from = dueFrom(policy, { last: new Date(last), now: new Date(now), schedule })

      expect(from !== null && from <= new Date(now)).toBe(due)
    },
  )

  test.each([
    ['daily', '@every 1h', '2026-05-05T00:52:30'],
    ['6h', '@every 2h', '2026-05-04T06:45:00'],
    ['6h', '@every 6h', '2026-05-04T06:15:00'],
    ['6h', '@every 12h', '2026-05-04T06:15:00'],
  ])(
    '%s with cycles %s is due a little before the last one within the period',
    (of, expression, expected) => {
      const last = new Date('2026-05-04T01:00')
      const policy = { frequency: frequency(of), weeklyDay: 'saturday' } as const
      const from = dueFrom(policy, { last, now: last, schedule: scheduleOf(expression) })

      expect(from).toEqual(new Date(expected))
    },
  )

  test('weekly begins with the day of its own zone, whatever its length', () => {
    inZone('America/Vancouver', () => {
      const from = dueFrom(
        { frequency: frequency('weekly'), weeklyDay: 'sunday' },
        {
          last: new Date('2026-10-25T09:00:00Z'),
          now: new Date('2026-10-29T09:00:00Z'),
          schedule: scheduleOf(),
        },
      )
      expect(from?.toISOString()).toBe('2026-11-01T07:00:00.000Z')
    })
  })

  test('weekly is due once in every week of nightly cycles, whenever it began', () => {
    const nights = fc.record({
      start: fc.date({
        min: new Date('2020-01-01'),
        max: new Date('2030-01-01'),
        noInvalidDate: true,
      }),
      day: fc.constantFrom(...weekdays),
      jitterMinutes: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 35, maxLength: 35 }),
    })
    fc.assert(
      fc.property(nights, ({ start, day, jitterMinutes }) => {
        const policy = { frequency: frequency('weekly'), weeklyDay: day }
        const taken: Date[] = []
        for (const [night, jitter] of jitterMinutes.entries()) {
          const {
            [0]: y,
            [1]: m,
            [2]: d,
          } = [start.getFullYear(), start.getMonth(), start.getDate() + night]
          const now = new Date(y, m, d, 1, 30 + jitter)
          const from = dueFrom(policy, { last: taken.at(-1) ?? null, now, schedule: scheduleOf() })
          if (from !== null && from <= now) taken.push(now)
        }
        const onTheDay = taken.filter((at) => weekdays[at.getDay()] === day)
        expect(onTheDay).toHaveLength(5)
        // The first one of all is taken at once.
        expect(taken.slice(1)).toEqual(onTheDay.slice(-taken.length + 1))
        expect(taken[0]?.getDate()).toBe(start.getDate())
      }),
    )
  })
})
