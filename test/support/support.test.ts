import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { describe, expect, test } from 'vitest'
import { startProgram } from './appliance.ts'
import { count } from './counts.ts'
import { binDirOfMajor, otherMajors } from './other-majors.ts'
import { connectionTo, freePort, startPostgres } from './postgres-server.ts'
import { isAlive } from './run-folder.ts'
import { sharedPostgres } from './shared-postgres.ts'
import { startBlackHole, startTcpProxy } from './tcp-proxy.ts'
import { createDatabase, createRole, specOf } from './test-database.ts'
import { startInTerminal, startProgramInTerminal } from './tty.ts'
import { fakeBackup, listBackups, listFiles, readManifest, temporaryFolder } from './volume.ts'
import { waitUntil } from './wait-until.ts'

describe('a PostgreSQL server of a test', () => {
  test('answers, keeps strangers out, and is gone afterwards', async () => {
    let pid = 0
    let folder = ''
    {
      await using server = await startPostgres({ settings: { max_connections: '17' } })
      pid = server.pid
      folder = server.folder

      expect(await server.psql('postgres', 'SHOW max_connections')).toBe('17')
      await expect(
        server.psql('postgres', 'SELECT 1', { user: 'postgres', password: 'wrong' }),
      ).rejects.toThrow('password authentication failed')
      expect(await server.log()).toContain('password authentication failed')
      expect(isAlive(pid)).toBe(true)
    }

    expect(isAlive(pid)).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  test('can be stopped and killed in the middle of work', async () => {
    await using stopped = await startPostgres()
    await using killed = await startPostgres()
    const work = [stopped, killed].map((server) => server.psql('postgres', 'SELECT pg_sleep(60)'))
    const failed = Promise.allSettled(work)
    for (const server of [stopped, killed]) {
      const query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
      await waitUntil('a sleeper', async () => (await server.psql('postgres', query)) === '1')
    }

    await Promise.all([stopped.stop(), killed.kill()])

    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect([stopped.pid, killed.pid].filter(isAlive)).toEqual([])
  })

  test.each(otherMajors)('can be of major %i', async (major) => {
    await using server = await startPostgres({ binDir: await binDirOfMajor(major) })

    expect(await server.psql('postgres', 'SHOW server_version')).toMatch(new RegExp(`^${major}\\.`))
  })

  test('ends when the program that started it is killed', async () => {
    const module = JSON.stringify(`${import.meta.dirname}/postgres-server.ts`)
    const script = `
      import { startPostgres } from ${module}
      const server = await startPostgres()
      console.log('server', server.pid)
      setInterval(() => {}, 1000)`
    await using program = startProgram(
      [process.execPath, '--input-type=module-typescript', '--eval', script],
      { env: { BACKUP_CONTAINER_TEST_RUN: process.env['BACKUP_CONTAINER_TEST_RUN'] } },
    )
    const pid = Number((await program.waitFor(/server (\d+)/u))[1])

    program.kill('SIGKILL')

    await expect(waitUntil('the orphan to end', () => !isAlive(pid))).resolves.toBe(true)
  })
})

describe('databases and roles of a test', () => {
  test('live on the shared server under any name', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      `a "quoted" name; ${count(1, 2)}`,
      'CREATE TABLE t AS SELECT generate_series(1, 3) AS n',
    )

    expect(await database.psql('SELECT sum(n) FROM t')).toBe('6')
    expect(database.spec).toBe(specOf(sharedPostgres(), database.name))
    expect(database.spec).toMatch(/^postgres=127\.0\.0\.1:\d+\/a%20%22quoted%22/u)
  })

  test('roles may do what they were given', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, 'CREATE TABLE t ()')
    await using role = await createRole(sharedPostgres(), { password: `p'"\\ $x -n é` })

    expect(await database.psql('SELECT 1', role)).toBe('1')
    await expect(database.psql('SELECT * FROM t', role)).rejects.toThrow('permission denied')
  })
})

