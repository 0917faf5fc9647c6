import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { acquireLock, modesOf, systemClock } from '../../src/platform/index.ts'
import { launcher, startProgram } from '../support/appliance.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { startBlackHole } from '../support/tcp-proxy.ts'
import { createDatabase } from '../support/test-database.ts'
import { fakeBackup } from '../support/volume.ts'

const escape = '\u001B'

function pathsIn(text: string): string[] {
  const { backups } = JSON.parse(text) as { backups: { path: string }[] }
  return backups.map(({ path }) => path)
}

describe('-c', () => {
  const databases = ['postgres=postgresql:5432/TheOrgBook_Database', 'wallet-db/tob_holder']

  test('shows the settings of a single run under the rolling strategy', async () => {
    await using here = await site(databases, { TZ: 'UTC', BACKUP_STRATEGY: 'rolling' })

    const { status, stdout, stderr } = await here.run(['-c', '-1'], {
      at: new Date('2026-06-30T12:00:00Z'),
    })

    expect([status, stderr]).toStrictEqual([0, ''])
    expect(stdout).toBe(`Listing configuration settings ...

Settings:
- Run mode: once

- Backup strategy: rolling
- Current backup type: monthly
- Backups to retain:
  - Daily: 6
  - Weekly: 4
  - Monthly: 1
- Current backup folder: ${here.root}/monthly/2026-06-30/

- Container Type: postgres
- Databases (filtered by container type):
  - postgres=postgresql:5432/TheOrgBook_Database
  - wallet-db/tob_holder

- FTP server: not configured
- S3 endpoint: not configured
- Webhook Endpoint: not configured
- Environment Friendly Name: not configured
- Environment Name (Id): not configured
`)
  })

  test('shows the schedule and the zone in cron mode', async () => {
    const schedule = [
      '0 1 * * * default ./backup.sh -s',
      '0 4 * * * default . /vault/creds && ./backup.sh -s -v all  # as it is: this is shell',
    ]
    await using here = await site([...databases, ...schedule], { TZ: 'PST8PDT' })

    const { stdout } = await here.run(['-c'], { at: new Date('2026-01-20T12:00:00Z') })

    expect(stdout).toContain(`
- Run mode: cron

- Backup strategy: daily
- Current backup type: flat daily
- Backups to retain:
  - Total: 31
- Current backup folder: ${here.root}/2026-01-20/
- Time Zone: PST -0800

- Schedule:
  - ${schedule[0]}
  - ${schedule[1]}

- Container Type: postgres
`)
  })

  test('shows the period in legacy mode', async () => {
    await using here = await site(databases, { BACKUP_PERIOD: '6h' })

    const { stdout } = await here.run(['-c'])

    expect(stdout).toContain('\n- Run mode: legacy\n')
    expect(stdout).toContain('\n- Schedule:\n  - 6h\n\n')
    expect(stdout).not.toContain('Time Zone')
  })

  const services = {
    FTP_URL: 'ftps://user:unmistakable@ftp.example/',
    WEBHOOK_URL: 'https://chat.example/hooks/unmistakable',
    WEBHOOK_FORMAT: 'json',
    PGDUTY_URL: 'https://pager.example/unmistakable',
    PGDUTY_SVC_KEY: 'unmistakable',
    PING_URL: 'https://check.example/unmistakable',
    SMTP_URL: 'smtp://user:unmistakable@mail.example',
    EMAIL_FROM: 'backup@example.org',
    EMAIL_TO: 'ops@example.org, oncall@example.org',
    EMAIL_LEVEL: 'WARN',
    S3_ENDPOINT: 'https://s3.example',
    S3_BUCKET: 'backups',
    S3_USER: 'key',
    S3_PASSWORD: 'unmistakable',
    DATABASE_PASSWORD: 'unmistakable',
    ENVIRONMENT_FRIENDLY_NAME: 'Wallet (prod)',
    ENVIRONMENT_NAME: 'wallet-prod',
  }

  test('D-50: masks secrets and the URLs that hold some', async () => {
    await using here = await site(databases, services)

    const { stdout, stderr } = await here.run(['-c'])

    expect(stdout).toContain(`
- FTP server: ***
- S3 endpoint: https://s3.example
- Webhook Endpoint: ***
- Environment Friendly Name: Wallet (prod)
- Environment Name (Id): wallet-prod
`)
    expect(stdout).toContain(`
- Notices: one for each event
- Channels of notices:
  - WEBHOOK_URL (json, from INFO on)
  - PGDUTY_URL (errors)
  - EMAIL_TO (2 by mail.example:587, TLS starttls, from WARN on)
- Pings: PING_URL
`)
    expect(stdout + stderr).not.toContain('unmistakable')
  })

  test('shows lines of other engines as skipped, which is no failure', async () => {
    await using here = await site([...databases, 'mongo=mongodb:27017/app'])

    const { status, stdout, stderr } = await here.run(['-c'])

    expect(status).toBe(0)
    expect(stdout).toContain(
      '- Skipped (not for this container):\n  - mongo=mongodb:27017/app: mongo is not available',
    )
    expect(stderr).toContain('backup.conf:3: Skipped')
  })

  test('--json is one document with the same', async () => {
    const lines = [...databases, '0 1 * * * default ./backup.sh -s', 'mssql=ms/app']
    await using here = await site(lines, { ...services, NUM_BACKUPS: '' })

    const { stdout } = await here.run(['-c', '--json'])

    expect(JSON.parse(stdout)).toStrictEqual({
      settings: expect.objectContaining({
        backupStrategy: 'daily',
        numBackups: 31,
        backupDir: here.root,
        webhookUrl: '***',
        pgdutyUrl: '***',
        ftpUrl: '***',
        s3Password: '***',
        s3Endpoint: 'https://s3.example',
        lockWait: null,
      }),
      databases,
      skipped: [{ spec: 'mssql=ms/app', reason: 'mssql is not available in this container.' }],
      schedule: ['0 1 * * * default ./backup.sh -s'],
    })
    expect(stdout).not.toContain('unmistakable')
    expect(stdout.split('\n')).toHaveLength(2)
  })
})

