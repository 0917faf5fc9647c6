import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { localStampOf } from '../../src/model/index.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { cannotMount } from '../support/small-volume.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import {
  createDatabase,
  createRole,
  environmentOf,
  quoted,
  uniqueName,
} from '../support/test-database.ts'
import { fakeBackup, readManifest } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const UTC = { TZ: 'UTC' }

describe('a cycle', () => {
  test('writes each database to its dated file, with a manifest of what is in it', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(
      server,
      undefined,
      'CREATE TABLE t AS SELECT generate_series(1, 42) AS i',
    )
    await using here = await site([database.spec], UTC)

    const { status, stdout } = await here.run(['-1'], { at: new Date('2026-03-05T04:06:07Z') })

    expect(status).toBe(0)
    const [path = ''] = await here.backups()
    expect(path).toMatch(
      new RegExp(
        `^2026-03-05/${server.host}-${database.name}_2026-03-05_04-06-\\d\\d\\.sql\\.gz$`,
        'u',
      ),
    )
    expect(stdout).toContain(
      `Backing up '${server.host}:${server.port}/${database.name}' to '${here.root}/${path}.in_progress' ...`,
    )
    expect(stdout).toContain(
      `Successfully backed up ${database.spec}.\nBackup written to ${here.root}/${path}.\nDatabase Size: `,
    )
    expect(stdout).toMatch(/\n\nElapsed time: 0h:0m:\ds - Status Code: 0\n/u)
    expect(stdout).toMatch(/Single backup run complete\.\n$/u)
    const manifest = await readManifest(here.root, path)
    const bytes = await readFile(join(here.root, path))
    expect(manifest).toMatchObject({
      version: 1,
      path,
      spec: database.spec,
      codec: 'gzip',
      trigger: 'once',
      bytes: bytes.length,
      rolesIncluded: true,
      fingerprint: {
        mode: 'rows',
        tables: [{ schema: 'public', table: 't', rows: 42 }],
        problem: null,
      },
    })
    expect(execFileSync('sha256sum', [join(here.root, path)], { encoding: 'utf8' })).toContain(
      manifest.sha256,
    )
  })

  test('has the roles as the first gzip member, so that a restore by hand keeps owners', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(
      server,
      undefined,
      `CREATE TABLE t (i int); ALTER TABLE t OWNER TO ${quoted(role.user)};
      GRANT SELECT ON t TO ${quoted(role.user)}; INSERT INTO t VALUES (5)`,
    )
    await using here = await site([database.spec])
    await here.run(['-1'])
    const [path = ''] = await here.backups()
    await using fresh = await startPostgres()
    await fresh.psql('postgres', 'CREATE DATABASE restored')

    const { host, port, superuser } = fresh
    execFileSync('sh', ['-c', 'gunzip -c "$0" | psql -q -d restored', join(here.root, path)], {
      env: {
        PATH: process.env['PATH'],
        PGHOST: host,
        PGPORT: String(port),
        PGUSER: superuser.user,
        PGPASSWORD: superuser.password,
      },
      stdio: 'pipe',
    })

    expect(await fresh.psql('restored', 'SELECT i FROM t')).toBe('5')
    expect(
      await fresh.psql('restored', "SELECT tableowner FROM pg_tables WHERE tablename = 't'"),
    ).toBe(role.user)
    await database.drop()
  })

  test.each([
    ['gzip', '.sql.gz', ['gunzip', '-c']],
    ['zstd', '.sql.zst', ['zstd', '-dc']],
    ['none', '.sql', ['cat']],
  ] as const)('with COMPRESSION=%s writes %s', async (codec, ending, [program, ...args]) => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t AS SELECT 9 AS i; CREATE TABLE u AS SELECT md5(i::text) FROM generate_series(1, 20000) i',
    )
    await using here = await site([database.spec], { COMPRESSION: codec, COMPRESSION_LEVEL: '7' })

    expect((await here.run(['-1'])).status).toBe(0)

    const [path = ''] = await here.backups()
    expect(path.endsWith(ending)).toBe(true)
    const plain = execFileSync(program, [...args, join(here.root, path)], { encoding: 'utf8' })
    expect(plain).toMatch(/^--\n-- PostgreSQL database cluster dump\n/u)
    expect(plain).toContain('COPY public.t (i) FROM stdin;\n9\n')
    expect(plain).toContain('-- PostgreSQL database dump complete')
  })

  test('runs as many databases at once as PARALLEL_BACKUPS says, and no more', async () => {
    const server = sharedPostgres()
    const sql = 'CREATE TABLE t AS SELECT repeat(md5(i::text), 10) FROM generate_series(1, 20000) i'
    const databases = await Promise.all(
      Array.from({ length: 3 }, () => createDatabase(server, undefined, sql)),
    )
    // Each behind its own: none is done before two are seen, and none keeps another from beginning.
    await using proxies = new AsyncDisposableStack()
    const ways = await Promise.all(databases.map(() => startTcpProxy(server)))
    for (const way of ways) {
      proxies.use(way)
      way.stallAfter(1_000_000)
    }
    const specs = databases.map(
      ({ name }, index) => `${ways[index]?.host}:${ways[index]?.port}/${name}`,
    )
    await using here = await site(specs, { PARALLEL_BACKUPS: '2', PGSSLMODE: 'disable' })
    const partials = async () =>
      (await here.files()).filter((file) => file.endsWith('.in_progress')).length
    await using run = here.start(['-1', '--json'])

    await waitUntil('two dumps at once', async () => (await partials()) === 2)
    for (const way of ways) way.resume()
    const { status, stdout } = await run.done

    expect(status).toBe(0)
    const { results } = JSON.parse(stdout) as { results: { spec: string; ok: boolean }[] }
    expect(results.map(({ spec }) => spec)).toEqual(specs)
    const { databases: outcomes = [] } = (await here.runs())[0] ?? {}
    const ends = outcomes.map(({ endedAt }) => endedAt)
    expect(ends).toHaveLength(3)
    expect(await here.backups()).toHaveLength(3)
    await Promise.all(databases.map((database) => database.drop()))
  })

  test('--only takes the one database that is named, and refuses one that is not configured', async () => {
    const server = sharedPostgres()
    await using first = await createDatabase(server)
    await using second = await createDatabase(server)
    await using here = await site([first.spec, second.spec])

    const one = await here.run(['-1', '--only', `${server.host}/${second.name}`])
    const none = await here.run(['-1', '--only', `${server.host}/other`])

    expect(one.status).toBe(0)
    expect((await here.backups()).map((path) => path.includes(second.name))).toEqual([true])
    expect(none.status).toBe(2)
    expect(none.stderr).toContain(first.spec)
  })
})

