import { expect, test } from 'vitest'
import { forecast, keptInTheEnd } from '../../src/operations/index.ts'
import { applianceHere } from '../support/appliance-here.ts'
import { temporaryFolder } from '../support/volume.ts'

const now = new Date('2026-11-20T12:00:00Z')
const clock = { now: () => now }
const day = 86_400
const nightly = '0 1 * * * default ./backup.sh -s'
const daily = { BACKUP_STRATEGY: 'daily' }
const rolling = {
  BACKUP_STRATEGY: 'rolling',
  DAILY_BACKUPS: '6',
  WEEKLY_BACKUPS: '4',
  MONTHLY_BACKUPS: '1',
}

const weekly = 'db/app?frequency=weekly'

test.each<[string, Readonly<Record<string, string>>, number]>([
  ['db/app', { ...daily, NUM_BACKUPS: '31' }, 31],
  ['db/app', { ...daily, NUM_BACKUPS: '31', MAX_AGE: '31d' }, 31],
  ['db/app', rolling, 11],
  [weekly, rolling, 6],
  [weekly, { MAX_AGE: '90d' }, 13],
  ['db/app?frequency=6h', { MAX_AGE: '10d', CRON_SCHEDULE: '0 * * * *' }, 40],
  ['db/app', { KEEP_DAILIES: '14', KEEP_WEEKLIES: '8', KEEP_MONTHLIES: '12' }, 30],
  ['db/app', { KEEP: '@1d/1d~6h @2w/1w~1d @8w/26w~1d' }, 22],
  ['db/app', { KEEP_LAST: '2', MIN_BACKUPS: '40' }, 40],
])(
  'as many are kept as pruning after each backup leaves: %s %j',
  async (line, environment, about) => {
    await using folder = temporaryFolder()
    const isHourly = environment['CRON_SCHEDULE'] !== undefined
    const lines = [line, ...(isHourly ? [] : [nightly])]
    const appliance = await applianceHere({ root: folder.path, lines, environment, clock })
    const [database] = appliance.configuration.databases
    if (database === undefined) throw new Error('There is one.')

    const kept = keptInTheEnd(appliance)(database)

    expect(kept).toBe(about)
    const [simulated] = forecast(appliance, [database], (isHourly ? 60 : 400) * day)
    expect(Math.abs(kept - (simulated?.decisions.length ?? 0))).toBeLessThanOrEqual(1)
  },
)

test('what reaches farther than backups are imagined is summed up by rules', async () => {
  await using folder = temporaryFolder()
  const appliance = await applianceHere({
    root: folder.path,
    lines: ['db/app?keepYearlies=20&numBackups=7', 'db/other?frequency=none', nightly],
    environment: { ...daily, NUM_BACKUPS: '3' },
    clock,
  })
  const [app, other] = appliance.configuration.databases
  if (app === undefined || other === undefined) throw new Error('There are two.')
  const keptOf = keptInTheEnd(appliance)

  expect([keptOf(app), keptOf(other)]).toStrictEqual([27, 3])
})
