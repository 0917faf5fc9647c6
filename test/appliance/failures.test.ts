import { execFileSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { debianBinDir } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase, createRole } from '../support/test-database.ts'
import { fakeBackup, temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const megabytes = (count: number) =>
  `CREATE TABLE big AS SELECT i, md5(i::text) || md5((i * 7)::text) AS t FROM generate_series(1, ${count * 14_000}) AS i`

/** Old good backups that NUM_BACKUPS=1 would prune if anything were pruned. */
async function oldBackups(root: string, spec: string): Promise<readonly string[]> {
  const core = spec.replace('postgres=', '').replace(/:\d+\//u, '-')
  const days = [1, 2, 3].map((day) => new Date(2026, 0, day, 1, 0, 0))
  return await Promise.all(days.map((at) => fakeBackup(root, { core, at, manifest: { spec } })))
}

describe('D-01: a failed dump is a failure, leaves no file and prunes nothing', () => {
  test('when the server is down', async () => {
    await using here = await site(['postgres=127.0.0.1:1/app'], { NUM_BACKUPS: '1' })
    const old = await oldBackups(here.root, 'postgres=127.0.0.1:1/app')

    const { status, stdout, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stderr).toContain('Failed to backup postgres=127.0.0.1:1/app.')
    expect(stderr).toContain('No server listens there')
    expect(stdout).not.toContain('Successfully')
    expect(stdout).not.toContain('run complete')
    expect(await here.files()).toEqual(old)
  })

  test('when the database is missing', async () => {
    const { host, port } = sharedPostgres()
    await using here = await site([`postgres=${host}:${port}/not_there`], { NUM_BACKUPS: '1' })
    const old = await oldBackups(here.root, `postgres=${host}:${port}/not_there`)

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stderr).toContain('The server has no database of that name')
    expect(await here.files()).toEqual(old)
  })

  test('when one table may not be read', async () => {
    const server = sharedPostgres()
    await using role = await createRole(server)
    await using database = await createDatabase(server)
    await database.psql('CREATE TABLE closed (i int)')
    await using here = await site([database.spec], { ...role.environment, NUM_BACKUPS: '1' })
    const old = await oldBackups(here.root, database.spec)

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stderr).toContain('may not read public.closed')
    expect(stderr).toContain(`GRANT pg_read_all_data TO ${role.user};`)
    expect(await here.files()).toEqual(old)
  })

  test('when the connection is cut in the middle', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, megabytes(20))
    await using proxy = await startTcpProxy(server)
    const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
    await using here = await site([spec], { NUM_BACKUPS: '1', PGSSLMODE: 'disable' })
    const old = await oldBackups(here.root, spec)
    proxy.cutAfter(8_000_000)

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stderr).toContain('The connection was lost in the middle')
    expect(await here.files()).toEqual(old)
  })

  test('when the server stops sending without closing the connection', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, megabytes(20))
    await using proxy = await startTcpProxy(server)
    const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
    await using here = await site([spec], { STALL_TIMEOUT: '1s', PGSSLMODE: 'disable' })
    proxy.stallAfter(8_000_000)

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stderr).toContain('sent nothing for too long')
    expect(stderr).toContain('STALL_TIMEOUT')
    expect(await here.files()).toEqual([])
  })

  test('when a table is locked for ever', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, 'CREATE TABLE t (i int)')
    await using here = await site([database.spec], { LOCK_TIMEOUT: '1s' })
    const holder = database.psql('BEGIN; LOCK TABLE t; SELECT pg_sleep(20)').catch(() => 'ended')
    await waitUntil(
      'the lock',
      async () =>
        (await server.psql(
          'postgres',
          "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation IS NOT NULL",
        )) !== '0',
    )

    const { status, stderr } = await here.run(['-1'])

    await database.drop()
    await holder
    expect(status).toBe(1)
    expect(stderr).toContain('LOCK_TIMEOUT')
    expect(await here.files()).toEqual([])
  })

  test('when pg_dump ends well with half a dump', async () => {
    await using tools = temporaryFolder()
    await mkdir(tools.join('bin'))
    const real = debianBinDir()
    for (const name of ['psql', 'pg_dumpall']) {
      await writeFile(tools.join('bin', name), `#!/bin/sh\nexec ${real}/${name} "$@"\n`, {
        mode: 0o755,
      })
    }
    const half = `#!/bin/sh\ncase "$1" in --version) exec ${real}/pg_dump --version;; esac\n${real}/pg_dump "$@" | head -c 300\n`
    await writeFile(tools.join('bin/pg_dump'), half, { mode: 0o755 })
    await using database = await createDatabase(sharedPostgres(), undefined, megabytes(1))
    await using here = await site([database.spec], { PG_BIN_DIR: tools.join('bin') })

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stderr).toContain('the end marker of a dump is missing')
    expect(await here.files()).toEqual([])
  })

  test('and never stops the databases after it', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site(['postgres=127.0.0.1:1/first', database.spec])

    const { status, stdout, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stdout).toContain(`Successfully backed up ${database.spec}.`)
    expect(stderr).toContain('Single backup run failed for 1 of 2: postgres=127.0.0.1:1/first.')
    expect(await here.backups()).toHaveLength(1)
    expect((await here.runs())[0]).toMatchObject({
      result: 'failed',
      databases: [{ state: 'failed' }, { state: 'succeeded' }],
    })
  })
})

