import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase, type TestDatabase } from '../support/test-database.ts'
import { fakeBackup } from '../support/volume.ts'

interface Told {
  readonly spec: string
  readonly state: string
  readonly ok: boolean
  readonly frequency: string | null
  readonly nextRun: string | null
}

async function toldBy(here: Site, at: Date) {
  const { status, stdout } = await here.run(['--status', '--json'], { at })
  return { status, told: (JSON.parse(stdout) as { databases: Told[] }).databases }
}

const coreOf = ({ name }: TestDatabase) => `127.0.0.1-${name}`
const nightly = '0 1 * * * default ./backup.sh -s'

describe('a scheduled cycle', () => {
  test('skips what is not due, and -1 and --only do not', async () => {
    await using daily = await createDatabase(sharedPostgres())
    await using weekly = await createDatabase(sharedPostgres())
    await using never = await createDatabase(sharedPostgres())
    await using here = await site(
      [
        `${daily.spec}?frequency=daily`,
        weekly.spec,
        never.spec,
        `[${weekly.spec}]`,
        'frequency = weekly',
        `[${never.spec}]`,
        'frequency = none',
      ],
      { TZ: 'America/Vancouver' },
    )
    const counts = async () => {
      const paths = await here.backups()
      return [daily, weekly, never].map(
        (database) => paths.filter((path) => path.includes(`${coreOf(database)}_`)).length,
      )
    }
    // 2026-05-08 is a Friday in Vancouver, where the Saturday begins at 07:00Z.
    const friday = new Date('2026-05-08T08:00:00Z')
    const saturday = new Date('2026-05-09T07:59:00Z')

    const first = await here.run(['-s'], { at: friday })
    const again = await here.run(['-s'], { at: new Date('2026-05-08T20:00:00Z') })
    // What never had a backup does not wait for its day.
    expect(await counts()).toEqual([1, 1, 0])
    const second = await here.run(['-s'], { at: saturday })
    expect(await counts()).toEqual([2, 2, 0])
    const only = await here.run(['-s', '--only', never.spec], { at: saturday })
    expect(await counts()).toEqual([2, 2, 1])
    const once = await here.run(['-1'], { at: new Date('2026-05-09T09:00:00Z') })
    expect(await counts()).toEqual([3, 3, 2])

    expect([first, again, second, only, once].map(({ status }) => status)).toEqual([0, 0, 0, 0, 0])
    expect(again.stdout).toContain(`Skipping ${weekly.spec}: weekly, due from 2026-05-09 00:00 on.`)
    expect(first.stdout).toContain(`Skipping ${never.spec}: none, never due.`)
    expect(again.stdout).toMatch(/Skipping .*: daily, due from 2026-05-08 22:00 on\./u)
    expect(again.stdout).toContain('Scheduled backup run complete.')
    expect((await here.runs())[1]).toMatchObject({ result: 'succeeded', databases: [] })
  })

  test('is not moved by backups that were taken by hand', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec], { BACKUP_FREQUENCY: 'daily' })

    const first = await here.run(['-s'], { at: new Date('2026-05-04T01:00:00Z') })
    const byHand = await here.run(['-1'], { at: new Date('2026-05-04T15:00:00Z') })
    const second = await here.run(['-s'], { at: new Date('2026-05-05T01:00:00Z') })

    expect([first, byHand, second]).toMatchObject([{ status: 0 }, { status: 0 }, { status: 0 }])
    expect(second.stdout).not.toContain('Skipping')
    expect(await here.backups()).toHaveLength(3)
  })

  test('tries again what has failed, although it was there for it', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec], { BACKUP_FREQUENCY: 'weekly' })

    const failed = await here.run(['-s'], {
      at: new Date('2026-05-09T01:00:00Z'),
      env: { DATABASE_PASSWORD: 'wrong' },
    })
    const good = await here.run(['-s'], { at: new Date('2026-05-09T02:00:00Z') })

    expect([failed.status, good.status]).toEqual([1, 0])
    expect(await here.backups()).toHaveLength(1)
  })
})