describe('names', () => {
  const odd = [
    'with space and \'quotes"',
    'semi;$(touch pwned)`id`',
    '../../up',
    'Größe-数据',
    'a=b&c?d#e',
    'per%cent',
  ]

  test('of databases are safe as files, and the database keeps its own', async () => {
    const server = sharedPostgres()
    const databases = await Promise.all(
      odd.map((name) =>
        createDatabase(server, `${name}${uniqueName('')}`, 'CREATE TABLE t AS SELECT 1 AS i'),
      ),
    )
    await using here = await site(databases.map(({ spec }) => spec))

    const { status } = await here.run(['-1'])

    expect(status).toBe(0)
    const paths = await here.backups()
    expect(paths).toHaveLength(odd.length)
    for (const path of paths) expect(path).toMatch(/^\d{4}-\d\d-\d\d\/[\w.%-]+\.sql\.gz$/u)
    const names = await Promise.all(
      paths.map(async (path) => (await readManifest(here.root, path)).database.name),
    )
    expect(names.toSorted()).toEqual(databases.map(({ name }) => name).toSorted())
    const { stdout } = await here.run(['-l', '--json'])
    const { backups } = JSON.parse(stdout) as { backups: { spec: string }[] }
    expect(backups.map(({ spec }) => spec).toSorted()).toEqual(
      databases.map(({ spec }) => spec).toSorted(),
    )
    await Promise.all(databases.map((database) => database.drop()))
  })

  test('D-31: BACKUP_DIR with and without a final slash is the same folder', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec], { BACKUP_STRATEGY: 'rolling' })

    await here.run(['-1'])
    await here.run(['-1'], { env: { BACKUP_DIR: `${here.root}/` } })

    expect(await here.backups()).toHaveLength(2)
    expect(await readdir(here.folder.path)).toEqual(['backup.conf', 'backups'])
  })

  test('D-40: two backups in the hour that exists twice do not share a name, and stay in order', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec], { TZ: 'PST8PDT' })
    // 01:30 PDT, and an hour later 01:30 PST.
    const first = new Date('2026-11-01T08:30:00Z')
    const second = new Date('2026-11-01T09:30:00Z')

    await here.run(['-1'], { at: first })
    await here.run(['-1'], { at: second })

    const { stdout } = await here.run(['-l', '--json'], { at: new Date('2026-11-01T10:30:00Z') })
    const { backups } = JSON.parse(stdout) as { backups: { takenAt: string }[] }
    const minutes = backups.map(({ takenAt }) => takenAt.slice(0, 16))
    expect(minutes).toEqual(['2026-11-01T08:30', '2026-11-01T09:30'])
  })
})