describe('-l', () => {
  test('shows databases, the file system and every file in the shape of the original', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)
    await using here = await site([database.spec])
    await here.run(['-1'])
    const [path = ''] = await here.backups()

    const { status, stdout, stderr } = await here.run(['-l'])

    expect([status, stderr]).toStrictEqual([0, ''])
    const lines = stdout.trimEnd().split('\n')
    const ruler = '='.repeat(128)
    expect([lines[0], lines[1], lines.at(-1)]).toStrictEqual([ruler, 'Current Backups:', ruler])
    const header = lines.findIndex((line) => line.startsWith('Database'))
    expect(lines[header]).toMatch(/^Database +Current Size$/u)
    expect(lines[header + 1]).toMatch(new RegExp(`^${database.spec} +[\\d.]+ [KM]B$`, 'u'))
    const fileSystem = lines.findIndex((line) => line.startsWith('Filesystem'))
    expect(lines[fileSystem + 1]).toMatch(/ \d+% \/\S*$/u)
    const rows = lines.slice(lines.indexOf('-'.repeat(128)) + 1, -1).map((row) => row.split('\t'))
    for (const [size, time] of rows) {
      expect(size).toMatch(/^(?:\d+|\d\.\d[KMG]|\d+[KMG])$/u)
      expect(time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/u)
    }
    expect(rows.map((row) => row.slice(2))).toStrictEqual([
      [`${here.root}/${path}`, 'good, not verified'],
      [`${here.root}/${path.split('/')[0]}`],
      [here.root],
    ])
    expect(stdout).not.toContain('.catalog')
  })

  test('is read by awk: the newest file over a size', async () => {
    const { host, port } = sharedPostgres()
    await using here = await site([`${host}:${port}/app`])
    const core = `${host}-app`
    const days = [3, 1, 2].map((day) => new Date(2026, 0, day, 1))
    const bytes = [1_000, 3_000_000, 2_000_000]
    const paths: string[] = []
    for (const [index, at] of days.entries()) {
      paths.push(await fakeBackup(here.root, { core, at, bytes: bytes[index] ?? 0 }))
    }

    const { stdout } = await here.run(['-l'])

    const script = '$1 ~ /M$/ && $4 ~ /sql.gz$/ && $2 " " $3 > best { best = $2 " " $3; path = $4 }'
    const found = execFileSync('awk', [`${script} END { print path }`], {
      input: stdout,
      encoding: 'utf8',
    })
    expect(found).toBe(`${here.root}/${paths[2]}\n`)
    expect(pathsIn((await here.run(['-l', '--json'])).stdout)).toStrictEqual(
      paths.toSorted((left, right) => (left < right ? -1 : 1)),
    )
  })

  test('--json is one document of what is known', async () => {
    const { host, port } = sharedPostgres()
    const spec = `postgres=${host}:${port}/app`
    await using here = await site([spec])
    const core = `${host}-app`
    const verified = { verdict: 'verified' as const, at: '2026-01-03T00:00:00.000Z' }
    await fakeBackup(here.root, { core, at: new Date('2026-01-01T01:00:00Z'), bytes: 100 })
    await fakeBackup(here.root, { core: 'other', at: new Date('2026-01-02T01:00:00Z'), bytes: 200 })
    await fakeBackup(here.root, {
      core,
      at: new Date('2026-01-03T01:00:00Z'),
      bytes: 300,
      manifest: { spec, verifications: [{ ...verified, differences: [] }] },
    })

    const { status, stdout } = await here.run(['-l', '--json'])

    expect(status).toBe(0)
    const common = { copies: [], verdict: 'none', quality: 'unchecked', problem: null }
    expect(JSON.parse(stdout)).toStrictEqual({
      backups: [
        {
          ...common,
          path: `2026-01-01/${core}_2026-01-01_01-00-00.sql.gz`,
          spec,
          takenAt: '2026-01-01T01:00:00.000Z',
          bytes: 100,
        },
        {
          ...common,
          path: '2026-01-02/other_2026-01-02_01-00-00.sql.gz',
          spec: null,
          takenAt: '2026-01-02T01:00:00.000Z',
          bytes: 200,
        },
        {
          ...common,
          path: `2026-01-03/${core}_2026-01-03_01-00-00.sql.gz`,
          spec,
          takenAt: '2026-01-03T01:00:00.000Z',
          bytes: 300,
          verdict: 'verified',
          quality: 'good',
        },
      ],
    })
  })

  test('D-39: waits for all databases that do not answer together, and says which', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)
    await using first = await startBlackHole()
    await using second = await startBlackHole()
    await using third = await startBlackHole()
    const dead = [first, second, third].map(({ host, port }) => `${host}:${port}/app`)
    await using here = await site([...dead, database.spec, '127.0.0.1:1/app'], {
      CONNECT_TIMEOUT: '3s',
    })
    await here.run(['-1', '--only', database.spec])

    const { status, stdout, ms } = await here.run(['-l'])

    expect(status).toBe(0)
    for (const spec of [...dead, '127.0.0.1:1/app']) {
      expect(stdout).toMatch(new RegExp(`^${spec} +unreachable \\(.+\\)$`, 'mu'))
    }
    expect(stdout).toMatch(new RegExp(`^${database.spec} +[\\d.]+ [KM]B$`, 'mu'))
    expect(stdout).toContain((await here.backups())[0])
    expect(ms).toBeGreaterThan(2_000)
    expect(ms).toBeLessThan(6_000)
  })

  test('of a volume that nobody has written to yet is empty, and makes no folder', async () => {
    await using here = await site(['127.0.0.1:1/app'])

    const { status, stdout, stderr } = await here.run(['-l'])

    expect(status).toBe(0)
    expect(stdout).toContain('Current Backups:')
    expect(stderr).toBe(
      `[WARN] - There is no folder ${here.root} yet; the first backup makes it.\n`,
    )
    expect(existsSync(here.root)).toBe(false)
  })

  test('survives a reader that goes away', async () => {
    await using here = await site(['127.0.0.1:1/app'])
    for (let day = 1; day <= 700; day += 1) {
      await fakeBackup(here.root, { core: '127.0.0.1-app', at: new Date(2024, 0, day, 1) })
    }
    const line = `"${launcher}" -l | head -1; echo "status \${PIPESTATUS[0]}"`
    await using run = startProgram(['bash', '-c', line], {
      cwd: here.folder.path,
      env: { BACKUP_DIR: here.root },
    })

    const { stdout, stderr } = await run.done

    expect(stdout).toBe(`${'='.repeat(128)}\nstatus 0\n`)
    expect(stderr).toBe('')
  })
})

