import { describe, expect, test } from 'vitest'
import { backupSchedule, type Schedule } from '../../src/schedule/index.ts'
import { inZone } from '../support/zone.ts'

const aDay = 86_400

/** A schedule of lines such as `0 1 * * * ./backup.sh -s`. */
function scheduleOf(
  ...lines: readonly (readonly [expression: string, command: string])[]
): Schedule {
  return backupSchedule(
    lines.map(([expression, command]) => ({ expression, command })),
    aDay,
  )
}

function next(schedule: Schedule, instant: string): string | undefined {
  return schedule.next(new Date(instant))?.toISOString()
}

function previous(schedule: Schedule, instant: string): string | undefined {
  return schedule.previous(new Date(instant))?.toISOString()
}

const nightly = ['0 1 * * *', './backup.sh -s'] as const

describe('the schedule of backups', () => {
  test('has the next time after an instant, and the last one at or before it', () => {
    const schedule = scheduleOf(nightly)

    expect(next(schedule, '2026-05-05T00:59:59.999Z')).toBe('2026-05-05T01:00:00.000Z')
    expect(next(schedule, '2026-05-05T01:00:00.000Z')).toBe('2026-05-06T01:00:00.000Z')
    expect(previous(schedule, '2026-05-05T00:59:59.999Z')).toBe('2026-05-04T01:00:00.000Z')
    expect(previous(schedule, '2026-05-05T01:00:00.000Z')).toBe('2026-05-05T01:00:00.000Z')
    expect(schedule.interval).toBeNull()
  })

  test.each([
    ['*/15 * * * *', '2026-05-05T12:15:00.000Z', '2026-05-05T12:00:00.000Z'],
    ['5-59/20 * * * *', '2026-05-05T12:05:00.000Z', '2026-05-05T11:45:00.000Z'],
    ['0 22,6 * * *', '2026-05-05T22:00:00.000Z', '2026-05-05T06:00:00.000Z'],
    ['30 2 * * 1-5', '2026-05-06T02:30:00.000Z', '2026-05-05T02:30:00.000Z'],
    ['0 3 * * 7', '2026-05-10T03:00:00.000Z', '2026-05-03T03:00:00.000Z'],
    ['0 3 * * 0', '2026-05-10T03:00:00.000Z', '2026-05-03T03:00:00.000Z'],
    ['0 3 31 * *', '2026-05-31T03:00:00.000Z', '2026-03-31T03:00:00.000Z'],
    ['0 3 29 2 *', '2028-02-29T03:00:00.000Z', '2024-02-29T03:00:00.000Z'],
    // Both days given: either is enough, as in every cron.
    ['0 3 13 * 5', '2026-05-08T03:00:00.000Z', '2026-05-01T03:00:00.000Z'],
    ['@hourly', '2026-05-05T13:00:00.000Z', '2026-05-05T12:00:00.000Z'],
    ['@daily', '2026-05-06T00:00:00.000Z', '2026-05-05T00:00:00.000Z'],
    ['@midnight', '2026-05-06T00:00:00.000Z', '2026-05-05T00:00:00.000Z'],
    ['@weekly', '2026-05-10T00:00:00.000Z', '2026-05-03T00:00:00.000Z'],
    ['@monthly', '2026-06-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'],
    ['@yearly', '2027-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['@annually', '2027-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
  ])('reads %s', (expression, later, earlier) => {
    const schedule = scheduleOf([expression, './backup.sh -s'])

    expect(next(schedule, '2026-05-05T12:00:00.000Z')).toBe(later)
    expect(previous(schedule, '2026-05-05T12:00:00.000Z')).toBe(earlier)
  })

  test('takes the nearest of several lines', () => {
    const schedule = scheduleOf(nightly, ['0 13 * * *', 'backup.sh -s'])

    expect(next(schedule, '2026-05-05T12:00:00Z')).toBe('2026-05-05T13:00:00.000Z')
    expect(previous(schedule, '2026-05-05T12:00:00Z')).toBe('2026-05-05T01:00:00.000Z')
    expect(next(schedule, '2026-05-05T13:00:00Z')).toBe('2026-05-06T01:00:00.000Z')
    expect(previous(schedule, '2026-05-05T13:00:00Z')).toBe('2026-05-05T13:00:00.000Z')
  })

  test('with @every has an interval and no times of its own', () => {
    const schedule = scheduleOf(['@every 2h', './backup.sh -s'], ['@every 90m', './backup.sh -1'])

    expect(schedule.interval).toBe(5_400)
    expect(next(schedule, '2026-05-05T12:00:00Z')).toBeUndefined()
    expect(previous(schedule, '2026-05-05T12:00:00Z')).toBeUndefined()
  })

  test('without a line that backs up expects one every BACKUP_PERIOD', () => {
    for (const schedule of [scheduleOf(), scheduleOf(['0 4 * * *', './backup.sh -s -v all'])]) {
      expect(schedule.interval).toBe(aDay)
      expect(next(schedule, '2026-05-05T12:00:00Z')).toBeUndefined()
      expect(previous(schedule, '2026-05-05T12:00:00Z')).toBeUndefined()
    }
  })
})

describe('a schedule line backs up', () => {
  const noon = '2026-05-05T12:00:00Z'
  const isBackup = (command: string) => next(scheduleOf(['0 1 * * *', command]), noon) !== undefined

  test.each([
    './backup.sh -s',
    'backup.sh -1',
    '/backup.sh --scheduled',
    './backup.sh --once --only db/app',
    './backup.sh -s1',
    './backup.sh -s -n',
    'cd / && ./backup.sh -s',
    '. /vault/secrets/creds && ./backup.sh -1',
    '(cd / ; ./backup.sh -s) > /tmp/log 2>&1',
    './backup.sh -s || echo "it failed" | mail ops',
    'TZ=UTC nice -n 19 ./backup.sh -s',
    "sh -c './backup.sh -s'",
    'bash "./backup.sh" "-s"',
    './backup.sh -s   # not -v, that is at four',
    './backup.sh -s -v all; ./backup.sh -s',
  ])('with %j', (command) => {
    expect(isBackup(command)).toBe(true)
  })

  test.each([
    './backup.sh',
    './backup.sh -s -v all',
    './backup.sh -sv all',
    './backup.sh -s --verify all',
    './backup.sh -s --verify=all',
    '(./backup.sh -s -v host:5432/db)',
    './backup.sh -s -r db/app -f today',
    './backup.sh -p -s',
    './backup.sh --list -1',
    './backup.sh --status',
    './backup.sh -1 -c',
    './my-backup.sh -s',
    'mc mirror minio/data /backups/minio-backup/$(date +%F) && find /backups -mtime +7 -delete',
    'echo -1 # ./backup.sh -s',
    'true',
  ])('not with %j', (command) => {
    expect(isBackup(command)).toBe(false)
  })

  test('and others on the same schedule say nothing about when', () => {
    const schedule = scheduleOf(
      nightly,
      ['0 12 * * *', './backup.sh -s -v all'],
      ['*/5 * * * *', 'touch /tmp/alive'],
    )

    expect(next(schedule, '2026-05-05T11:00:00Z')).toBe('2026-05-06T01:00:00.000Z')
    expect(previous(schedule, '2026-05-05T13:00:00Z')).toBe('2026-05-05T01:00:00.000Z')
  })
})

describe('in a zone with daylight-saving (D-40)', () => {
  const inPacific = <Result>(run: () => Result) => inZone('PST8PDT', run)

  test('times are those of the wall clock, before and after the change', () => {
    inPacific(() => {
      const schedule = scheduleOf(nightly)

      expect(next(schedule, '2026-03-07T12:00:00Z')).toBe('2026-03-08T09:00:00.000Z')
      expect(next(schedule, '2026-03-08T12:00:00Z')).toBe('2026-03-09T08:00:00.000Z')
      expect(previous(schedule, '2026-11-02T12:00:00Z')).toBe('2026-11-02T09:00:00.000Z')
      expect(previous(schedule, '2026-11-01T12:00:00Z')).toBe('2026-11-01T08:00:00.000Z')
    })
  })

  test('a time that is skipped comes right after the gap, on the same day', () => {
    inPacific(() => {
      const schedule = scheduleOf(['30 2 * * *', './backup.sh -s'])

      expect(next(schedule, '2026-03-08T08:00:00Z')).toBe('2026-03-08T10:00:00.000Z')
      expect(next(schedule, '2026-03-08T10:00:00Z')).toBe('2026-03-09T09:30:00.000Z')
      expect(previous(schedule, '2026-03-08T20:00:00Z')).toBe('2026-03-08T10:00:00.000Z')
    })
  })

  test('a time that comes twice is due once', () => {
    inPacific(() => {
      const schedule = scheduleOf(['30 1 * * *', './backup.sh -s'])

      expect(next(schedule, '2026-11-01T07:00:00Z')).toBe('2026-11-01T08:30:00.000Z')
      expect(next(schedule, '2026-11-01T08:30:00Z')).toBe('2026-11-02T09:30:00.000Z')
      expect(previous(schedule, '2026-11-01T09:45:00Z')).toBe('2026-11-01T08:30:00.000Z')
    })
  })

  test('a zone of half hours is no exception', () => {
    inZone('Asia/Kolkata', () => {
      expect(next(scheduleOf(nightly), '2026-05-05T12:00:00Z')).toBe('2026-05-05T19:30:00.000Z')
    })
  })
})