describe('the server', () => {
  test('is the one of the spec, whatever a service file says', async () => {
    const server = sharedPostgres()
    await using right = await createDatabase(server, undefined, 'CREATE TABLE right_one ()')
    await using wrong = await startPostgres()
    await wrong.psql('postgres', `CREATE DATABASE ${right.name}`)
    await wrong.psql(right.name, 'CREATE TABLE wrong_one ()')
    await using here = await site([right.spec])
    const services = here.folder.join('services')
    const lines = [
      '[svc]',
      `host=${wrong.host}`,
      `port=${wrong.port}`,
      'dbname=postgres',
      'user=other',
    ]
    await writeFile(services, `${lines.join('\n')}\n`)

    const { status } = await here.run(['-1'], {
      env: { PGSERVICE: 'svc', PGSERVICEFILE: services },
    })

    expect(status).toBe(0)
    const [path = ''] = await here.backups()
    const dump = gunzipSync(await readFile(join(here.root, path))).toString()
    expect(dump).toContain('CREATE TABLE public.right_one')
    expect(dump).not.toContain('wrong_one')
  })

  test('may have a statement timeout for our user', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server, { attributes: 'SUPERUSER' })
    await server.psql('postgres', `ALTER ROLE ${role.user} SET statement_timeout = '1ms'`)
    await using database = await createDatabase(
      server,
      undefined,
      'CREATE TABLE t AS SELECT generate_series(1, 100000) i',
    )
    await using here = await site([database.spec], role.environment)

    expect((await here.run(['-1'])).status).toBe(0)
  })
})