describe('a volume that cannot take a backup', () => {
  test.skipIf(cannotMount)(
    `when it is full loses nothing and says so${cannotMountNote}`,
    async () => {
      await using volume = smallVolume(600)
      await using database = await createDatabase(sharedPostgres(), undefined, megabytes(10))
      await using small = await createDatabase(sharedPostgres())
      await using here = await site([small.spec], { NUM_BACKUPS: '1' }, volume.path)
      expect((await here.run(['-1'])).status).toBe(0)
      const before = await here.files()
      await writeFile(here.folder.join('backup.conf'), `${database.spec}\n`)

      const { status, stdout, stderr } = await here.run(['-1'])

      expect(status).toBe(1)
      expect(stderr).toMatch(/volume is full/u)
      expect(stdout).not.toContain('Successfully')
      expect(await here.files()).toEqual(before)
      expect((await here.run(['-l'])).status).toBe(0)
    },
  )

  test.skipIf(cannotMount)(
    `lets itself be pruned when not a byte is left${cannotMountNote}`,
    async () => {
      await using volume = smallVolume(400)
      const { host, port } = sharedPostgres()
      await using here = await site([`${host}:${port}/app`], { NUM_BACKUPS: '1' }, volume.path)
      await oldBackups(here.root, `postgres=${host}:${port}/app`)
      await writeFile(volume.join('filler'), Buffer.alloc(1_000_000)).catch(() => {})

      const { status } = await here.run(['-p'], { at: new Date(2026, 0, 4) })

      expect(status).toBe(0)
      expect(await here.backups()).toEqual([
        `2026-01-03/${host}-app_2026-01-03_01-00-00.sql.gz`,
        'filler',
      ])
    },
  )

  test('D-21, D-22: a folder that cannot be made is a failure, and no other folder is used', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using blocked = temporaryFolder()
    await writeFile(blocked.join('file'), '')
    await using here = await site([database.spec], {}, blocked.join('file/backups'))

    const { status, stdout, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    expect(stdout).not.toContain('complete')
    expect(stderr).toContain('has a file where a folder should be')
    expect(stderr).toContain(blocked.join('file'))
  })

  test.skipIf(cannotMount)(
    `when it is read-only is a failure with its reason${cannotMountNote}`,
    async () => {
      await using volume = smallVolume(1_000)
      await using database = await createDatabase(sharedPostgres())
      await using here = await site([database.spec], {}, volume.path)
      execFileSync('mount', ['-o', 'remount,ro', volume.path])

      const { status, stderr } = await here.run(['-1'])

      expect(status).toBe(1)
      expect(stderr).toContain('the volume is mounted read-only')
      expect((await here.run(['-l'])).status).toBe(0)
      expect((await here.run(['--status'])).status).toBe(1)
    },
  )

  test.skipIf(cannotMount)(
    `when it is full is remembered by --status${cannotMountNote}`,
    async () => {
      await using volume = smallVolume(6_000)
      await using database = await createDatabase(sharedPostgres(), undefined, megabytes(2))
      await using here = await site([database.spec], {}, volume.path)
      expect((await here.run(['-1'])).status).toBe(0)
      await writeFile(volume.join('filler'), Buffer.alloc(8_000_000)).catch(() => {})

      const run = await here.run(['-1'])
      const full = await here.run(['--status'])
      await rm(volume.join('filler'))
      const later = await here.run(['--status'])

      expect(run.status).toBe(1)
      expect([full.status, later.status]).toEqual([1, 1])
      expect(later.stdout).toMatch(/^failed/mu)
    },
  )
})

