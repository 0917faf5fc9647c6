import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { launcher, type RunningAppliance } from '../support/appliance.ts'
import { allProcesses } from '../support/processes.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase, uniqueName } from '../support/test-database.ts'
import { waitUntil } from '../support/wait-until.ts'

const someRows = 'CREATE TABLE items AS SELECT generate_series(1, 100) AS i'
const megabytes = (count: number) =>
  `CREATE TABLE big AS SELECT i, md5(i::text) || md5((i * 7)::text) AS t FROM generate_series(1, ${count * 14_000}) AS i`

const newDatabase = () => createDatabase(sharedPostgres(), undefined, someRows)

/** Ends a service and returns its exit status. */
async function end(service: RunningAppliance): Promise<number> {
  service.kill('SIGTERM')
  return (await service.done).status
}

async function endedRuns(here: Site) {
  const runs = await here.runs().catch(() => [])
  return runs.filter(({ endedAt }) => endedAt !== null)
}

describe('cron mode', () => {
  test('backs up by a line of the file, says what it does, and ends with 0', async () => {
    await using database = await newDatabase()
    await using here = await site([database.spec, '@every 1s default ./backup.sh -s'])
    await using service = here.start([])
    await waitUntil('two runs', async () => (await endedRuns(here)).length >= 2)

    service.kill('SIGTERM')
    const { status, stdout } = await service.done

    expect(status).toBe(0)
    expect(stdout).toContain('Starting backup server in cron mode ...')
    expect(stdout).toContain('- Run mode: cron')
    expect(stdout).toContain('[backup.conf:2] Starting: ./backup.sh -s')
    expect(stdout).toContain(`[backup.conf:2] Successfully backed up ${database.spec}.`)
    expect(stdout).toContain('Ended by SIGTERM.')
    expect((await endedRuns(here))[0]).toMatchObject({
      verb: 'back-up',
      trigger: 'schedule',
      job: '@every 1s ./backup.sh -s',
      result: 'succeeded',
    })
  })

  test('runs any command by a shell, with the environment of the container and of the file', async () => {
    await using here = await site(
      ['db/app', 'GREETING=hello', '@every 1s default echo "$GREETING $FROM_OUTSIDE" && (exit 3)'],
      { FROM_OUTSIDE: 'container' },
    )
    await using service = here.start([])

    await service.waitFor(/^\[backup\.conf:3\] hello container$/mu)
    await service.waitFor(/\[backup\.conf:3\] Failed with status 3: echo/u)
    expect(await end(service)).toBe(0)
  })

  test.each(['text', 'json'])(
    'masks a password of letters that a command says, in %s',
    async (format) => {
      const password = 'xkqzvbnmpwrt'
      await using here = await site(
        ['db/app', '@every 1s default set -x; : "$DATABASE_USER:$DATABASE_PASSWORD"; echo over'],
        { DATABASE_USER: 'app', DATABASE_PASSWORD: password, LOG_FORMAT: format },
      )
      await using service = here.start([])

      await service.waitFor(/\+ : app:\*{3}/u)
      await service.waitFor(/\+ echo over/u)
      expect(await end(service)).toBe(0)
      const { stdout, stderr } = service.output()
      expect(`${stdout}${stderr}`).not.toContain(password)
    },
  )

  test('shows output while the job runs, and never starts it twice (D-36)', async () => {
    await using here = await site([
      'db/app',
      '@every 1s default echo begun; until [ -e go ]; do sleep 0.1; done; echo over',
    ])
    await using service = here.start([])
    await service.waitFor(/^\[backup\.conf:2\] begun$/mu)
    await service.waitFor(/\[backup\.conf:2\] Not started at .*, still running since/u)
    expect(service.output().stdout.match(/ begun$/gmu)).toHaveLength(1)

    await writeFile(here.folder.join('go'), '')

    await service.waitFor(/^\[backup\.conf:2\] over$/mu)
    await service.waitFor(/\[backup\.conf:2\] Ended well/u)
  })

  test('starts nothing that would be the service again', async () => {
    await using here = await site(['db/app', '@every 1s default ./backup.sh'])
    await using service = here.start([])

    await service.waitFor(/A job of the schedule cannot be the service itself/u)
    await service.waitFor(/Failed with status 2/u)
    expect(await end(service)).toBe(0)
  })

  test('reports a job that finds the lock taken for longer than LOCK_WAIT', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, megabytes(20))
    await using proxy = await startTcpProxy(sharedPostgres())
    const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
    await using here = await site([spec, '@every 1s default ./backup.sh -s'], {
      PGSSLMODE: 'disable',
      LOCK_WAIT: '1s',
    })
    proxy.stallAfter(8_000_000)
    await using byHand = here.start(['-1'])
    await waitUntil('a partial file', async () => (await here.files()).length > 0)
    await using service = here.start([])

    await service.waitFor(/\[backup\.conf:2\] .*Another run holds the lock: backup\.sh -1/u)
    await service.waitFor(/\[backup\.conf:2\] Failed with status 3/u)

    proxy.resume()
    expect((await byHand.done).status).toBe(0)
  })

  test.each([
    ['asked', 'sleep', 5_000],
    ['killed, when they do not listen', 'trap "" TERM; sleep', 20_000],
  ])('a job that hangs is ended by JOB_TIMEOUT, all its processes %s', async (_how, sleep, ms) => {
    const mark = `86${Math.floor(Math.random() * 1e9)}`
    await using here = await site(
      ['db/app', `@every 1s default (${sleep} ${mark}1) & ${sleep} ${mark}2; true`],
      { JOB_TIMEOUT: '1s' },
    )
    const marked = () => allProcesses().filter(({ command }) => command.includes(`sleep ${mark}`))
    await using service = here.start([])
    await service.waitFor(/Starting: /u)
    await waitUntil('its processes', () => marked().length >= 2)
    const pids = new Set(marked().map(({ pid }) => pid))

    await service.waitFor(/\[backup\.conf:2\] Ended because it ran longer than JOB_TIMEOUT/u, ms)

    await waitUntil('their end', () => marked().every(({ pid }) => !pids.has(pid)))
    // One hang does not end all backups: the next start comes.
    await waitUntil('the next start', () => marked().length > 0)
    service.kill('SIGTERM')
    expect((await service.done).status).toBe(0)
    await waitUntil('the end of all', () => marked().length === 0)
  })

  test('makes up once for a start that it missed, if that is younger than CATCH_UP', async () => {
    await using database = await newDatabase()
    await using here = await site(
      [database.spec, '0 1 * * * default ./backup.sh -s', '@every 1s default echo tick'],
      { CATCH_UP: '6h' },
    )
    const serveAt = (at: string, env = {}) => here.start([], { at: new Date(at), env })
    const triggers = async () => (await endedRuns(here)).map(({ trigger }) => trigger)
    {
      await using service = serveAt('2026-05-05T00:59:54Z')
      await waitUntil('the first run', async () => (await endedRuns(here)).length === 1)
      service.kill('SIGTERM')
      await service.done
    }
    for (const [at, env] of [
      ['2026-05-06T05:00:00Z', { CATCH_UP: '' }],
      ['2026-05-06T07:30:00Z', {}],
    ] as const) {
      await using service = serveAt(at, env)
      await service.waitFor(/tick\n[^]*tick\n/u)
      expect(service.output().stdout).not.toContain('Starting, to make up')
      expect(service.output().stderr).toContain(
        'The start of 2026-05-06T01:00:00.000Z was missed, and is not made up for: ./backup.sh -s',
      )
      service.kill('SIGTERM')
      await service.done
    }
    expect(await triggers()).toEqual(['schedule'])
    {
      await using service = serveAt('2026-05-06T05:00:00Z')
      await service.waitFor(
        /Starting, to make up for 2026-05-06T01:00:00\.000Z: \.\/backup\.sh -s/u,
      )
      await waitUntil('the run', async () => (await endedRuns(here)).length === 2)
      service.kill('SIGTERM')
      await service.done
    }
    {
      await using service = serveAt('2026-05-06T05:30:00Z')
      await service.waitFor(/tick\n[^]*tick\n/u)
      service.kill('SIGTERM')
      expect((await service.done).stdout).not.toContain('Starting, to make up')
    }
    expect(await triggers()).toEqual(['schedule', 'catch-up'])
  })

  test.each([['--only', 'db/app'], ['--json'], ['--yes']])(
    'does not start for %s without a verb',
    async (...args) => {
      await using here = await site(['db/app', '@every 1s default ./backup.sh -s'])

      const { status, stderr } = await here.run(args)

      expect(status).toBe(2)
      expect(stderr).toContain('not what to do')
    },
  )

  test('refuses to start with a file that is broken', async () => {
    await using here = await site(['db/app', '0 25 * * * default ./backup.sh -s'])

    const { status, stderr } = await here.run([])

    expect(status).toBe(2)
    expect(stderr).toContain('"25" is no hour')
  })
})