describe('-p', () => {
  const { host, port } = { host: 'db.example.org', port: 5432 }
  const days = [1, 2, 3].map((day) => new Date(Date.UTC(2026, 0, day, 1)))

  test('--json tells what was kept and deleted, and why', async () => {
    await using here = await site([`${host}:${port}/app`], { NUM_BACKUPS: '1' })
    const paths: string[] = []
    for (const at of days) paths.push(await fakeBackup(here.root, { core: `${host}-app`, at }))

    const { status, stdout } = await here.run(['-p', '--json'])

    expect(status).toBe(0)
    const [oldest, middle, newest] = paths
    expect(JSON.parse(stdout)).toMatchObject({
      freedBytes: 60,
      decisions: [
        {
          spec: expect.stringContaining('app'),
          takenAt: days.at(-1)?.toISOString(),
          tier: null,
          bytes: 30,
          path: newest,
          keep: true,
          reasons: expect.arrayContaining(['the newest']),
        },
        { path: middle, keep: false, reasons: ['not the newest'] },
        { path: oldest, keep: false, reasons: ['not the newest'] },
      ],
    })
    expect(await here.backups()).toStrictEqual([paths[2]])
  })

  test('-f --dry-run shows what the filter would delete, and changes nothing', async () => {
    const spec = `postgres=${host}:${port}/app`
    await using here = await site([spec])
    const paths: string[] = []
    for (const at of days) {
      paths.push(await fakeBackup(here.root, { core: `${host}-app`, at, manifest: { spec } }))
    }
    const before = await filesBelow(here.root)

    const text = await here.run(['-p', '-f', '0[23]_', '--dry-run'])
    const json = await here.run(['-p', '-f', '0[23]_', '--dry-run', '--json'])

    expect([text.status, json.status]).toStrictEqual([0, 0])
    expect(text.stdout.match(/^ {2}(?:keep|delete) /gmu)).toStrictEqual(['  keep ', '  delete '])
    expect(text.stdout).toContain('would delete 1 backup and')
    expect(JSON.parse(json.stdout)).toMatchObject({
      freedBytes: 30,
      decisions: [
        { path: paths[2], keep: true, reasons: ['newest good backup'] },
        { path: paths[1], keep: false, reasons: ['matches the filter'] },
      ],
    })
    expect(await filesBelow(here.root)).toStrictEqual(before)
  })

  test('-f --only leaves the backups of other databases alone', async () => {
    await using here = await site([`${host}/app`, `${host}/web`])
    for (const core of [`${host}-app`, `${host}-web`, 'foreign']) {
      for (const at of days) await fakeBackup(here.root, { core, at })
    }

    const args = ['-p', '-f', '2026-01-02', '--only', `${host}/app`, '--yes', '--json']
    const { status, stdout } = await here.run(args)

    const path = `2026-01-02/${host}-app_2026-01-02_01-00-00.sql.gz`
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toStrictEqual({
      decisions: [{ path, keep: false, reasons: ['matches the filter'] }],
    })
    expect(await here.backups()).toHaveLength(8)
    expect(await here.backups()).not.toContain(path)
  })

  test('-f with an empty filter, as an unset variable leaves it, deletes nothing', async () => {
    await using here = await site([`${host}/app`], { NUM_BACKUPS: '1' })
    for (const at of days) await fakeBackup(here.root, { core: `${host}-app`, at })

    const { status } = await here.run(['-p', '-f', '', '--yes'])

    expect(status).toBe(2)
    expect(await here.backups()).toHaveLength(3)
  })

  async function filesBelow(root: string): Promise<string> {
    return execFileSync('find', [root, '-printf', '%p %s %T@\\n'], { encoding: 'utf8' })
  }
})

