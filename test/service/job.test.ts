import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/index.ts'
import type { JobPlan } from '../../src/operations/job-plan.ts'
import type { JobProcess } from '../../src/platform/index.ts'
import { Job } from '../../src/service/job.ts'
import { ExpectedTimes } from '../support/expected-times.ts'
import { FakeAlarm } from '../support/fake-alarm.ts'
import { throughZone } from '../support/zone.ts'

function plan(expression: string, period: string | null = null): JobPlan {
  const trigger = period === null ? 'schedule' : 'interval'
  const command = 'backup.sh -s'
  return { key: expression, name: 'backup.conf:1', expression, command, flags: [], trigger, period }
}

interface Followed {
  readonly job: Job
  readonly alarm: FakeAlarm
  readonly starts: string[]
  readonly events: RunEvent[]
}

/** Follows a plan on a clock of its own; each run takes so long on it. */
function follow(
  what: JobPlan,
  from: string,
  { takesMs = 0, missed = null }: { takesMs?: number; missed?: Date | null } = {},
): Followed {
  const alarm = new FakeAlarm(new Date(from))
  const starts: string[] = []
  const events: RunEvent[] = []
  const never = new AbortController().signal
  const start = (): JobProcess => {
    starts.push(alarm.now().toISOString())
    const end = new Date(alarm.now().getTime() + takesMs)
    return { pid: 0, ended: alarm.waitUntil(end, never).then(() => 0), stop: () => undefined }
  }
  const tell = (event: RunEvent): void => void events.push(event)
  const job = new Job(what, { alarm, tell, start, timeoutMs: 86_400_000 })
  void job.follow(missed)
  return { job, alarm, starts, events }
}

const schedules = [
  '0 1 * * *',
  '30 2 * * *',
  '15,45 1,2 * * *',
  '0 1,13 * * *',
  '*/15 * * * *',
  '*/30 0-3 * * *',
  '0 */2 * * *',
  '0 0 * * *',
  '30 3 29 2 *',
  '0 4 28-31 * *',
  '20 1 31 * *',
  '0 3 13 * 5',
  '45 1 */2 * *',
  '* 2 * 3,11 0',
  '30 0 * 1-6/5 7',
]
const zones = ['PST8PDT', 'Australia/Lord_Howe', 'Africa/Cairo']

/** A year with a leap day. */
const year = { from: '2028-01-01T00:00:00.000Z', to: '2029-01-01T00:00:00.000Z' }

describe.each(zones)('a year in %s', (zone) => {
  test('starts every schedule exactly when it is due', async () => {
    await throughZone(zone, async () => {
      const expected = new ExpectedTimes(new Date(year.from), new Date(year.to))
      expect(expected.changes()).toHaveLength(2)
      for (const expression of schedules) {
        const justBefore = new Date(Date.parse(year.from) - 1).toISOString()
        const { job, alarm, starts } = follow(plan(expression), justBefore)

        await alarm.passUntil(new Date(Date.parse(year.to) - 1))
        job.retire()

        expect({ expression, starts }).toEqual({ expression, starts: expected.of(expression) })
        expect(starts.length).toBeGreaterThan(0)
      }
    })
  }, 120_000)
})

describe('a rhythm', () => {
  test('of BACKUP_PERIOD begins at once and does not drift, however long a cycle takes', async () => {
    const { alarm, starts, events } = follow(plan('@every 3600s', '1h'), '2026-05-05T00:10:00Z', {
      takesMs: 1_000_000,
    })

    await alarm.passUntil(new Date('2026-05-05T03:59:00Z'))

    expect(starts).toEqual(
      ['00:10', '01:10', '02:10', '03:10'].map((time) => `2026-05-05T${time}:00.000Z`),
    )
    expect(events.filter(({ kind }) => kind === 'service-sleeps')).toHaveLength(4)
  })

  test('of @every begins one interval after the start', async () => {
    const { alarm, starts } = follow(plan('@every 2h'), '2026-05-05T00:10:00Z')

    await alarm.passUntil(new Date('2026-05-05T05:00:00Z'))

    expect(starts).toEqual(['2026-05-05T02:10:00.000Z', '2026-05-05T04:10:00.000Z'])
  })
})