describe('--status', () => {
  test.each([
    { frequency: 'daily', taken: '04T01:00', now: '05T02:59', state: 'good' },
    { frequency: 'daily', taken: '04T01:00', now: '05T03:01', state: 'late' },
    { frequency: '6h', taken: '04T01:00', now: '04T08:59', state: 'good' },
    { frequency: '6h', taken: '04T01:00', now: '04T09:01', state: 'late' },
    { frequency: 'weekly', taken: '02T01:00', now: '09T02:59', state: 'good' },
    { frequency: 'weekly', taken: '02T01:00', now: '09T03:01', state: 'late' },
    { frequency: 'none', taken: '02T01:00', now: '30T03:01', state: 'no-policy' },
  ])('judges $frequency of $taken at $now: $state', async ({ frequency, taken, now, state }) => {
    const spec = 'postgres=db.example.org:5432/app'
    await using here = await site([spec], { BACKUP_FREQUENCY: frequency, TZ: 'Asia/Tokyo' })
    const at = new Date(`2026-05-${taken}:00Z`)
    await fakeBackup(here.root, { core: 'db.example.org-app', at, bytes: 9, manifest: { spec } })

    const { status, told } = await toldBy(here, new Date(`2026-05-${now}:00Z`))

    const ok = state !== 'late'
    expect(told).toMatchObject([{ state, ok, frequency }])
    expect(status).toBe(ok ? 0 : 1)
  })

  test('gives what is late the grace of LATE_AFTER', async () => {
    const spec = 'postgres=db.example.org:5432/app'
    await using here = await site([spec], { BACKUP_FREQUENCY: 'daily', LATE_AFTER: '0' })
    const at = new Date('2026-05-04T01:00:00Z')
    await fakeBackup(here.root, { core: 'db.example.org-app', at, bytes: 9, manifest: { spec } })

    expect(await toldBy(here, new Date('2026-05-05T00:59:00Z'))).toMatchObject({ status: 0 })
    expect(await toldBy(here, new Date('2026-05-05T01:01:00Z'))).toMatchObject({ status: 1 })
  })

  test.each([
    ['weekly', nightly, '2026-05-09T01:00:00.000Z'],
    ['daily', nightly, '2026-05-05T01:00:00.000Z'],
    ['daily', '@every 5h default ./backup.sh -s', '2026-05-04T21:00:00.000Z'],
    ['12h', '0 */6 * * * default ./backup.sh -s', '2026-05-04T12:00:00.000Z'],
    ['none', nightly, null],
  ])('tells the next run of %s with %s', async (frequency, line, next) => {
    const spec = 'postgres=db.example.org:5432/app'
    await using here = await site([spec, line], { BACKUP_FREQUENCY: frequency })
    const at = new Date('2026-05-04T01:00:00Z')
    await fakeBackup(here.root, { core: 'db.example.org-app', at, bytes: 9, manifest: { spec } })

    const { told } = await toldBy(here, new Date('2026-05-04T03:00:00Z'))

    expect(told[0]?.nextRun ?? null).toBe(next)
  })

  test('with --only lists the last runs of that database', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using other = await createDatabase(sharedPostgres())
    await using here = await site([database.spec, other.spec])
    await here.run(['-1', '--only', other.spec])
    await here.run(['-1'], { env: { DATABASE_PASSWORD: 'wrong' } })
    await here.run(['-s'])
    await here.run(['-v', database.spec], {
      env: { VERIFICATION_DIR: here.folder.join('verification') },
    })

    const text = await here.run(['--status', '--only', database.spec])
    const json = await here.run(['--status', '--only', database.spec, '--json'])

    expect(text.status).toBe(0)
    const lines = text.stdout.split('\n')
    expect(lines[3]).toBe('Last runs:')
    expect(lines[4]).toMatch(/^Started +Verb +Trigger +Result +Took +Size +By$/u)
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
    expect(lines[5]).toMatch(
      new RegExp(`^${time}  verify +user +succeeded +0h:0m:\\d+s +[\\d.]+ K?B +.*--verify`, 'u'),
    )
    expect(lines[6]).toMatch(
      new RegExp(`^${time}  back-up +schedule +succeeded +0h:0m:\\d+s +[\\d.]+ K?B +.*-s$`, 'u'),
    )
    expect(lines[7]).toMatch(new RegExp(`^${time}  back-up +once +failed +0h:0m:\\d+s +- `, 'u'))
    expect(lines[8]).toContain('The server rejected the user or the password')
    const { databases } = JSON.parse(json.stdout) as { databases: { runs: unknown[] }[] }
    expect(databases).toHaveLength(1)
    expect(databases[0]?.runs).toMatchObject([
      { verb: 'verify', state: 'succeeded', trigger: 'user', error: null },
      { verb: 'back-up', state: 'succeeded', trigger: 'schedule', error: null },
      { verb: 'back-up', state: 'failed', trigger: 'once', bytes: null },
    ])
  })
})