describe('D-20: the exit status', () => {
  test('is 0 when all is good, and 1 when one database of two failed', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using good = await site([database.spec])
    await using half = await site(['127.0.0.1:1/app', database.spec])

    const all = await good.run(['-1'])
    const some = await half.run(['-1'])
    const someAsJson = await half.run(['-s', '--json'])

    expect([all.status, some.status, someAsJson.status]).toStrictEqual([0, 1, 1])
    expect(some.stderr).toContain('Single backup run failed for 1 of 2: 127.0.0.1:1/app.')
    expect(some.stdout).not.toContain('run complete')
    expect(JSON.parse(someAsJson.stdout)).toMatchObject({
      results: [
        { spec: '127.0.0.1:1/app', ok: false, error: { message: expect.any(String) } },
        { spec: database.spec, ok: true, error: null },
      ],
    })
    expect(await half.backups()).toHaveLength(2)
  })

  test('is 2 for wrong usage, and the reason is on stderr', async () => {
    await using here = await site(['127.0.0.1:1/app'])

    for (const args of [['--nonsense'], ['-z'], ['-f'], ['-1', 'word'], ['-p', '--only', '']]) {
      const { status, stdout, stderr } = await here.run(args)

      expect([args, status, stdout]).toStrictEqual([args, 2, ''])
      expect(stderr).toContain('The command line was not understood.')
    }
    expect(existsSync(here.root)).toBe(false)
  })

  test('is 3 while somebody else holds the lock', async () => {
    await using here = await site(['127.0.0.1:1/app'])
    await using _lock = await acquireLock(`${here.root}/.catalog`, {
      what: 'a test',
      waitMs: 0,
      signal: AbortSignal.timeout(60_000),
      clock: systemClock,
      modes: modesOf(0o077),
    })

    const statuses = await Promise.all(
      [['-1'], ['-p'], ['-p', '-f', 'x', '--yes']].map(async (args) => {
        const { status, stderr } = await here.run(args)
        return [status, stderr.includes('a test')]
      }),
    )
    const reading = await here.run(['-l'])

    expect(statuses).toStrictEqual([
      [3, true],
      [3, true],
      [3, true],
    ])
    expect(reading.status).toBe(0)
  })
})

