import { readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Manifest, Verification } from '../../src/model/index.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase } from '../support/test-database.ts'
import { type FakeBackup, fakeBackup, manifestPathOf, readManifest } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const core = 'h-app'
const spec = 'postgres=h:5432/app'

/** One o'clock in the night of a day of January 2026. */
function day(ofMonth: number): Date {
  return new Date(Date.UTC(2026, 0, ofMonth, 1))
}

/** Good backups of `h/app`, one a night; their paths. */
async function nights(
  { root }: Site,
  count: number,
  fake: Partial<FakeBackup> = {},
): Promise<string[]> {
  const paths: string[] = []
  for (let night = 1; night <= count; night += 1) {
    paths.push(await fakeBackup(root, { core, at: day(night), manifest: { spec }, ...fake }))
  }
  return paths
}

interface Verdict {
  readonly path: string
  readonly keep: boolean
  readonly reasons: readonly string[]
}

async function planned(here: Site, at: Date, env = {}): Promise<readonly Verdict[]> {
  const { stdout, stderr } = await here.run(['-p', '--dry-run', '--json'], { at, env })
  expect(stderr).toBe('')
  return (JSON.parse(stdout) as { decisions: Verdict[] }).decisions
}

describe('-p --dry-run', () => {
  test('shows the plan as a table, and what would be freed', async () => {
    await using here = await site(['h/app', 'h/web'], { NUM_BACKUPS: '1' })
    await fakeBackup(here.root, { core, at: day(1), bytes: 2_048, manifest: { spec } })
    await fakeBackup(here.root, {
      core,
      at: day(2),
      bytes: 900,
      tier: 'weekly',
      manifest: { spec },
    })
    await fakeBackup(here.root, { core, at: day(3), bytes: 4_096, manifest: { spec } })
    await fakeBackup(here.root, { core: 'wiki', at: day(1), bytes: 1_000 })

    const { status, stdout } = await here.run(['-p', '--dry-run'], { at: day(4) })

    expect(status).toBe(0)
    expect(stdout).toBe(`h/app:
          taken             tier        size  path                                                reasons
  keep    2026-01-03 01:00  -         4.0 KB  2026-01-03/h-app_2026-01-03_01-00-00.sql.gz         the newest; newest good backup
  delete  2026-01-02 01:00  weekly     900 B  weekly/2026-01-02/h-app_2026-01-02_01-00-00.sql.gz  not the newest
  delete  2026-01-01 01:00  -         2.0 KB  2026-01-01/h-app_2026-01-01_01-00-00.sql.gz         not the newest
h/web:
  no backups
of no configured database:
          taken             tier        size  path                                        reasons
  keep    2026-01-01 01:00  -         1000 B  2026-01-01/wiki_2026-01-01_01-00-00.sql.gz  of no configured database, never touched
Pruning would delete 2 backups and free 2.9 KB. Nothing was deleted.
`)
    expect(await here.backups()).toHaveLength(4)
  })

  test('says the same as -p then does', async () => {
    const env = { KEEP_DAILIES: '3', KEEP_MONTHLIES: '2', KEEP_WITHIN: '12h' }
    await using here = await site(['h/app'], env)
    await nights(here, 31)
    await nights(here, 3, { core: 'foreign', manifest: { spec: 'postgres=other:5432/app' } })

    const plan = await planned(here, new Date(Date.UTC(2026, 1, 1)))
    const { status } = await here.run(['-p'], { at: new Date(Date.UTC(2026, 1, 1)) })

    expect(status).toBe(0)
    const wanted = plan.filter(({ keep }) => keep).map(({ path }) => path)
    expect(await here.backups()).toEqual(wanted.toSorted())
    expect(wanted).toHaveLength(6)
  })
})

