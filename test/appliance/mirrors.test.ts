import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type MirrorName, mirrorNames } from '../../src/model/index.ts'
import { cephStarts } from '../support/ceph.ts'
import { count } from '../support/counts.ts'
import { mirrorVariables } from '../support/mirrors.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase, specOf, uniqueName } from '../support/test-database.ts'

const rows = `CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i`

interface Listed {
  readonly path: string
  readonly copies: readonly { readonly store: string; readonly ok: boolean }[]
}

async function listed(here: Site, from?: string): Promise<readonly Listed[]> {
  const args = from === undefined ? [] : ['--from', from]
  const { status, stdout, stderr } = await here.run(['-l', '--json', ...args])
  if (status !== 0) throw new Error(stderr)
  return (JSON.parse(stdout) as { backups: Listed[] }).backups
}

describe('a cycle with mirrors', () => {
  test(
    'has a copy in each of them, from which everything comes back when the volume is lost',
    async () => {
      await using database = await createDatabase(sharedPostgres(), undefined, rows)
      const mirrors = await mirrorVariables(...mirrorNames)
      await using here = await site([database.spec], mirrors)

      const cycle = await here.run(['-1'])
      const [backup] = await listed(here)
      const status = await here.run(['--status'])

      expect(cycle).toMatchObject({ status: 0, stderr: '' })
      for (const name of mirrorNames) {
        expect(cycle.stdout).toMatch(new RegExp(`^Copied \\S+\\.sql\\.gz to ${name} \\(`, 'mu'))
      }
      expect(backup?.copies.map(({ store }) => store).toSorted()).toEqual(mirrorNames.toSorted())
      expect(status.stdout).toMatch(/4: volume, /u)
      const [run] = await here.runs()
      expect(run?.mirrors?.map(({ failures }) => failures)).toEqual([[], [], []])

      await rm(here.root, { recursive: true })
      for (const name of mirrorNames) {
        const target = uniqueName('back')
        const to = specOf(sharedPostgres(), target)
        const restored = await here.run(['-r', database.spec, '--to', to, '--from', name, '--yes'])
        await using back = { name: target, [Symbol.asyncDispose]: () => drop(target) }
        expect({ name, ...restored }).toMatchObject({ name, status: 0 })
        const sum = 'SELECT count(*), sum(hashtext(t::text)) FROM t'
        expect(await sharedPostgres().psql(back.name, sum)).toBe(await database.psql(sum))
      }
      const proof = await here.run(['-v', 'all', '--from', 's3', '--json'], {
        env: { VERIFICATION_DIR: here.folder.join('verification') },
      })
      const check = await here.run(['--check', 'all', '--from', 'restic'])
      expect(JSON.parse(proof.stdout)).toMatchObject({ results: [{ verdict: 'verified' }] })
      expect(check).toMatchObject({ status: 0 })
      expect((await listed(here, 's3')).map(({ copies }) => copies)).toEqual([
        [{ store: 's3', ok: true }],
      ])
    },
    cephStarts + 120_000,
  )

  test(
    'loses nothing when a mirror is down for three of them',
    async () => {
      await using database = await createDatabase(sharedPostgres(), undefined, rows)
      const mirror = await mirrorVariables('s3')
      const { hostname, port } = new URL(mirror['S3_ENDPOINT'] ?? '')
      await using proxy = await startTcpProxy({ host: hostname, port: Number(port) })
      await using here = await site([database.spec], {
        ...mirror,
        S3_ENDPOINT: `http://${proxy.host}:${proxy.port}`,
        MIRROR_TRIES: '1',
        NUM_BACKUPS: '2',
        S3_NUM_BACKUPS: '9',
      })
      await proxy.refuse()

      for (let cycle = 1; cycle <= 3; cycle += 1) {
        const ended = await here.run(['-1'])
        expect(ended).toMatchObject({ status: 1 })
        expect(ended.stderr).toContain('The backup on the volume is not affected.')
        expect(ended.stderr).toContain('complete on the volume, but not in s3.')
      }
      const during = await listed(here)
      const status = await here.run(['--status', '--json'])
      await proxy.accept()
      const ended = await here.run(['--mirror'])

      expect(during.map(({ copies }) => copies)).toEqual([[], [], []])
      expect(JSON.parse(status.stdout)).toMatchObject({
        databases: [{ state: 'good', ok: true, mirrors: [{ store: 's3', lacks: 3 }] }],
      })
      expect(ended).toMatchObject({ status: 0, stderr: '' })
      expect(ended.stdout).toContain('s3: 3 copied, 0 mended, 0 pruned.')
      expect((await listed(here, 's3')).map(({ path }) => path)).toEqual(
        during.map(({ path }) => path),
      )
      const pruned = await here.run(['-p'])
      expect(pruned.status).toBe(0)
      expect(await here.backups()).toHaveLength(2)
    },
    cephStarts + 60_000,
  )

  test.each([
    ['s3', { S3_PASSWORD: 'unmistakably-wrong' }],
    ['ftp', { FTP_PASSWORD: 'unmistakably-wrong' }],
    ['restic', { RESTIC_PASSWORD: 'unmistakably-wrong' }],
  ] as const)(
    'and wrong credentials for %s ends with 1, and the backup stays good',
    async (name, wrong) => {
      await using database = await createDatabase(sharedPostgres(), undefined, rows)
      const right = await mirrorVariables(name)
      await using here = await site([database.spec], { ...right, MIRROR_TRIES: '1' })
      expect((await here.run(['-1'])).status).toBe(0)

      const { status, stdout, stderr } = await here.run(['-1'], { env: wrong })

      expect(status).toBe(1)
      expect(stderr).toContain(`is not in ${name}. The backup on the volume is not affected.`)
      expect(stdout + stderr).not.toContain('unmistakably-wrong')
      expect((await here.run(['--status'])).status).toBe(0)
      expect(await here.backups()).toHaveLength(2)
    },
    cephStarts + 60_000,
  )

  test(
    'that is killed at any moment leaves nothing that is half, and the next one completes it',
    async () => {
      await using database = await createDatabase(sharedPostgres(), undefined, rows)
      const names = count<readonly MirrorName[]>(['s3', 'ftp'], mirrorNames)
      const mirrors = await mirrorVariables(...names)
      await using here = await site([database.spec], mirrors)
      const whole = await here.run(['-1'])
      expect(whole.status).toBe(0)

      for (let kill = 1; kill <= count(3, 30); kill += 1) {
        await using victim = here.start(['-1'])
        await pause(Math.random() * whole.ms)
        victim.kill('SIGKILL')
        await victim.done
      }
      const next = await here.run(['-1'])

      expect(next).toMatchObject({ status: 0 })
      const backups = await here.backups()
      for (const name of names) {
        const checked = await here.run(['--check', 'all', '--from', name, '--json'])
        const { results } = JSON.parse(checked.stdout) as { results: { ok: boolean }[] }
        expect({ name, ok: results.map(({ ok }) => ok) }).toEqual({
          name,
          ok: backups.map(() => true),
        })
      }
    },
    cephStarts + count(120_000, 900_000),
  )
})

async function drop(name: string): Promise<void> {
  await sharedPostgres().psql('postgres', `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
}