describe('a job that is still running when it is due again', () => {
  test('is not started, says so once, and goes on with the next time after its end', async () => {
    const { job, alarm, starts, events } = follow(plan('0 * * * *'), '2026-05-05T00:30:00Z', {
      takesMs: 2.5 * 3_600_000,
    })

    await alarm.passUntil(new Date('2026-05-05T03:10:00Z'))
    expect(job.state.runningSince?.toISOString()).toBe('2026-05-05T01:00:00.000Z')
    await alarm.passUntil(new Date('2026-05-05T04:10:00Z'))

    expect(starts).toEqual(['2026-05-05T01:00:00.000Z', '2026-05-05T04:00:00.000Z'])
    expect(events.filter(({ kind }) => kind === 'job-skipped')).toMatchObject([
      { due: new Date('2026-05-05T02:00:00Z'), runningSince: new Date('2026-05-05T01:00:00Z') },
    ])
  })
})

describe('a clock that was set', () => {
  test('forwards past several times makes one start, not one for each, and says that it is late', async () => {
    const { alarm, starts, events } = follow(plan('0 * * * *'), '2026-05-05T00:30:00Z')
    await alarm.passUntil(new Date('2026-05-05T00:40:00Z'))
    alarm.set(new Date('2026-05-05T05:20:00Z'))

    await alarm.passUntil(new Date('2026-05-05T06:10:00Z'))

    expect(starts).toEqual(['2026-05-05T05:20:00.000Z', '2026-05-05T06:00:00.000Z'])
    expect(events.filter(({ kind }) => kind === 'job-started')).toMatchObject([
      { missed: new Date('2026-05-05T01:00:00Z') },
      { missed: null },
    ])
  })

  test('back a little does not start the same time again', async () => {
    const { alarm, starts } = follow(plan('0 1 * * *'), '2026-05-05T00:30:00Z')
    await alarm.passUntil(new Date('2026-05-05T01:00:00Z'))
    alarm.set(new Date('2026-05-05T00:58:00Z'))

    await alarm.passUntil(new Date('2026-05-05T02:00:00Z'))

    expect(starts).toEqual(['2026-05-05T01:00:00.000Z'])
  })

  test('back far begins to count anew, and waits for no time of a wrong year', async () => {
    const { job, alarm, starts } = follow(plan('0 1 * * *'), '2028-05-05T00:30:00Z')
    await alarm.passUntil(new Date('2028-05-05T00:40:00Z'))
    alarm.set(new Date('2027-05-05T00:59:30Z'))
    await alarm.passUntil(new Date('2027-05-05T00:59:40Z'))
    expect(job.state.nextRun).toEqual(new Date('2027-05-05T01:00:00Z'))

    await alarm.passUntil(new Date('2027-05-05T01:10:00Z'))

    expect(starts).toEqual(['2027-05-05T01:00:00.000Z'])
  })

  test.each(['2026-05-05T00:01:00Z', '2020-01-01T00:00:00Z'])(
    'back to %s silences no interval',
    async (set) => {
      const { alarm, starts } = follow(plan('@every 5m'), '2026-05-05T00:30:00Z')
      await alarm.passUntil(new Date('2026-05-05T00:36:00Z'))
      alarm.set(new Date(set))

      await alarm.passUntil(new Date(Date.parse(set) + 600_000))

      expect(starts).toHaveLength(3)
    },
  )
})

describe('what the job tells of itself', () => {
  test('is when it is next, when it ran last, and how that ended', async () => {
    const { job, alarm } = follow(plan('0 1 * * *'), '2026-05-05T00:30:00Z', { takesMs: 60_000 })
    await alarm.passUntil(new Date('2026-05-05T00:31:00Z'))
    expect(job.state).toMatchObject({
      nextRun: new Date('2026-05-05T01:00:00Z'),
      lastStart: null,
      lastResult: null,
    })

    await alarm.passUntil(new Date('2026-05-05T02:00:00Z'))

    expect(job.state).toEqual({
      name: 'backup.conf:1',
      command: 'backup.sh -s',
      nextRun: new Date('2026-05-06T01:00:00Z'),
      lastStart: new Date('2026-05-05T01:00:00Z'),
      lastEnd: new Date('2026-05-05T01:01:00Z'),
      lastResult: { kind: 'succeeded' },
      runningSince: null,
    })
  })

  test('has no next run once it is retired', async () => {
    const { job, alarm, starts } = follow(plan('0 1 * * *'), '2026-05-05T00:30:00Z')
    await alarm.passUntil(new Date('2026-05-05T00:31:00Z'))

    job.retire()
    await alarm.passUntil(new Date('2026-05-07T02:00:00Z'))

    expect(job.state.nextRun).toBeNull()
    expect(starts).toEqual([])
  })
})