describe('when backups have stopped', () => {
  test('nothing is deleted after three periods of the schedule', async () => {
    const env = { KEEP_LAST: '2' }
    await using here = await site(['h/app', '0 1 * * * default ./backup.sh -s'], env)
    await nights(here, 5)

    const inTime = await planned(here, new Date(Date.UTC(2026, 0, 8, 1)))
    const late = await planned(here, new Date(Date.UTC(2026, 0, 8, 2)))

    expect(inTime.filter(({ keep }) => keep)).toHaveLength(2)
    expect(late.every(({ keep }) => keep)).toBe(true)
    expect(late.at(-1)?.reasons).toEqual([
      'backups have stopped: the newest good one is older than 3 d (STALE_AFTER)',
    ])
  })

  test('a frequency longer than the schedule has periods of its own', async () => {
    const at = new Date(Date.UTC(2026, 0, 20))
    const lines = ['h/app', '0 1 * * * default ./backup.sh -s', '[h/app]']
    for (const [frequency, deletes] of [
      ['daily', false],
      ['weekly', true],
      ['none', true],
    ] as const) {
      await using here = await site([...lines, `frequency = ${frequency}`], { KEEP_LAST: '2' })
      await nights(here, 5)
      expect((await planned(here, at)).some(({ keep }) => !keep)).toBe(deletes)
    }
  })

  test('a weekly schedule has weeks, and STALE_AFTER says otherwise', async () => {
    await using here = await site(['h/app', '0 1 * * sun default ./backup.sh -s'], {
      KEEP_LAST: '2',
    })
    await nights(here, 5)
    const at = new Date(Date.UTC(2026, 0, 20))
    const deleted = async (env: Record<string, string>, when = at): Promise<number> =>
      (await planned(here, when, env)).filter(({ keep }) => !keep).length

    expect(await deleted({})).toBe(3)
    expect(await deleted({}, new Date(Date.UTC(2026, 0, 27)))).toBe(0)
    expect(await deleted({ STALE_AFTER: '1w' })).toBe(0)
    expect(await deleted({ STALE_AFTER: '0' }, new Date(Date.UTC(2027, 0, 1)))).toBe(3)
  })

  test('MAX_AGE never empties the store, as the system that it comes from did', async () => {
    const env = { S3_BACKUP_MAX_AGE: '2592000', STALE_AFTER: '0' }
    await using here = await site(['h/app'], env)
    const paths = await nights(here, 3)

    const { status } = await here.run(['-p'], { at: new Date(Date.UTC(2027, 0, 1)) })

    expect(status).toBe(0)
    expect(await here.backups()).toEqual([paths[2]])
  })
})

describe('what has been proved', () => {
  const verdict = (word: Verification['verdict'], at: string): Verification => ({
    at,
    durationMs: 1,
    verdict: word,
    differences: [],
  })

  test('stays proved when a later verification had trouble of its own', async () => {
    await using here = await site(['h/app'], { NUM_BACKUPS: '2', STALE_AFTER: '0' })
    const verifications = [
      verdict('verified', '2026-01-01T03:00:00.000Z'),
      verdict('could-not-verify', '2026-01-02T03:00:00.000Z'),
    ]
    const proved = await fakeBackup(here.root, {
      core,
      at: day(1),
      manifest: { spec, verifications },
    })
    for (const night of [2, 3, 4, 5]) {
      await fakeBackup(here.root, { core, at: day(night), manifest: { spec } })
    }

    const plan = await planned(here, day(6))

    expect(plan.filter(({ keep }) => keep)).toHaveLength(3)
    expect(plan.find(({ path }) => path === proved)).toMatchObject({
      keep: true,
      reasons: ['newest verified backup'],
    })
    expect((await here.run(['-l'])).stdout).toMatch(/2026-01-01_\S+\tverified/u)
  })

  test('stays with -f, too, where all dates seem to lie in the future', async () => {
    await using here = await site(['h/app'])
    const verifications = [verdict('verified', '2026-01-01T03:00:00.000Z')]
    for (const night of [1, 2, 3, 4]) {
      const manifest = night <= 2 ? { spec, verifications } : { spec }
      await fakeBackup(here.root, { core, at: day(night), manifest })
    }
    const paths = await here.backups()

    const { status } = await here.run(['-p', '-f', 'app', '--yes'], { at: new Date(0) })

    expect(status).toBe(1)
    expect(await here.backups()).toEqual([paths[1], paths[3]])
  })
})

