import { describe, expect, test } from 'vitest'
import type { Environment } from '../../src/config/index.ts'
import type { RetentionRule } from '../../src/model/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { problemsIn, read, readLines } from './read.ts'

async function rulesOf(environment: Environment): Promise<readonly RetentionRule[]> {
  const { policyOf } = await read(environment)
  return policyOf({ options: {} }, 'volume').rules
}

const newest = (count: number) => ({ kind: 'newest', count })
const dailies = (count: number) => ({ kind: 'calendar', period: 'day', count })

describe('the rules of a policy', () => {
  test('are the counts of the strategy by default', async () => {
    expect(await rulesOf({})).toEqual([newest(31)])
    expect(await rulesOf({ BACKUP_STRATEGY: 'rolling' })).toEqual([
      { kind: 'tiers', daily: 6, weekly: 4, monthly: 1 },
    ])
  })

  test.each([
    ['KEEP_LAST', '5', newest(5)],
    ['KEEP_HOURLIES', '5', { kind: 'calendar', period: 'hour', count: 5 }],
    ['KEEP_DAILIES', '5', dailies(5)],
    ['KEEP_WEEKLIES', '5', { kind: 'calendar', period: 'week', count: 5 }],
    ['KEEP_MONTHLIES', '5', { kind: 'calendar', period: 'month', count: 5 }],
    ['KEEP_YEARLIES', '5', { kind: 'calendar', period: 'year', count: 5 }],
    ['KEEP_WITHIN', '2w', { kind: 'within', seconds: 1_209_600 }],
    ['MAX_AGE', '30d', { kind: 'age', seconds: 2_592_000 }],
    ['S3_BACKUP_MAX_AGE', '2592000', { kind: 'age', seconds: 2_592_000 }],
    [
      'KEEP',
      '@1d/1h~30m',
      { kind: 'grid', specifications: [{ window: 86_400, spacing: 3_600, smudge: 1_800 }] },
    ],
  ])('%s=%s replaces them', async (variable, value, rule) => {
    expect(await rulesOf({ [variable]: value })).toEqual([rule])
    expect(await rulesOf({ [variable]: value, BACKUP_STRATEGY: 'rolling' })).toEqual([rule])
  })

  test('and counts that are set join in', async () => {
    expect(await rulesOf({ KEEP_DAILIES: '7', NUM_BACKUPS: '31' })).toEqual([
      newest(31),
      dailies(7),
    ])
    expect(
      await rulesOf({ KEEP_DAILIES: '7', BACKUP_STRATEGY: 'rolling', MONTHLY_BACKUPS: '2' }),
    ).toEqual([{ kind: 'tiers', daily: null, weekly: null, monthly: 2 }, dailies(7)])
    expect(await rulesOf({ KEEP_DAILIES: '7', NUM_BACKUPS: '' })).toEqual([dailies(7)])
  })

  test.each([
    ['KEEP_DAILIES', '0'],
    ['KEEP_WITHIN', '0'],
    ['MAX_AGE', '0'],
    ['KEEP', 'none'],
    ['KEEP', ''],
  ])('%s=%s is no rule', async (variable, value) => {
    expect(await rulesOf({ [variable]: value })).toEqual([newest(31)])
  })
})

describe('the options of a database', () => {
  test('win over the variables, one by one', async () => {
    const { policyOf, databases } = await read(
      { KEEP_DAILIES: '7', KEEP_MONTHLIES: '12', MIN_BACKUPS: '2' },
      {
        'backup.conf': [
          'h/app?keepDailies=30&minBackups=5',
          'h/web',
          '[h/web]',
          'keep = @2w/1d~6h @8w/1w~1d',
          'keepMonthlies = 0',
          'numBackups = 3',
          'staleAfter = 2d',
          'anomalyThreshold = 80%',
        ].join('\n'),
      },
    )
    const [app, web] = databases.map((database) => policyOf(database, 'volume'))

    expect(app?.rules).toEqual([dailies(30), { kind: 'calendar', period: 'month', count: 12 }])
    expect(app?.minBackups).toBe(5)
    expect(web).toMatchObject({
      minBackups: 2,
      anomalyThreshold: 80,
      staleAfter: { seconds: 172_800 },
    })
    expect(web?.rules.map(({ kind }) => kind)).toEqual(['newest', 'calendar', 'grid'])
  })

  test.each(['0', '0%', '100%'])('ANOMALY_THRESHOLD=%s: no fall is one', async (off) => {
    const { policyOf, databases } = await read(
      { ANOMALY_THRESHOLD: off },
      { 'backup.conf': 'h/app\nh/web?anomalyThreshold=30' },
    )

    const policies = databases.map((database) => policyOf(database, 'volume'))
    expect(policies.map(({ anomalyThreshold }) => anomalyThreshold)).toEqual([100, 30])
  })

  test('may be for one store only', async () => {
    const { policyOf, databases } = await readLines(
      'h/app?keepDailies=30',
      '[h/app]',
      'volume.keepDailies = 7',
    )

    expect(databases.flatMap((database) => policyOf(database, 'volume').rules)).toEqual([
      dailies(7),
    ])
  })

  test('may be for one mirror only, by its variable or by an option', async () => {
    const { policyOf, databases, warnings } = await read(
      { NUM_BACKUPS: '5', S3_NUM_BACKUPS: '90', RESTIC_KEEP_DAILIES: '7' },
      { 'backup.conf': 'h/app\nh/web?s3.numBackups=3' },
    )

    const rules = databases.map((database) =>
      (['volume', 'ftp', 's3', 'restic'] as const).map(
        (store) => policyOf(database, store).rules[0],
      ),
    )
    expect(rules).toEqual([
      [newest(5), newest(5), newest(90), newest(5)],
      [newest(5), newest(5), newest(3), newest(5)],
    ])
    expect(policyOf({ options: {} }, 'restic').rules).toEqual([newest(5), dailies(7)])
    expect(warnings).toEqual([])
  })

  test('of a mirror is checked as well', async () => {
    const { reason } = await refusalOf(read({ S3_NUM_BACKUPS: 'many' }))

    expect(reason).toContain('S3_NUM_BACKUPS: "many" is not a whole number of zero or more')
    const readBack = await refusalOf(read({ S3_READBACK: 'x' }))
    expect(readBack.reason).toContain('Write for example S3_READBACK=10.')
  })

  test.each([
    ['keepDailies = many', 'The option keepDailies cannot be "many". It is a whole number'],
    ['keep = @1y', 'there are no years; write 52w or 365d'],
    ['keepWithin = 2.5d', 'There are no fractions; write 90m for an hour and a half.'],
    ['keepDailys = 7', 'Did you mean keepDailies?'],
    ['s4.keepDailies = 7', 'There is no option "s4.keepDailies"'],
  ])('%s is a mistake', async (line, problem) => {
    expect(await problemsIn('h/app', '[h/app]', line)).toEqual([expect.stringContaining(problem)])
  })
})