describe('legacy mode', () => {
  test('begins with a cycle and sleeps for BACKUP_PERIOD', async () => {
    await using database = await newDatabase()
    await using here = await site([database.spec], { BACKUP_PERIOD: '0h2s' })
    await using service = here.start([])
    await waitUntil('two runs', async () => (await endedRuns(here)).length >= 2)

    service.kill('SIGINT')
    const { status, stdout } = await service.done

    expect(status).toBe(0)
    expect(stdout).toContain('Starting backup server in legacy mode ...')
    expect(stdout).toContain('Sleeping for 0h2s ...')
    expect((await here.runs())[0]).toMatchObject({ trigger: 'interval', job: 'BACKUP_PERIOD 0h2s' })
  })

  test('VERIFY_SCHEDULE alone adds verifications and takes no backup away', async () => {
    await using database = await newDatabase()
    await using here = await site([database.spec], {
      BACKUP_PERIOD: '1h',
      VERIFY_SCHEDULE: '@every 2s',
    })
    // Root's scratch server runs as somebody else, who must get through.
    await chmod(here.folder.path, 0o755)
    await using service = here.start([], {
      env: { VERIFICATION_DIR: here.folder.join('verification') },
    })

    await service.waitFor(/^\[BACKUP_PERIOD\] Successfully backed up/mu)
    await service.waitFor(/^\[VERIFY_SCHEDULE\] Successfully verified backup/mu, 25_000)
    expect(await end(service)).toBe(0)
  })

  test('CRON_SCHEDULE is a schedule without a file', async () => {
    await using database = await newDatabase()
    await using here = await site([database.spec], { CRON_SCHEDULE: '@every 1s' })
    await using service = here.start([])

    await service.waitFor(/Starting backup server in cron mode/u)
    await service.waitFor(/^\[CRON_SCHEDULE\] Successfully backed up/mu)
    expect(await end(service)).toBe(0)
  })
})

