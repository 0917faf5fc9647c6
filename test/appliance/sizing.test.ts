import { describe, expect, test } from 'vitest'
import { type Site, site } from '../support/site.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import { fakeBackup } from '../support/volume.ts'

const MiB = 1024 * 1024
const spec = 'postgres=db.example.org:5432/app'
const core = 'db.example.org-app'
const at = new Date('2026-05-05T01:00:00Z')
const now = new Date('2026-05-05T12:00:00Z')
const nightly = '0 1 * * * default ./backup.sh -s'

interface Told {
  readonly sizing: {
    readonly backups: Volume
    readonly verification: Volume
    readonly unknown: readonly string[]
  }
}

interface Volume {
  readonly folder: string
  readonly neededBytes: number | null
  readonly totalBytes: number | null
  readonly freeBytes: number | null
  readonly enough: boolean | null
}

async function sizingOf(here: Site, env: Readonly<Record<string, string>> = {}) {
  const { stdout } = await here.run(['--status', '--json'], { at: now, env })
  return (JSON.parse(stdout) as Told).sizing
}

async function siteWithBackup(lines: readonly string[] = [spec, nightly]): Promise<Site> {
  const here = await site(lines)
  const manifest = { spec, databaseBytes: 100 * MiB }
  await fakeBackup(here.root, { core, at, bytes: 1_000_000, manifest })
  return here
}

describe('--status says how large the volumes must be', () => {
  test.each<[string, Readonly<Record<string, string>>, number]>([
    ['daily strategy', { NUM_BACKUPS: '31' }, 31],
    ['rolling strategy', { BACKUP_STRATEGY: 'rolling', DAILY_BACKUPS: '6' }, 11],
    ['calendar', { KEEP_DAILIES: '14', KEEP_MONTHLIES: '12' }, 24],
    ['age, at one a day', { MAX_AGE: '90d' }, 90],
    ['span, at one every six hours', { KEEP_WITHIN: '30d', CRON_SCHEDULE: '0 */6 * * *' }, 120],
    ['keep specification', { KEEP: '@2w/1w~1d' }, 14 + 55],
    ['rules that overlap', { NUM_BACKUPS: '31', MAX_AGE: '31d' }, 31],
    ['least number', { KEEP_LAST: '2', MIN_BACKUPS: '40' }, 40],
  ])('by the %s', async (_, env, kept) => {
    await using here = await siteWithBackup(
      env['CRON_SCHEDULE'] === undefined ? [spec, nightly] : [spec],
    )

    const { backups } = await sizingOf(here, env)

    // One more is made before the oldest goes, and databases grow.
    const about = (kept + 1) * 1_200_000
    expect(backups.neededBytes).toBeGreaterThanOrEqual(about)
    expect(backups.neededBytes).toBeLessThanOrEqual(about + 3 * 1_200_000)
    expect(backups).toMatchObject({ folder: here.root, enough: true })
  })

  test('what is made at the same time needs its room, too', async () => {
    await using here = await site([spec, 'postgres=db.example.org:5432/other', nightly])
    const other = { core: 'db.example.org-other', at }
    await fakeBackup(here.root, { core, at, bytes: 1_000_000, manifest: { spec } })
    await fakeBackup(here.root, {
      ...other,
      bytes: 3_000_000,
      manifest: { spec: 'postgres=db.example.org:5432/other' },
    })

    const one = await sizingOf(here, { NUM_BACKUPS: '2' })
    const two = await sizingOf(here, { NUM_BACKUPS: '2', PARALLEL_BACKUPS: '2' })

    expect(one.backups.neededBytes).toBe((2 * 4 + 3) * 1_200_000)
    expect(two.backups.neededBytes).toBe((2 * 4 + 3 + 1) * 1_200_000)
  })

  test('nothing is needed that nobody knows', async () => {
    await using here = await site([spec, nightly])

    const { stdout } = await here.run(['--status'], { at: now })

    expect(await sizingOf(here)).toMatchObject({
      backups: { neededBytes: null, enough: null },
      verification: { neededBytes: null, enough: null },
      unknown: [spec],
    })
    expect(stdout).not.toContain('needs ')

    const manifest = { spec, databaseBytes: null }
    await fakeBackup(here.root, { core, at, bytes: 1_000_000, manifest })
    const known = await here.run(['--status'], { at: now })
    expect(known.stdout).toMatch(/^Backups {7}\S+ needs about \d+ MB; it has /mu)
    expect(known.stdout).toMatch(/^Verification {2}\S+ needs what is not known, .*; it /mu)
  })

  test(`a volume that will be too small is warned of, in words too${cannotMountNote}`, async (context) => {
    if (cannotMount) return context.skip()
    await using scratch = smallVolume(200_000)
    await using here = await siteWithBackup([spec, 'db.example.org/new', nightly])
    const env = { VERIFICATION_DIR: scratch.path }

    const { verification } = await sizingOf(here, env)
    const { stdout, stderr } = await here.run(['--status'], { at: now, env })

    // The database, its log files and a new cluster.
    expect(verification.neededBytes).toBeGreaterThan(120 * MiB + 256 * MiB)
    expect(verification).toMatchObject({ totalBytes: 200_000 * 1024, enough: false })
    expect(stdout).toMatch(/^Backups {7}\S+ needs about \d+ MB, 1 of no known size not counted; /mu)
    expect(stdout).toMatch(
      /^Verification {2}\S+ needs about \d+ MB.*; it has 195 MB, 195 MB free$/mu,
    )
    expect(stderr).toContain(`[WARN] - ${scratch.path} may become too small`)
  })
})