describe('signals', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s in the middle of a dump removes the partial file within 5 s',
    async (signal, expected) => {
      const server = sharedPostgres()
      await using database = await createDatabase(server, undefined, megabytes(20))
      await using proxy = await startTcpProxy(server)
      const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
      await using here = await site([spec], { PGSSLMODE: 'disable' })
      proxy.stallAfter(8_000_000)
      await using run = here.start(['-1'])
      await waitUntil('a partial file', async () =>
        (await here.files()).some((file) => file.endsWith('.in_progress')),
      )
      const started = performance.now()

      run.kill(signal)
      const { status, stderr } = await run.done

      expect(status).toBe(expected)
      expect(performance.now() - started).toBeLessThan(5_000)
      expect(stderr).toContain(`Ended by ${signal}.`)
      expect(await here.files()).toEqual([])
      expect((await here.runs())[0]).toMatchObject({
        result: 'interrupted',
        databases: [{ state: 'interrupted' }],
      })
    },
  )

  test('SIGTERM while rows are counted ends in order, too', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, megabytes(30))
    await using here = await site([database.spec], { FINGERPRINT: 'content' })
    const counts = async (): Promise<number> =>
      Number(
        await server.psql(
          'postgres',
          `SELECT count(*) FROM pg_stat_activity WHERE state = 'active'
            AND datname = '${database.name}' AND query LIKE '%hashtextextended%'`,
        ),
      )
    for (const _turn of [1, 2, 3]) {
      await waitUntil('the end of the count before', async () => (await counts()) === 0)
      await using run = here.start(['-1'])
      await waitUntil('the count', async () => (await counts()) > 0)

      run.kill('SIGTERM')

      const { status, stderr } = await run.done
      expect(stderr).toContain('Ended by SIGTERM.')
      expect(status).toBe(143)
      expect(await here.files()).toEqual([])
      expect((await here.runs()).at(-1)).toMatchObject({ result: 'interrupted' })
    }
  })

  test('a run that was killed leaves nothing that the next one does not clear (D-09)', async () => {
    const server = sharedPostgres()
    await using database = await createDatabase(server, undefined, megabytes(20))
    await using proxy = await startTcpProxy(server)
    const spec = `postgres=${proxy.host}:${proxy.port}/${database.name}`
    await using here = await site([spec], { PGSSLMODE: 'disable' })
    proxy.stallAfter(8_000_000)
    await using run = here.start(['-1'])
    await waitUntil('a partial file', async () =>
      (await here.files()).some((file) => file.endsWith('.in_progress')),
    )
    run.kill('SIGKILL')
    await run.done
    expect((await here.run(['--status'])).stdout).toMatch(/^unfinished/mu)
    proxy.resume()

    const { status, stderr } = await here.run(['-1'])

    expect(status).toBe(0)
    expect(stderr).toContain('left-over of a run that was interrupted')
    const files = await here.files()
    expect(files).toHaveLength(1)
    expect(files[0]).toMatch(/\.sql\.gz$/u)
  })
})