describe('a change of backup.conf', () => {
  test('behind the links of a ConfigMap mount is applied without a restart (D-36)', async () => {
    await using here = await site([])
    const { folder } = here
    const swapTo = async (name: string, lines: readonly string[]): Promise<void> => {
      await mkdir(folder.join(name))
      await writeFile(folder.join(name, 'backup.conf'), `${lines.join('\n')}\n`)
      await symlink(name, folder.join('..data_tmp'))
      await rename(folder.join('..data_tmp'), folder.join('..data'))
    }
    await rm(folder.join('backup.conf'))
    await symlink('..data/backup.conf', folder.join('backup.conf'))
    await swapTo('..2026_05_05', ['db/app', '@every 1s default echo old'])
    await using service = here.start([])
    await service.waitFor(/^\[backup\.conf:2\] old$/mu)

    await swapTo('..2026_05_06', ['db/app', '', '@every 1s default echo new'])

    await service.waitFor(/The configuration was read anew[^]*\n {2}- @every 1s echo new$/mu)
    await service.waitFor(/^\[backup\.conf:3\] new$/mu)
    const { length } = service.output().stdout
    await service.waitFor(/(?:\] new\n[^]*){5}/u)
    expect(service.output().stdout.slice(length)).not.toContain('] old')
  })

  test('on SIGHUP is applied at once', async () => {
    await using here = await site(['db/app', '@every 1s default echo old'])
    await using service = here.start([])
    await service.waitFor(/\] old$/mu)

    await writeFile(here.folder.join('backup.conf'), 'db/app\n@every 1s default echo new\n')
    service.kill('SIGHUP')

    await service.waitFor(/\] new$/mu)
    expect(await end(service)).toBe(0)
  })

  test.each([
    ['that is broken', 'db/app\n0 25 * * * default ./backup.sh -s\n', /"25" is no hour/u],
    ['that has no schedule any more', 'db/app\n', /has no schedule any more/u],
  ])('%s is an error, and backups go on as they were (D-36)', async (_what, broken, complaint) => {
    await using database = await newDatabase()
    const right = [database.spec, '@every 1s default ./backup.sh -s']
    await using here = await site(right)
    await using service = here.start([])
    await waitUntil('a run', async () => (await endedRuns(here)).length >= 1)

    await writeFile(here.folder.join('backup.conf'), broken)

    await service.waitFor(/\[!!ERROR!!\] - The changed configuration is not used/u)
    await service.waitFor(complaint)
    const complainedAt = new Date().toISOString()
    await waitUntil('a good run that began after that', async () =>
      (await endedRuns(here)).some(
        ({ startedAt, result }) => startedAt > complainedAt && result === 'succeeded',
      ),
    )

    await writeFile(here.folder.join('backup.conf'), `${right.join('\n')}\n`)
    await service.waitFor(/The configuration was read anew/u)
    expect(await end(service)).toBe(0)
    // Nor did a job that began between the edit and its judgement read the broken file.
    expect(service.output().stderr).not.toContain('Failed with status')
  })

  test('leaves a job whose line is still there alone, and lets that of a lost line end', async () => {
    const word = uniqueName('word')
    const waiting = (name: string) =>
      `echo ${word} ${name}; until [ -e ${name} ]; do sleep 0.1; done; echo over ${name}`
    const stays = `@every 1s default ${waiting('stays')}`
    await using here = await site(['db/app', stays, `@every 1s default ${waiting('goes')}`])
    await using service = here.start([])
    await service.waitFor(new RegExp(`${word} stays$`, 'mu'))
    await service.waitFor(new RegExp(`${word} goes$`, 'mu'))

    await writeFile(here.folder.join('backup.conf'), `db/app\n\n\n${stays}\n`)
    await service.waitFor(/The configuration was read anew/u)
    await writeFile(here.folder.join('goes'), '')
    await service.waitFor(/^\[backup\.conf:3\] over goes$/mu)
    await writeFile(here.folder.join('stays'), '')
    await service.waitFor(/\] over stays$/mu)
    await service.waitFor(/\[backup\.conf:4\] Starting/u)

    expect(service.output().stdout.match(new RegExp(`${word} goes$`, 'gmu'))).toHaveLength(1)
  })
})

describe('told to end while a dump runs', () => {
  test.each([
    ['SIGTERM', './backup.sh -s'],
    ['SIGINT', './backup.sh -s'],
    ['SIGTERM', `. ./credentials && ${launcher} -s; echo $ANSWER`],
  ] as const)('by %s, it ends in order within 10 s: %s', async (signal, command) => {
    await using database = await createDatabase(sharedPostgres(), undefined, megabytes(20))
    await using proxy = await startTcpProxy(sharedPostgres())
    const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
    await using here = await site([spec, `@every 1s default ${command}`], {
      PGSSLMODE: 'disable',
    })
    await writeFile(here.folder.join('credentials'), 'ANSWER=42\n')
    proxy.stallAfter(8_000_000)
    await using service = here.start([])
    await waitUntil('a partial file', async () => (await here.files()).length > 0)
    const started = performance.now()

    service.kill(signal)
    const { status } = await service.done

    expect(status).toBe(0)
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(await here.files()).toEqual([])
    expect((await here.runs()).at(-1)).toMatchObject({
      result: 'interrupted',
      databases: [{ state: 'interrupted' }],
    })
  })
})