describe('the proxy', () => {
  test('passes bytes through and counts them', async () => {
    await using proxy = await startTcpProxy(sharedPostgres())

    expect(await through(proxy.port, 1_000)).toContain('x'.repeat(1_000))
    expect(proxy.bytes).toBeGreaterThan(1_000)
    expect(proxy.bytes).toBeLessThan(5_000)
  })

  test('cuts a connection in the middle and then works again', async () => {
    await using proxy = await startTcpProxy(sharedPostgres())
    proxy.cutAfter(500_000)

    await expect(through(proxy.port, 5_000_000)).rejects.toThrow(/closed|lost|reset/u)
    expect(proxy.bytes).toBe(500_000)
    expect(await through(proxy.port, 5)).toContain('xxxxx')
  })

  test('stalls, and lets the rest pass later', async () => {
    await using proxy = await startTcpProxy(sharedPostgres())
    proxy.stallAfter(500_000)
    const answer = through(proxy.port, 5_000_000)
    await waitUntil('the stall', () => proxy.bytes === 500_000)

    proxy.resume()

    expect(await answer).toContain('x'.repeat(5_000_000))
  })

  test('refuses and accepts again', async () => {
    await using proxy = await startTcpProxy(sharedPostgres())

    await proxy.refuse()
    await expect(through(proxy.port, 5)).rejects.toThrow('Connection refused')
    await proxy.accept()

    expect(await through(proxy.port, 5)).toContain('xxxxx')
  })

  test('the black hole takes connections and says nothing', async () => {
    await using hole = await startBlackHole()
    const socket = createConnection({ host: hole.host, port: hole.port })
    socket.write('Hello?')

    await waitUntil('a connection', () => hole.connections === 1)

    expect(socket.bytesRead).toBe(0)
    socket.destroy()
  })

  test('a free port is one that nobody answers', async () => {
    await expect(through(await freePort(), 5)).rejects.toThrow('Connection refused')
  })

  async function through(port: number, bytes: number): Promise<string> {
    return connectionTo(port).psql('postgres', `SELECT repeat('x', ${bytes})`)
  }
})

describe('a volume of a test', () => {
  test('holds fake backups with and without manifest', async () => {
    await using volume = temporaryFolder()
    const at = new Date(2026, 10, 20, 1, 0, 0)

    const bare = await fakeBackup(volume.path, { core: 'h-app', at, tier: 'daily', bytes: 100 })
    const known = await fakeBackup(volume.path, { core: 'h-app', at, manifest: { roles: ['me'] } })
    await writeFile(volume.join('x.in_progress'), '')

    expect(bare).toBe('daily/2026-11-20/h-app_2026-11-20_01-00-00.sql.gz')
    expect(known).toBe('2026-11-20/h-app_2026-11-20_01-00-00.sql.gz')
    expect(await listBackups(volume.path)).toEqual([known, bare])
    expect(await listFiles(volume.path)).toHaveLength(4)
    expect(await readManifest(volume.path, known)).toMatchObject({ path: known, roles: ['me'] })
  })
})

describe('a program of a test', () => {
  test('sees only the environment it is given', async () => {
    await using program = startProgram(['env'], { env: { A: 'b', GONE: undefined }, stdin: '' })

    const { stdout, status } = await program.done

    expect(status).toBe(0)
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(new Set(names)).toEqual(new Set(['A', 'HOME', 'PATH', 'TZ']))
  })

  test('reads what it is sent and can be waited for and ended', async () => {
    await using program = startProgram(['sh', '-c', 'cat; echo waiting >&2; exec sleep 60'], {
      stdin: 'hello',
    })

    expect((await program.waitFor(/h(ell)o/u))[1]).toBe('ell')
    await program.waitFor(/waiting/u)
    program.kill()

    expect(await program.done).toMatchObject({ status: 143, signal: 'SIGTERM', stdout: 'hello' })
    await expect(program.waitFor(/never/u)).rejects.toThrow('ended without')
  })

  test('believes the time it is told, and so do its children', async () => {
    const at = new Date('2026-11-29T01:00:00Z')
    const script = `
      console.log(new Date().toISOString())
      console.log(require('child_process').execFileSync('date', ['-u', '+%FT%T']).toString())`
    await using program = startProgram([process.execPath, '-e', script], { at })

    const { stdout } = await program.done

    expect(stdout).toMatch(/^2026-11-29T01:00:0\d\.\d+Z\n2026-11-29T01:00:0\d\n/u)
  })

  test('psql and pg_dump work at another time', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, 'CREATE TABLE t ()')
    const { host, port, superuser } = sharedPostgres()
    const env = {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: superuser.user,
      PGPASSWORD: superuser.password,
      PGDATABASE: database.name,
      PGCONNECT_TIMEOUT: '5',
    }
    await using program = startProgram(['sh', '-c', 'psql -c "SELECT 1" && pg_dump && date +%Y'], {
      env,
      at: new Date('2031-02-28T23:59:00Z'),
    })

    const { stdout, stderr } = await program.done

    expect(stderr).toBe('')
    expect(stdout).toContain('CREATE TABLE public.t')
    expect(stdout.trim()).toMatch(/2031$/u)
  })

  test('has a terminal when it is given one', async () => {
    await using folder = temporaryFolder()
    const script = folder.join("it's a script")
    await writeFile(script, '#!/bin/sh\ntest -t 0 && stty size\nread -r line\nexit "$line"\n')
    await chmod(script, 0o755)
    await using terminal = startProgramInTerminal([script], { columns: 77, rows: 11 })

    await terminal.waitFor(/11 77/u)
    terminal.type('42\r')

    expect(await terminal.done).toMatchObject({ status: 42 })
  })

  test('can be the appliance itself', async () => {
    await using terminal = startInTerminal(['--help'])

    await terminal.waitFor(/backup\.sh/u)

    expect(await terminal.done).toMatchObject({ status: 0 })
  })
})