describe('secrets', () => {
  test.each([
    ' leading and  double blanks ',
    '$HOME ${x} `id`',
    `'single' "double" \\`,
    '*',
    '-n',
    'ünïcode–пароль',
    'tab\tand#hash',
  ])('D-30: the password %j arrives as it is', async (password) => {
    const server = sharedPostgres()
    await using role = await createRole(server, { password })
    await using database = await createDatabase(server)
    await using here = await site([database.spec], role.environment)

    expect((await here.run(['-1'])).status).toBe(0)
  })

  test('D-50, D-51: are in no argument, output or file', async () => {
    const server = sharedPostgres()
    const password = 'unmistakable-password-4711'
    await using role = await createRole(server, { password, attributes: 'SUPERUSER' })
    await using database = await createDatabase(
      server,
      undefined,
      'CREATE TABLE t AS SELECT repeat(md5(i::text), 10) FROM generate_series(1, 80000) i',
    )
    await using proxy = await startTcpProxy(server)
    const webhook = 'https://chat.example/hooks/unmistakable-token-0815'
    await using here = await site([`${proxy.host}:${proxy.port}/${database.name}`], {
      ...role.environment,
      WEBHOOK_URL: webhook,
      FTP_URL: 'ftps://x:unmistakable-token-0815@127.0.0.1:1/',
      MIRROR_TRIES: '1',
      PGSSLMODE: 'disable',
    })
    proxy.stallAfter(4_000_000)
    await using run = here.start(['-1'])
    await waitUntil('a partial file', async () =>
      (await here.files()).some((file) => file.endsWith('.in_progress')),
    )
    const commandLines = await allCommandLines()
    proxy.resume()
    const { status, stdout, stderr } = await run.done
    const shown = await here.run(['-c'])
    const asJson = await here.run(['-c', '--json'])

    // Nobody is there to take the copy.
    expect(status).toBe(1)
    expect(stderr).toContain('is not in ftp. The backup on the volume is not affected.')
    expect(commandLines).toContain('pg_dump')
    const records = await Promise.all(
      (await readdir(here.root, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(async (entry) => {
          const bytes = await readFile(join(entry.parentPath, entry.name))
          return entry.name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()
        }),
    )
    const everything = [
      commandLines,
      stdout,
      stderr,
      shown.stdout,
      shown.stderr,
      asJson.stdout,
      ...records,
    ].join('\n')
    expect(everything).not.toContain(password)
    expect(everything).not.toContain('unmistakable-token-0815')
    expect(shown.stdout).toContain('- Webhook Endpoint: ***')
  })

  test('a failed login does not repeat the password', async () => {
    const server = sharedPostgres()
    await using here = await site([`${server.host}:${server.port}/postgres`], {
      DATABASE_PASSWORD: 'unmistakable-wrong-password',
    })

    const { status, stdout, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stdout + stderr).not.toContain('unmistakable')
  })

  test('D-52: files and folders are for their owner only; BACKUP_UMASK opens them to the group', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using closed = await site([database.spec])
    await using open = await site([database.spec], { BACKUP_UMASK: '0007' })

    await closed.run(['-1'])
    await open.run(['-1'])

    expect(await modesBelow(closed.root)).toEqual({ file: [0o600], folder: [0o700] })
    expect(await modesBelow(open.root)).toEqual({ file: [0o660], folder: [0o770] })
  })

  async function allCommandLines(): Promise<string> {
    return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  }

  async function modesBelow(root: string): Promise<{ file: number[]; folder: number[] }> {
    const modes = { file: new Set<number>(), folder: new Set<number>() }
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const { mode } = await stat(join(entry.parentPath, entry.name))
      modes[entry.isDirectory() ? 'folder' : 'file'].add(mode & 0o777)
    }
    return { file: [...modes.file], folder: [...modes.folder] }
  }
})

describe('D-10: two runs on one volume', () => {
  test('never overlap: the second exits 3 and says who holds the lock since when', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(
      server,
      undefined,
      'CREATE TABLE t AS SELECT repeat(md5(i::text), 10) FROM generate_series(1, 80000) i',
    )
    await using proxy = await startTcpProxy(server)
    await using here = await site([`${proxy.host}:${proxy.port}/${database.name}`], {
      PGSSLMODE: 'disable',
    })
    proxy.stallAfter(4_000_000)
    await using first = here.start(['-1'])
    await waitUntil('a partial file', async () =>
      (await here.files()).some((file) => file.endsWith('.in_progress')),
    )

    const second = await here.run(['-1'])
    const reading = await here.run(['--status'])
    const deleting = await here.run(['-p'])
    proxy.resume()

    expect(second.status).toBe(3)
    expect(second.stderr).toContain('backup.sh -1')
    expect(second.stderr).toMatch(/since \d{4}-\d\d-\d\d/u)
    expect(deleting.status).toBe(3)
    expect(reading.stdout).toMatch(/^running/mu)
    expect((await first.done).status).toBe(0)
    expect(await here.files()).toHaveLength(1)
  })

  test('a scheduled cycle waits for the other one', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(
      server,
      undefined,
      'CREATE TABLE t AS SELECT repeat(md5(i::text), 10) FROM generate_series(1, 80000) i',
    )
    await using proxy = await startTcpProxy(server)
    await using here = await site([`${proxy.host}:${proxy.port}/${database.name}`], {
      PGSSLMODE: 'disable',
    })
    proxy.stallAfter(4_000_000)
    await using first = here.start(['-1'])
    await waitUntil('a partial file', async () =>
      (await here.files()).some((file) => file.endsWith('.in_progress')),
    )
    await using second = here.start(['-s'])
    await second.waitFor(/waiting for it to end/u)

    proxy.resume()

    expect((await first.done).status).toBe(0)
    expect((await second.done).status).toBe(0)
    expect(second.output().stdout).toContain('Scheduled backup run complete.')
    expect(await here.backups()).toHaveLength(2)
  })
})