describe('an error', () => {
  test('under --json is one document, and nothing else is on stdout', async () => {
    await using here = await site(['pg:0/app', 'some words'])

    for (const args of [['-l'], ['-c'], ['-p'], ['-1'], ['--status'], ['--nonsense']]) {
      const { status, stdout, stderr } = await here.run([...args, '--json'])

      expect(status).toBe(2)
      const text = expect.any(String)
      expect(JSON.parse(stdout)).toStrictEqual({
        error: { message: text, reason: text, advice: text },
      })
      expect(stdout.split('\n')).toHaveLength(2)
      expect(stderr).toContain('[!!ERROR!!]')
    }
  })

  test('D-21: in text is on stderr only, so that nobody takes it for a result', async () => {
    await using here = await site(['some words'])

    for (const args of [['-l'], ['-c'], ['-p'], ['-1'], ['--status']]) {
      expect((await here.run(args)).stdout).toBe('')
    }
  })
})

describe('D-28: backup.conf', () => {
  test('may have dots in hosts, blanks, Windows line ends, a mark and trailing comments', async () => {
    await using here = await site([])
    const text = [
      ' postgres=pg.example.org:5433/my.app # production ',
      '\t10.0.0.7/app',
      '[fd00::7]:5432/app#1',
      ' 0 1 * * * default ./backup.sh -s',
      '',
    ].join('\r\n')
    await writeFile(here.folder.join('backup.conf'), `\u{FEFF}${text}`)

    const { status, stdout } = await here.run(['-c', '--json'])

    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      databases: ['postgres=pg.example.org:5433/my.app', '10.0.0.7/app', '[fd00::7]:5432/app#1'],
      schedule: ['0 1 * * * default ./backup.sh -s'],
    })
  })

  test('with mistakes is refused as a whole, with those of the environment, and nothing is touched', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec, '', 'postgers=db/app', 'db:0/app', '0 1 * * *'], {
      NUM_BACKUPS: 'many',
      BACKUP_STRATEGY: 'weekly',
    })

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(2)
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toBe('[!!ERROR!!] - The configuration has 5 mistakes.')
    expect(lines.slice(1, -1).map((line) => line.slice(0, 7))).toStrictEqual([
      '  Why: ',
      ...Array.from({ length: 4 }, () => '       '),
    ])
    const wheres = lines.slice(1, -1).map((line) => line.slice(7).split(': ', 1)[0])
    expect(wheres).toStrictEqual([
      'BACKUP_STRATEGY',
      'NUM_BACKUPS',
      'backup.conf:3',
      'backup.conf:4',
      'backup.conf:5',
    ])
    expect(lines.at(-1)).toMatch(/^ {2}Now: Nothing was touched\./u)
    expect(existsSync(here.root)).toBe(false)
  })

  test('that is set but missing is a mistake; without any, the environment is one database', async () => {
    await using here = await site([])
    const env = { DATABASE_SERVICE_NAME: 'pg', POSTGRESQL_DATABASE: 'app' }

    const missing = await here.run(['-c'], { env: { BACKUP_CONF: 'nowhere.conf' } })
    const none = await here.run(['-c', '--json'], { env, cwd: '/' })

    expect(missing.status).toBe(2)
    expect(missing.stderr).toContain('BACKUP_CONF: There is no file nowhere.conf.')
    expect(JSON.parse(none.stdout)).toMatchObject({
      databases: [expect.stringMatching(/pg.*app$/u)],
    })
  })
})

