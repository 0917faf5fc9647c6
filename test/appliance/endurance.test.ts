import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { launcher, startProgram } from '../support/appliance.ts'
import { count } from '../support/counts.ts'
import { memoryOf, openFilesOf, processesUnder } from '../support/processes.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase } from '../support/test-database.ts'
import { waitUntil } from '../support/wait-until.ts'

const someRows =
  'CREATE TABLE items AS SELECT i, md5(i::text) AS t FROM generate_series(1, 20000) i'
const aMegabyte = 1024 * 1024

async function endedRuns(here: Site): Promise<number> {
  const runs = await here.runs().catch(() => [])
  return runs.filter(({ endedAt }) => endedAt !== null).length
}

/** Between two runs there is nothing that a run needs. */
async function atRest(pid: number) {
  return await waitUntil('a moment of rest', () => {
    if (processesUnder(pid).length > 0) return null
    const picture = { memory: memoryOf(pid), files: openFilesOf(pid) }
    return processesUnder(pid).length > 0 ? null : picture
  })
}

test(
  'a service of many cycles grows neither in memory nor in open files, and leaves no zombie',
  async () => {
    const seconds = count(30, 300)
    await using one = await createDatabase(sharedPostgres(), undefined, someRows)
    await using other = await createDatabase(sharedPostgres(), undefined, someRows)
    await using here = await site([one.spec, other.spec, '@every 2s default ./backup.sh -s'], {
      NUM_BACKUPS: '3',
    })
    await using service = here.start([], { timeoutMs: (seconds + 120) * 1000 })
    const started = performance.now()
    const untilSecond = async (second: number) =>
      waitUntil(`second ${second}`, () => performance.now() - started > second * 1000, 400_000)

    await untilSecond(seconds / 3)
    const early = await atRest(service.pid)
    await untilSecond(seconds)
    const late = await atRest(service.pid)

    expect(processesUnder(service.pid).filter(({ state }) => state === 'Z')).toEqual([])
    expect(late.files).toBeLessThanOrEqual(early.files)
    expect(late.memory - early.memory).toBeLessThan(10 * aMegabyte)
    service.kill('SIGTERM')
    expect((await service.done).status).toBe(0)
    const runs = await here.runs()
    // On a busy machine a cycle may take longer than the interval.
    expect(runs.length).toBeGreaterThan(seconds / 10)
    expect(runs.filter(({ endedAt }) => endedAt === null)).toEqual([])
    expect(runs.filter(({ result }) => result === 'failed')).toEqual([])
    expect(await here.backups()).toHaveLength(6)
  },
  (count(30, 300) + 150) * 1000,
)

function cannotUnshare(): boolean {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' })
    return false
  } catch {
    return true
  }
}

describe.skipIf(cannotUnshare())('as the first process of a container without an init', () => {
  test('it leaves no zombie, and ends when it is told to', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, someRows)
    await using here = await site([database.spec, '@every 1s default ./backup.sh -s'])
    const { superuser } = sharedPostgres()
    const isolated = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', launcher]
    await using outside = startProgram(isolated, {
      cwd: here.folder.path,
      env: {
        BACKUP_DIR: here.root,
        DATABASE_USER: superuser.user,
        DATABASE_PASSWORD: superuser.password,
      },
    })
    await waitUntil('four runs', async () => (await endedRuns(here)) >= 4, 30_000)
    const first = processesUnder(outside.pid)[0]?.pid ?? 0
    await atRest(first)

    expect(processesUnder(outside.pid).filter(({ state }) => state === 'Z')).toEqual([])
    process.kill(first, 'SIGTERM')
    expect((await outside.done).status).toBe(0)
  })
})

test(
  'kill -9 at any moment of a cycle costs nothing but that cycle',
  async () => {
    await using one = await createDatabase(sharedPostgres(), undefined, someRows)
    await using other = await createDatabase(sharedPostgres(), undefined, someRows)
    await using here = await site([one.spec, other.spec], { NUM_BACKUPS: '1000' })
    const whole = await here.run(['-1'])
    expect(whole.status).toBe(0)
    let good = await here.backups()

    for (let kill = 1; kill <= count(12, 100); kill += 1) {
      const delay = Math.random() * whole.ms
      await using victim = here.start(['-1'])
      await pause(delay)
      victim.kill('SIGKILL')
      await victim.done
      const where = `kill ${kill} after ${Math.round(delay)} ms`

      const left = await here.backups()
      const lost = good.filter((path) => !left.includes(path))
      const broken = await brokenAmong(here, left)
      expect({ where, lost, broken }).toEqual({ where, lost: [], broken: [] })

      const next = await here.run(['-1'])
      expect({ where, ...next }).toMatchObject({ where, status: 0 })
      good = await here.backups()
      expect({ where, files: await here.files() }).toEqual({ where, files: good })
      expect({ where, added: good.length - left.length }).toEqual({ where, added: 2 })
    }

    expect((await here.run(['--check', 'all'])).status).toBe(0)
    const open = (await here.runs()).filter(({ endedAt }) => endedAt === null)
    expect(open.length).toBeLessThanOrEqual(count(12, 100))
  },
  count(150_000, 900_000),
)

/** Of files under a final name, those that are not a whole dump. */
async function brokenAmong(here: Site, paths: readonly string[]): Promise<readonly string[]> {
  const broken: string[] = []
  for (const path of paths) {
    const text = gunzipSync(await readFile(`${here.root}/${path}`)).toString()
    if (!text.includes('-- PostgreSQL database dump complete')) broken.push(path)
  }
  return broken
}