describe('--pin', () => {
  test('keeps a backup until --unpin, with a manifest or without one', async () => {
    await using here = await site(['h/app'], { NUM_BACKUPS: '1' })
    const sql = '--\n-- PostgreSQL database dump complete\n--\n'
    const [sealed = ''] = await nights(here, 1, { sql })
    const adopted = await fakeBackup(here.root, { core, at: day(2), sql })
    const newest = await fakeBackup(here.root, { core, at: day(3), sql, manifest: { spec } })
    const at = day(4)

    const pinned = await here.run(['--pin', sealed], { at })
    await here.run(['--pin', join(here.root, adopted)], { at })
    await here.run(['--check', 'h/app'], { at })
    const pruned = await here.run(['-p'], { at })
    const listed = await here.run(['-l'])
    const named = await here.run(['-p', '-f', '2026-01-01', '--yes'], { at })

    expect([pinned.status, pruned.status, named.status]).toEqual([0, 0, 1])
    expect(pinned.stdout).toContain(`Pinned ${sealed}`)
    expect(listed.stdout.match(/, pinned$/gmu)).toHaveLength(2)
    expect(named.stderr).toContain(`Not deleted: '${here.root}/${sealed}' is pinned on 2026-01-04.`)
    expect(await here.backups()).toEqual([sealed, adopted, newest])

    for (const path of [sealed, adopted]) await here.run(['--unpin', path], { at })
    await here.run(['-p'], { at })
    expect(await here.backups()).toEqual([newest])
  })

  test('of what is no backup is a mistake', async () => {
    await using here = await site(['h/app'])
    await nights(here, 1)

    const { status, stderr } = await here.run(['--pin', '2026-01-01/nothing.sql.gz'])

    expect(status).toBe(2)
    expect(stderr).toContain('There is no backup 2026-01-01/nothing.sql.gz.')
  })
})

describe('a backup that is suddenly small', () => {
  test('keeps the last one before it until somebody accepts it', async () => {
    await using here = await site(['h/app'], { NUM_BACKUPS: '1' })
    const paths: string[] = []
    for (const [index, bytes] of [9_000, 9_000, 90, 95].entries()) {
      const at = day(index + 1)
      paths.push(await fakeBackup(here.root, { core, at, bytes, manifest: { spec } }))
    }
    const at = day(5)

    await here.run(['-p'], { at })
    expect(await here.backups()).toEqual([paths[1], paths[3]])

    const accepted = await here.run(['--accept', 'h/app'], { at })
    const again = await here.run(['--accept', 'h/app'], { at })
    await here.run(['-p'], { at })

    expect([accepted.status, again.status]).toEqual([0, 0])
    expect(accepted.stdout).toContain(`${paths[3]} rightly has 98 % less data than ${paths[1]}`)
    expect(again.stdout).toContain('nothing to accept')
    expect(await here.backups()).toEqual([paths[3]])
  })

  test('is told of by the cycle that made it', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t (i int)',
    )
    await using here = await site([database.spec], { NUM_BACKUPS: '1' })
    const large = await fakeBackup(here.root, {
      core: `${sharedPostgres().host}-${database.name}`,
      at: new Date(Date.now() - 86_400_000),
      bytes: 1_000_000,
      manifest: { spec: `postgres=${database.spec.replace(/^postgres=/u, '')}` },
    })

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(0)
    expect(stderr).toContain('The newest backup has 99 % less data than')
    expect(stderr).toContain(`--accept ${database.spec}`)
    expect(await here.backups()).toContain(large)
  })
})

describe('an interrupted deletion', () => {
  test('by SIGKILL leaves no file without its manifest, and the next run ends it', async () => {
    await using here = await site(['h/app'], { NUM_BACKUPS: '1' })
    const paths: string[] = []
    for (let minute = 0; minute < 400; minute += 1) {
      const at = new Date(day(1).getTime() + minute * 60_000)
      paths.push(await fakeBackup(here.root, { core, at, manifest: { spec } }))
    }
    const at = day(2)
    await using pruning = here.start(['-p'], { at })
    await waitUntil('the first deletion', async () => (await here.backups()).length < paths.length)
    pruning.kill('SIGKILL')
    await pruning.done

    const left = await here.backups()
    expect(left.length).toBeGreaterThan(1)
    for (const path of left) expect((await readManifest(here.root, path)).path).toBe(path)
    const [killed] = await here.runs()
    expect(killed?.removed).toHaveLength(399)

    const { status, stderr } = await here.run(['-p'], { at })

    expect(status).toBe(0)
    expect(stderr).toContain('was interrupted')
    expect(await here.backups()).toEqual([paths.at(-1)])
    expect(await readdir(join(here.root, '.catalog/manifests'))).toHaveLength(1)
    const removed = (await here.runs()).flatMap((run) => run.removed)
    expect(removed.toSorted()).toEqual(paths.slice(0, -1).toSorted())
  })

  test('between a file and its manifest is finished, and one before the file is undone', async () => {
    await using here = await site(['h/app'], { NUM_BACKUPS: '1' })
    const [gone = '', spared = '', newest = ''] = await nights(here, 3)
    await here.run(['-p'], { at: day(4) })
    const [run] = await here.runs()
    for (const path of [gone, spared]) await rm(join(here.root, path), { force: true })
    await nights(here, 3)
    await unlink(join(here.root, gone))
    await writeFile(
      join(
        here.root,
        '.catalog/runs/2026-01',
        (await readdir(join(here.root, '.catalog/runs/2026-01')))[0] ?? '',
      ),
      JSON.stringify({ ...run, endedAt: null, result: null }),
    )

    const { stderr } = await here.run(['-p'], { at: day(5), env: { NUM_BACKUPS: '9' } })

    expect(stderr).toContain('1 backup that it was to delete')
    expect(await here.backups()).toEqual([spared, newest])
    expect((await here.runs())[0]?.removed).toEqual([gone])
    const manifests = await readdir(join(here.root, '.catalog/manifests'))
    expect(manifests).not.toContain(manifestPathOf(gone).split('/').at(-1))
    expect(manifests).toHaveLength(2)
  })
})