describe('the original on the same volume', () => {
  test('still counts exactly our backups after a week of our cycles', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)
    await using here = await site([database.spec], { ...UTC, NUM_BACKUPS: '5' })
    const core = `${server.host}-${database.name}`

    for (let day = 1; day <= 7; day += 1) {
      const at = new Date(Date.UTC(2026, 4, day, 1))
      expect((await here.run(['-1'], { at })).status).toBe(0)
    }

    const found = execFileSync(
      'sh',
      ['-c', 'find "$0"* -type f -printf "%T@ %p\\n" | grep "$1" | sort -rn', here.root, core],
      { encoding: 'utf8' },
    )
    const lines = found.trim().split('\n')
    expect(lines).toHaveLength(5)
    const expected = (await here.backups()).toReversed().map((path) => join(here.root, path))
    expect(lines.map((line) => line.split(' ')[1])).toEqual(expected)
  })
})

describe('pruning', () => {
  const days = (count: number) =>
    Array.from({ length: count }, (_, day) => new Date(Date.UTC(2026, 0, day + 1, 1)))

  test('D-05: of app leaves the backups of app_test alone', async () => {
    const { host, port } = sharedPostgres()
    await using here = await site([`${host}:${port}/app`, `${host}:${port}/app_test`], {
      NUM_BACKUPS: '2',
    })
    for (const at of days(4)) await fakeBackup(here.root, { core: `${host}-app_test`, at })
    for (const at of days(3)) await fakeBackup(here.root, { core: `${host}-app`, at })

    const { status } = await here.run(['-p', '--only', `${host}/app`])

    expect(status).toBe(0)
    const left = await here.backups()
    expect(left.filter((path) => path.includes('app_test'))).toHaveLength(4)
    expect(left.filter((path) => !path.includes('app_test'))).toHaveLength(2)
  })

  test('D-06: of a cycle over midnight uses the tier in which it began', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(
      server,
      undefined,
      'CREATE TABLE t AS SELECT repeat(md5(i::text), 10) FROM generate_series(1, 20000) i',
    )
    await using proxy = await startTcpProxy(server)
    const spec = `${proxy.host}:${proxy.port}/${database.name}`
    await using here = await site([spec], {
      ...UTC,
      BACKUP_STRATEGY: 'rolling',
      PGSSLMODE: 'disable',
    })
    for (let day = 24; day <= 29; day += 1) {
      await fakeBackup(here.root, {
        core: `${proxy.host}-${database.name}`,
        at: new Date(2026, 5, day, 1),
        tier: 'daily',
        manifest: { spec: `postgres=${spec}` },
      })
    }
    // The 30th of June is the last day of its month; the cycle begins a moment before.
    proxy.stallAfter(1_000_000)
    const midnight = performance.now() + 10_500
    await using run = here.start(['-1'], { at: new Date('2026-06-29T23:59:50Z') })
    await waitUntil('a partial file', async () =>
      (await here.files()).some((file) => file.endsWith('.in_progress')),
    )
    await waitUntil('midnight', () => performance.now() > midnight)
    proxy.resume()

    expect((await run.done).status).toBe(0)
    const left = await here.backups()
    expect(left).toHaveLength(6)
    expect(left.every((path) => path.startsWith('daily/'))).toBe(true)
    expect(left.at(-1)).toMatch(/^daily\/2026-06-29\//u)
  })

  test('D-07: with nothing to retain never deletes the backup just made', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using rolling = await site([database.spec], {
      ...UTC,
      BACKUP_STRATEGY: 'rolling',
      WEEKLY_BACKUPS: '0',
    })
    await using daily = await site([database.spec], { NUM_BACKUPS: '0' })

    const sunday = await rolling.run(['-1'], { at: new Date('2026-05-03T01:00:00Z') })
    const flat = await daily.run(['-1'])

    expect([sunday.status, flat.status]).toEqual([0, 0])
    expect((await rolling.backups()).map((path) => path.split('/')[0])).toEqual(['weekly'])
    expect(await daily.backups()).toHaveLength(1)
  })

  test('D-07: of backups from a time when the clock was wrong never deletes the one just made', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec], { ...UTC, NUM_BACKUPS: '2' })
    for (const day of [1, 2, 3]) {
      await here.run(['-1'], { at: new Date(Date.UTC(2030, 0, day, 1)) })
    }

    const { status, stdout } = await here.run(['-1'], { at: new Date('2026-05-05T01:00:00Z') })
    const late = await here.run(['--status'], { at: new Date('2026-05-09T01:00:00Z') })

    expect(status).toBe(0)
    expect(stdout).not.toContain('removed')
    expect((await here.backups()).map((path) => path.slice(0, 10))).toEqual([
      '2026-05-05',
      '2030-01-02',
      '2030-01-03',
    ])
    expect(late.status).toBe(1)
    expect(late.stdout).toMatch(/^late .*2026-05-05/mu)
  })

  test('D-08, D-15: stays in its root, leaves foreign files alone, and keeps the root', async () => {
    const { host, port } = sharedPostgres()
    await using here = await site([`${host}:${port}/app`], { NUM_BACKUPS: '0' })
    const core = `${host}-app`
    const at = new Date(2026, 0, 1)
    const siblings = [`${here.root}-old`, join(here.root, '.snapshot'), join(here.root, 'other')]
    for (const sibling of siblings) await fakeBackup(sibling, { core, at })
    await mkdir(join(here.root, '2026-01-01'), { recursive: true })
    await writeFile(join(here.root, `2026-01-01/${core}.tar`), 'of a team that shares the folder')
    for (const day of days(2))
      await fakeBackup(here.root, {
        core,
        at: day,
        manifest: { spec: `postgres=${host}:${port}/app` },
      })
    await symlink('/', join(here.root, '2026-01-05'))

    const { status } = await here.run(['-p'], { at: new Date(2026, 0, 4) })

    expect(status).toBe(0)
    for (const sibling of siblings)
      expect(await readdir(join(sibling, '2026-01-01'))).toHaveLength(1)
    const left = (await here.files()).filter(
      (path) => !path.startsWith('.snapshot') && !path.startsWith('other'),
    )
    expect(left).toEqual([
      `2026-01-01/${core}.tar`,
      `2026-01-02/${core}_2026-01-02_${localStampOf(days(2)[1] ?? at).time}.sql.gz`,
      '2026-01-05',
    ])
  })

  test('D-09: counts no unfinished file', async () => {
    const { host, port } = sharedPostgres()
    await using here = await site([`${host}:${port}/app`], { NUM_BACKUPS: '2' })
    const paths: string[] = []
    for (const at of days(2)) paths.push(await fakeBackup(here.root, { core: `${host}-app`, at }))
    const unfinished = join(
      here.root,
      '2026-01-03',
      `${host}-app_2026-01-03_01-00-00.sql.gz.in_progress`,
    )
    await mkdir(dirname(unfinished), { recursive: true })
    await writeFile(unfinished, 'half')

    await here.run(['-p'])

    expect(await here.backups()).toEqual(paths)
  })

  test('D-14: goes by the time of the backup, not of the file', async () => {
    const { host, port } = sharedPostgres()
    await using here = await site([`${host}:${port}/app`], { NUM_BACKUPS: '2' })
    const paths: string[] = []
    for (const [index, at] of days(4).entries()) {
      const modifiedAt = new Date(2026, 6, 10 - index)
      paths.push(await fakeBackup(here.root, { core: `${host}-app`, at, modifiedAt }))
    }
    await using moved = await site([`${host}:${port}/app`], { NUM_BACKUPS: '2' })
    await cp(here.root, moved.root, { recursive: true })
    await utimes(join(moved.root, paths[0] ?? ''), new Date(), new Date())

    await here.run(['-p'])
    await moved.run(['-p'])

    expect(await here.backups()).toEqual(paths.slice(2))
    expect(await moved.backups()).toEqual(paths.slice(2))
  })

  test('-p --dry-run shows each backup with keep or delete and the reasons, and deletes nothing', async () => {
    const { host, port } = sharedPostgres()
    await using here = await site([`${host}:${port}/app`], { NUM_BACKUPS: '1' })
    for (const at of days(3)) await fakeBackup(here.root, { core: `${host}-app`, at })

    const text = await here.run(['-p', '--dry-run'])
    const json = await here.run(['-p', '--dry-run', '--json'])

    expect(text.stdout.match(/^ {2}(?:keep|delete) /gmu)).toEqual([
      '  keep ',
      '  delete ',
      '  delete ',
    ])
    expect(text.stdout).toContain('Pruning would delete 2 backups')
    const { decisions } = JSON.parse(json.stdout) as {
      decisions: { path: string; keep: boolean; reasons: string[] }[]
    }
    expect(decisions.map(({ keep }) => keep)).toEqual([true, false, false])
    expect(decisions.every(({ reasons }) => reasons.length > 0)).toBe(true)
    expect(await here.backups()).toHaveLength(3)
  })

  test('-p -f deletes what the filter finds, but never the newest good backup', async () => {
    const { host, port } = sharedPostgres()
    const spec = `postgres=${host}:${port}/app`
    await using here = await site([spec])
    const paths: string[] = []
    for (const at of days(3))
      paths.push(await fakeBackup(here.root, { core: `${host}-app`, at, manifest: { spec } }))

    const unasked = await here.run(['-p', '-f', 'app'])
    const { status, stdout, stderr } = await here.run(['-p', '-f', '2026-01-0[23]', '--yes'])

    expect(unasked.status).toBe(2)
    expect(unasked.stderr).toContain('--yes')
    expect(status).toBe(1)
    expect(stdout).toContain(`removed '${here.root}/${paths[1]}'`)
    expect(stderr).toContain(`Not deleted: '${here.root}/${paths[2]}' is the newest good backup.`)
    expect(await here.backups()).toEqual([paths[0], paths[2]])
  })

  test('of a volume that was taken over keeps the newest backup that can be read whole', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t AS SELECT md5(i::text) FROM generate_series(1, 5000) i',
    )
    await using source = await site([database.spec])
    await source.run(['-1'])
    const [made = ''] = await source.backups()
    const whole = await readFile(join(source.root, made))
    await using here = await site([database.spec], { NUM_BACKUPS: '1' })
    const core = `${sharedPostgres().host}-${database.name}`
    const paths: string[] = []
    for (const at of days(4)) paths.push(await fakeBackup(here.root, { core, at, bytes: 9 }))
    await writeFile(join(here.root, paths[0] ?? ''), whole)
    await writeFile(join(here.root, paths[1] ?? ''), whole)
    await writeFile(join(here.root, paths[2] ?? ''), whole.subarray(0, whole.length * 0.6))
    await writeFile(join(here.root, paths[3] ?? ''), whole.subarray(0, whole.length * 0.5))

    const { status } = await here.run(['-p'])

    expect(status).toBe(0)
    expect(await here.backups()).toEqual([paths[1], paths[3]])
  })

  test('-1 --dry-run does nothing, and says so', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec])

    const { status, stderr } = await here.run(['-1', '--dry-run'])

    expect(status).toBe(2)
    expect(stderr).toContain('--dry-run goes with -p and with -r')
    expect(await here.files()).toEqual([])
  })

  test('-p of a folder that is not there is a mistake, and makes none', async () => {
    await using here = await site(['h/app'])

    const { status } = await here.run(['-p'])

    expect(status).toBe(2)
    expect(await readdir(here.folder.path)).toEqual(['backup.conf'])
  })

  test.skipIf(cannotMount)(
    'a failure to delete is a failure, not an endless loop (D-38)',
    async () => {
      await using database = await createDatabase(sharedPostgres())
      await using here = await site([database.spec], { NUM_BACKUPS: '1' })
      const core = `${sharedPostgres().host}-${database.name}`
      const path = await fakeBackup(here.root, { core, at: new Date(2026, 0, 1) })
      execFileSync('chattr', ['+i', join(here.root, path)])

      try {
        const { status, stdout, stderr } = await here.run(['-1'])

        expect(status).toBe(1)
        expect(stdout).toContain('Successfully backed up')
        expect(stderr).toContain(path)
      } finally {
        execFileSync('chattr', ['-i', join(here.root, path)])
      }
    },
  )
})

describe('the environment', () => {
  test('alone describes one database when there is no file', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server)
    await using here = await site([])

    const { status, stdout } = await here.run(['-1'], {
      cwd: '/',
      env: {
        DATABASE_SERVICE_NAME: server.host,
        POSTGRESQL_PORT_NUM: String(server.port),
        POSTGRESQL_DATABASE: database.name,
        ...environmentOf(server.superuser),
      },
    })

    expect(status).toBe(0)
    expect(stdout).toContain(`Successfully backed up`)
    expect(await here.backups()).toHaveLength(1)
  })
})
