import { describe, expect, test } from 'vitest'
import type { State } from '../../src/operations/status.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase } from '../support/test-database.ts'
import { fakeBackup } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const core = 'db.example.org-app'
const spec = 'postgres=db.example.org:5432/app'
const nightly = '0 1 * * * default cd / && ./backup.sh -s'

interface Told {
  readonly spec: string
  readonly state: State
  readonly ok: boolean
  readonly lastGood: string | null
  readonly ageSeconds: number | null
  readonly nextRun: string | null
}

async function statusOf(here: Site, at?: Date): Promise<{ status: number; told: readonly Told[] }> {
  const { status, stdout } = await here.run(['--status', '--json'], at === undefined ? {} : { at })
  const { databases } = JSON.parse(stdout) as { databases: Told[] }
  return { status, told: databases }
}

describe('--status', () => {
  test('is never, and exit status 1, before the first backup', async () => {
    await using here = await site(['db.example.org/app', nightly])

    const { status, told } = await statusOf(here, new Date('2026-05-05T12:00:00Z'))

    expect(status).toBe(1)
    expect(told).toStrictEqual([
      {
        spec: 'db.example.org/app',
        state: 'never',
        ok: false,
        lastGood: null,
        ageSeconds: null,
        bytes: null,
        verdict: 'none',
        verifiedAt: null,
        nextRun: '2026-05-06T01:00:00.000Z',
        frequency: null,
        problem: null,
        copies: [],
        mirrors: [],
      },
    ])
  })

  test.each<{ when: string; taken: string; now: string; state: State }>([
    { when: 'last night', taken: '05T01:05', now: '05T12:00', state: 'good' },
    {
      when: 'the night before, within the grace',
      taken: '04T01:05',
      now: '05T02:59',
      state: 'good',
    },
    {
      when: 'the night before, after the grace',
      taken: '04T01:05',
      now: '05T03:01',
      state: 'late',
    },
    { when: 'an hour before it was due', taken: '05T00:05', now: '05T12:00', state: 'late' },
  ])('of a nightly schedule is $state with a backup of $when', async ({ taken, now, state }) => {
    await using here = await site([spec, nightly])
    const at = new Date(`2026-05-${taken}:00Z`)
    await fakeBackup(here.root, { core, at, bytes: 100, manifest: { spec } })

    const { status, told } = await statusOf(here, new Date(`2026-05-${now}:00Z`))

    expect(told).toMatchObject([{ state, ok: state === 'good' }])
    expect(status).toBe(state === 'good' ? 0 : 1)
  })

  test.each<[string, string | undefined, State]>([
    ['1d', undefined, 'good'],
    ['1h', undefined, 'late'],
    ['1d', '@every 30m default ./backup.sh -s', 'late'],
    ['30m', '@every 1d default ./backup.sh -s', 'good'],
    ['1d', '0 1 * * * default ./backup.sh -s -v all', 'good'],
  ])('with BACKUP_PERIOD=%s and the line %s is %s after ten hours', async (period, line, state) => {
    await using here = await site([spec, ...(line === undefined ? [] : [line])], {
      BACKUP_PERIOD: period,
    })
    const at = new Date('2026-05-05T02:00:00Z')
    await fakeBackup(here.root, { core, at, bytes: 100, manifest: { spec } })

    const { told } = await statusOf(here, new Date('2026-05-05T12:00:00Z'))

    expect(told).toMatchObject([{ state, lastGood: at.toISOString() }])
    expect(Math.abs((told[0]?.ageSeconds ?? 0) - 36_000)).toBeLessThan(30)
  })

  test('counts no backup that nobody has sealed or checked', async () => {
    await using here = await site([spec])
    await fakeBackup(here.root, { core, at: new Date('2026-05-05T01:00:00Z') })

    const { told } = await statusOf(here, new Date('2026-05-05T12:00:00Z'))

    expect(told).toMatchObject([{ state: 'never', lastGood: null }])
  })

  test('is one line per database, and what went wrong on stderr', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec, '127.0.0.1:1/app'])
    await here.run(['-1'])

    const { status, stdout, stderr } = await here.run(['--status'])
    const good = await here.run(['--status', '--only', database.spec])

    expect(status).toBe(1)
    const [header = '', first = '', second = '', ...sizing] = stdout.split('\n')
    expect(header).toMatch(/^State +Database +Last good backup +Age +Size +Verdict +Next run$/u)
    expect(first).toMatch(
      new RegExp(
        `^good +${database.spec} +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +\\d+ s +[\\d.]+ K?B +not verified +\\d{4}-`,
        'u',
      ),
    )
    expect(second).toMatch(/^failed +127\.0\.0\.1:1\/app +- +- +- +- +-$/u)
    expect(sizing.map((line) => line.split(' ')[0])).toStrictEqual([
      '',
      'Backups',
      'Verification',
      '',
    ])
    expect(stderr).toMatch(/^127\.0\.0\.1:1\/app: .+\n$/u)
    expect(good.status).toBe(0)
  })

  test('is good again after a failure and a success', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec])

    await here.run(['-1'], { env: { DATABASE_PASSWORD: 'wrong' } })
    const failed = await statusOf(here)
    await here.run(['-1'])
    const good = await statusOf(here)

    expect(failed).toMatchObject({ status: 1, told: [{ state: 'failed', lastGood: null }] })
    expect(good).toMatchObject({ status: 0, told: [{ state: 'good', ok: true }] })
  })

  test('is unfinished after a run was killed, also while another run goes on', async () => {
    const server = sharedPostgres()
    const rows =
      'CREATE TABLE t AS SELECT repeat(md5(i::text), 10) FROM generate_series(1, 20000) i'
    await using first = await createDatabase(server, undefined, rows)
    await using second = await createDatabase(server, undefined, rows)
    await using proxy = await startTcpProxy(server)
    const specs = [first, second].map(({ name }) => `${proxy.host}:${proxy.port}/${name}`)
    await using here = await site(specs, { PGSSLMODE: 'disable' })
    const startStalled = async (only: string) => {
      proxy.stallAfter(1_000_000)
      const run = here.start(['-1', '--only', only])
      const name = `-${only.split('/')[1]}_`
      await waitUntil('a partial file', async () =>
        (await here.files()).some((file) => file.includes(name) && file.endsWith('.in_progress')),
      )
      return run
    }

    await using killed = await startStalled(specs[0] ?? '')
    const during = await statusOf(here)
    killed.kill('SIGKILL')
    await killed.done
    const after = await statusOf(here)
    proxy.cut()
    proxy.resume()
    await using _other = await startStalled(specs[1] ?? '')
    const meanwhile = await statusOf(here)

    expect(during.told).toMatchObject([
      { state: 'running', ok: true },
      { state: 'never', ok: false },
    ])
    expect(after).toMatchObject({ status: 1, told: [{ state: 'unfinished', ok: false }, {}] })
    expect(meanwhile.told).toMatchObject([{ state: 'unfinished' }, { state: 'running' }])
  })
})