describe('policies of single databases', () => {
  test('are carried out each for its own backups', async () => {
    await using here = await site(
      ['h/app?keepDailies=2', 'h/web', '[h/web]', 'keep = @2d/1w~1d', 'minBackups = 2'],
      { KEEP_LAST: '4' },
    )
    const web: Partial<Manifest> = { spec: 'postgres=h:5432/web' }
    await nights(here, 20)
    await nights(here, 20, { core: 'h-web', manifest: web })

    const { status } = await here.run(['-p'], { at: day(21) })

    expect(status).toBe(0)
    const left = await here.backups()
    const daysOf = (name: string) =>
      left.filter((path) => path.includes(name)).map((path) => path.slice(8, 10))
    expect(daysOf('h-app')).toEqual(['17', '18', '19', '20'])
    // Mondays of January 2026 are the 5th, the 12th and the 19th.
    expect(daysOf('h-web')).toEqual(['05', '12', '17', '18', '19', '20'])
  })
})

describe('--simulate', () => {
  const lines = ['h/app', 'h/web', '0 1 * * * default ./backup.sh -s']
  const env = { KEEP_DAILIES: '5', KEEP_MONTHLIES: '3', TZ: 'UTC' }

  test('shows what there will be as a calendar, once for databases with one policy', async () => {
    await using here = await site(lines, env)

    const { status, stdout } = await here.run(['--simulate', '90d'], {
      at: new Date('2026-01-10T12:00:00Z'),
    })

    expect(status).toBe(0)
    expect(stdout).toBe(`h/app
h/web
  keeps the newest of each of 5 days
  keeps the newest of each of 3 months

         1   5    10   15   20   25   30
2026-01           ······················
2026-02  ···························1
2026-03  ······························1
2026-04  ·····11111

On 2026-04-10, when all went well since 2026-01-10: 7 of 90 backups are left.

`)
    expect(await here.files()).toEqual([])
  })

  test('takes only what is due of a database with a frequency of its own', async () => {
    const weekly = [...lines, '[h/web]', 'frequency = weekly', '[h/app]', 'frequency = none']
    await using here = await site(weekly, { ...env, KEEP_DAILIES: '100' })

    const { stdout } = await here.run(['--simulate', '28d', '--json'], {
      at: new Date('2026-01-10T12:00:00Z'),
    })

    const { simulations } = JSON.parse(stdout) as {
      simulations: { specs: string[]; backups: { takenAt: string }[] }[]
    }
    const days = simulations.map(({ specs, backups }) => [specs[0], backups.length])
    // The first at once, and one on each of four Saturdays.
    expect(days).toEqual([
      ['h/app', 0],
      ['h/web', 5],
    ])
  })

  test('--json has the times and the reasons', async () => {
    await using here = await site(lines, env)

    const args = ['--simulate', '10d', '--json', '--only', 'h/web']
    const { stdout } = await here.run(args, { at: new Date('2026-01-10T12:00:00Z') })

    const { simulations } = JSON.parse(stdout) as { simulations: Record<string, unknown>[] }
    expect(simulations).toHaveLength(1)
    expect(simulations[0]).toMatchObject({ specs: ['h/web'], taken: 10 })
    expect(simulations[0]?.['backups']).toHaveLength(5)
  })

  test.each(['forever', '1y', '0', '99999w'])('%s is no time', async (time) => {
    await using here = await site(lines, env)

    expect((await here.run(['--simulate', time])).status).toBe(2)
  })
})