describe('flags of the original', () => {
  test('work in clusters, in any order, and with a password that is warned about', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec])

    const clustered = await here.run(['-n1'])
    const password = await here.run(['-a', 'unmistakable', '-sI'])

    expect([clustered.status, password.status]).toStrictEqual([0, 0])
    expect(clustered.stdout).toContain('Single backup run complete.')
    expect(password.stdout).toContain('Scheduled backup run complete.')
    expect(password.stderr).toContain('[WARN] - A password after -a is visible')
    const records = JSON.stringify(await here.runs())
    expect(password.stdout + password.stderr + records).not.toContain('unmistakable')
  })

  test('-h and --version need no configuration', async () => {
    await using here = await site(['some words'], { NUM_BACKUPS: 'many' })
    const { version } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string }

    const help = await here.run(['-h'])
    const shown = await here.run(['--version'])

    expect([help.status, help.stderr]).toStrictEqual([0, ''])
    expect(help.stdout).toMatch(/^ {2}-1, --once /mu)
    expect(help.stdout).toMatch(/^ +BACKUP_STRATEGY /mu)
    expect(shown).toMatchObject({ status: 0, stdout: `backup-container ${version}\n`, stderr: '' })
  })
})

test('in a pipe nothing is coloured, whatever the environment says of colours', async () => {
  await using database = await createDatabase(sharedPostgres())
  await using here = await site([database.spec, '127.0.0.1:1/app'], {
    TERM: 'xterm-256color',
    FORCE_COLOR: '1',
    CLICOLOR_FORCE: '1',
  })

  for (const args of [['-1'], ['-l'], ['-c'], ['--status'], ['-p', '--dry-run'], ['-h'], ['-z']]) {
    const { stdout, stderr } = await here.run(args)

    expect(stdout + stderr).not.toBe('')
    expect(stdout + stderr).not.toContain(escape)
    expect(stdout + stderr).not.toContain('\r')
  }
})