describe('a setting of retention', () => {
  test.each([
    ['KEEP', '@15', 'has no unit. Units are w, d, h, m (minutes) and s.'],
    ['KEEP', '@7d /1M', 'there are no months; write 4w or 30d.'],
    [
      'KEEP_WITHIN',
      '1y',
      'is not a duration (w, d, h, m, s). There are no years; write 52w or 365d.',
    ],
    ['KEEP_WITHIN', '14D', '"D" is written "d".'],
    ['STALE_AFTER', '1.5d', 'There are no fractions'],
    ['MAX_AGE', '1M', 'There are no months; write 4w or 30d.'],
    ['ANOMALY_THRESHOLD', '101', 'is not a whole percentage from 0% to 100%.'],
    ['ANOMALY_THRESHOLD', '0.5', 'is not a whole percentage'],
    ['KEEP_LAST', '-1', 'is not a whole number'],
  ])('%s=%s is a mistake, with what is wrong', async (variable, value, problem) => {
    const { reason } = await refusalOf(read({ [variable]: value }))

    expect(reason).toContain(`${variable}: "${value}"`)
    expect(reason).toContain(problem)
  })

  test('that will starve the store is warned of, with what will happen', async () => {
    const { warnings } = await read(
      { KEEP: '@7d/7d~1d @30d/30d~1d' },
      { 'backup.conf': 'h/app\n[h/app]\nkeep = @7d/1d' },
    )

    expect(warnings).toEqual([
      expect.stringMatching(/^KEEP: .*little or nothing will be left/u),
      expect.stringMatching(/^h\/app: keep: "@1w\/1d" has no smudge/u),
    ])
  })

  test.each([
    ['KEEP_DAILY', 'Did you mean KEEP_DAILIES?'],
    ['KEEP_HOURLY', 'Did you mean KEEP_HOURLIES?'],
    ['KEEP_LATS', 'Did you mean KEEP_LAST?'],
    ['KEEP_FOREVER', 'docs/retention.md has all settings.'],
    ['BACKUP_STRATEGIE', 'Did you mean BACKUP_STRATEGY?'],
    ['MIRROR', 'Did you mean MIRRORS?'],
    ['NUM_BACKUP', 'Did you mean NUM_BACKUPS?'],
    ['MAXAGE', 'Did you mean MAX_AGE?'],
    ['keep_dailies', 'Did you mean KEEP_DAILIES?'],
  ])('that is misspelled as %s is warned of', async (variable, advice) => {
    const { warnings } = await read({ [variable]: '5' })

    expect(warnings).toEqual([`${variable} is not a setting and does nothing. ${advice}`])
  })

  test('is not seen in what others are called', async () => {
    const others = ['PATH', 'HELP', 'KEY', 'MIN_AGE', 'MAX_USE', 'NPM_BACKUP_DIR']
    const ofHost = ['KEEP_USER', 'KEEP_PASSWORD', 'KEEP_SERVICE_HOST', 'KEEP_PORT_5432_TCP']
    const { warnings } = await read({
      ...Object.fromEntries([...others, ...ofHost].map((name) => [name, '5'])),
      KEEP_DAILY: '',
      KEEP_LAST: '5',
      KEEP: '@7d',
      S3_BACKUP_MAX_AGE: '1d',
    })

    expect(warnings).toEqual([])
  })

  test('keeps at least one backup, whatever MIN_BACKUPS says', async () => {
    const { policyOf } = await read({ MIN_BACKUPS: '0' })

    expect(policyOf({ options: {} }, 'volume').minBackups).toBe(1)
  })
})
