import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ageKey } from '../support/age-keys.ts'
import { type BucketPlace, bucketPlace } from '../support/bucket.ts'
import { cephStarts, sharedCeph } from '../support/ceph.ts'
import { mirrorVariables } from '../support/mirrors.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createDatabase, specOf, uniqueName } from '../support/test-database.ts'
import { temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const rows = `CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i`
/** More than one part of an upload, however well it is compressed. */
const muchMore = `CREATE TABLE big AS
  SELECT i, decode(string_agg(md5(i::text || j::text), ''), 'hex') AS bytes
  FROM generate_series(1, 4000) i, generate_series(1, 320) j GROUP BY i`
const sum = 'SELECT count(*), sum(hashtext(t::text)) FROM t'

function isBackup(key: string): boolean {
  return !key.startsWith('.catalog/')
}

async function siteInBucket(
  lines: readonly string[],
  place: BucketPlace,
  env: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const here = await site(lines)
  const { folder } = here
  const all = {
    ...place.variables,
    SCRATCH_DIR: folder.join('scratch'),
    VERIFICATION_DIR: folder.join('verification'),
    ...env,
  }
  return {
    ...here,
    run: (args, options = {}) => here.run(args, { ...options, env: { ...all, ...options.env } }),
    start: (args, options = {}) =>
      here.start(args, { ...options, env: { ...all, ...options.env } }),
  }
}

/** Files that are left in the scratch folder, of whatever depth. */
function leftIn(here: Site): readonly string[] {
  const folder = here.folder.join('scratch')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}

/** A place whose server is reached through a proxy that can cut it off. */
async function placeBehindProxy() {
  const place = await bucketPlace()
  const { host, port } = await sharedCeph()
  const proxy = await startTcpProxy({ host, port })
  const through = { S3_ENDPOINT: `http://${proxy.host}:${proxy.port}` }
  return { place, proxy, through, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() }
}

describe('BACKUP_DIR=s3://bucket/prefix', { timeout: cephStarts + 120_000 }, () => {
  test('is backed up to, listed, proved, checked, restored from and pruned, without a volume', async () => {
    await using small = await createDatabase(sharedPostgres(), undefined, rows)
    await using large = await createDatabase(sharedPostgres(), undefined, muchMore)
    const place = await bucketPlace()
    const lines = [small.spec, large.spec, `[${large.spec}]`, 'format = custom']
    await using here = await siteInBucket(lines, place, { NUM_BACKUPS: '1' })

    const first = await here.run(['-1'], { at: new Date('2026-11-19T01:00:00Z') })
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect((await place.keys()).filter(isBackup)).toEqual([
      expect.stringMatching(/^2026-11-19\/\S+_2026-11-19_01-00-\d\d\.(dump|sql\.gz)$/u),
      expect.stringMatching(/^2026-11-19\/\S+_2026-11-19_01-00-\d\d\.(dump|sql\.gz)$/u),
    ])
    expect(first.stdout).toContain(`${place.root}/2026-11-19/`)
    await here.run(['-1'], { at: new Date('2026-11-20T01:00:00Z') })
    const folders = (await place.keys()).filter(isBackup).map((key) => key.split('/')[0])
    expect(folders).toEqual(['2026-11-20', '2026-11-20'])
    const manifests = (await place.keys()).filter((key) => key.startsWith('.catalog/manifests/'))
    expect(manifests).toHaveLength(2)

    const at = new Date('2026-11-20T02:00:00Z')
    const proof = await here.run(['-v', 'all', '--json'], { at })
    expect(JSON.parse(proof.stdout)).toMatchObject({
      results: [{ verdict: 'verified' }, { verdict: 'verified' }],
    })
    expect(await here.run(['--check', 'all'], { at })).toMatchObject({ status: 0 })
    expect(await here.run(['--status'], { at })).toMatchObject({ status: 0 })
    const list = await here.run(['-l'], { at })
    expect(list.stdout).toMatch(
      new RegExp(`^\\d\\S*\t2026-11-20 01:00\t${place.root}/2026-11-20/\\S+\tverified$`, 'mu'),
    )
    expect(list.stdout.trimEnd().split('\n').at(-2)).toMatch(new RegExp(`\t${place.root}$`, 'u'))

    for (const { spec, table } of [
      { spec: small.spec, table: 't' },
      { spec: large.spec, table: 'big' },
    ]) {
      const target = uniqueName('back')
      const to = specOf(sharedPostgres(), target)
      const restored = await here.run(['-r', spec, '--to', to, '--yes'], { at })
      expect(restored).toMatchObject({ status: 0 })
      const query = sum.replace('FROM t', `FROM ${table} t`)
      const source = spec === small.spec ? small : large
      expect(await sharedPostgres().psql(target, query)).toBe(await source.psql(query))
      await sharedPostgres().psql('postgres', `DROP DATABASE "${target}"`)
    }
    const [shown = ''] = new RegExp(`${place.root}/2026-11-20/\\S+`, 'u').exec(list.stdout) ?? []
    expect(await here.run(['--pin', shown], { at })).toMatchObject({ status: 0, stderr: '' })
    expect(leftIn(here)).toEqual([])
    expect(await place.uploads()).toEqual([])
    expect(existsSync(here.root)).toBe(false)

    // Any tool can bring it all to a volume, and nothing is lost of what is known.
    await place.download(here.root)
    const onVolume = { at, env: { BACKUP_DIR: here.root, S3_ENDPOINT: '' } }
    const again = await here.run(['-l'], onVolume)
    expect(await here.run(['-1', '--only', small.spec], onVolume)).toMatchObject({ status: 0 })
    expect(again.stdout.match(/\tverified(?:, pinned)?$/gmu)).toHaveLength(2)
    expect(again.stdout).toContain(', pinned')
  })

  test('a run that is killed leaves no object, and the next takes over at once', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, muchMore)
    const place = await bucketPlace()
    await using proxy = await startTcpProxy(sharedPostgres())
    const spec = `${proxy.host}:${proxy.port}/${database.name}`
    await using here = await siteInBucket([spec], place)
    // The dump stops half-way, with parts of it on the server.
    proxy.stallAfter(39_000_000)
    await using running = here.start(['-1'], { timeoutMs: 120_000 })
    await waitUntil('parts are on their way', async () => (await place.uploads()).length > 0)

    const second = await here.run(['-1'])
    running.kill('SIGKILL')
    await running.done
    expect((await place.keys()).filter(isBackup)).toEqual([])
    proxy.resume()
    const status = await here.run(['--status', '--json'])
    const third = await here.run(['-1'])

    expect(second).toMatchObject({ status: 3 })
    expect(second.stderr).toContain('Another run holds the lock: backup.sh -1 on ')
    expect(JSON.parse(status.stdout)).toMatchObject({ databases: [{ state: 'unfinished' }] })
    expect(third).toMatchObject({ status: 0 })
    expect(third.stderr).toMatch(
      new RegExp(`Removed ${place.root}/\\S+\\.in_progress, the left-over of a run`, 'u'),
    )
    expect(await place.uploads()).toEqual([])
    expect((await place.keys()).filter(isBackup)).toHaveLength(1)
  })

  test('a server that goes away in the middle is a failure, and nothing counts as a backup', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, muchMore)
    await using behind = await placeBehindProxy()
    const { place, proxy, through } = behind
    await using here = await siteInBucket([database.spec], place, through)
    proxy.refuseAfterSent(20_000_000)

    const broken = await here.run(['-1'], { timeoutMs: 120_000 })
    await proxy.accept()
    const status = await here.run(['--status', '--json'])
    const again = await here.run(['-1'])

    expect(broken.status).toBe(1)
    expect(broken.stderr).toContain('cannot be reached')
    expect(broken.stdout).not.toContain('Successfully')
    expect(JSON.parse(status.stdout)).toMatchObject({ databases: [{ ok: false, lastGood: null }] })
    expect(again).toMatchObject({ status: 0 })
    expect((await place.keys()).filter(isBackup)).toHaveLength(1)
    expect(await place.uploads()).toEqual([])
  })

  test('a server that goes away while a backup is read says nothing about that backup', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, muchMore)
    await using behind = await placeBehindProxy()
    const { place, proxy, through } = behind
    await using here = await siteInBucket([database.spec], place, through)
    expect(await here.run(['-1'])).toMatchObject({ status: 0 })

    const ended = []
    for (const args of [
      ['-v', 'all', '--json'],
      ['--check', 'all', '--json'],
      ['-r', database.spec, '--yes'],
    ]) {
      proxy.stallAfter(proxy.bytes + 5_000_000)
      await using running = here.start(args)
      await waitUntil('it is on its way', () => readdirSync(here.folder.path).includes('scratch'))
      await waitUntil('some of it is here', () =>
        leftIn(here).some((name) => name.startsWith('.') || name.includes('.sql')),
      )
      await proxy.refuse()
      ended.push(await running.done)
      proxy.resume()
      await proxy.accept()
    }

    const [proof, check, restore] = ended
    expect(ended.map(({ status }) => status)).toEqual([1, 1, 1])
    expect(JSON.parse(proof?.stdout ?? '')).toMatchObject({
      results: [
        { verdict: 'could-not-verify', differences: [expect.stringMatching(/reached|lost/u)] },
      ],
    })
    expect(JSON.parse(check?.stdout ?? '')).toMatchObject({ results: [{ ok: false }] })
    expect(restore?.stderr).toMatch(/cannot be reached|connection .* was lost/u)
    expect(ended.map(({ stderr }) => stderr).join('')).not.toContain('defect')
    // Neither outage was taken for damage.
    expect(await here.run(['--status'])).toMatchObject({ status: 0 })
    expect(await database.psql('SELECT count(*) FROM big')).toBe('4000')
  })

  test('backups are encrypted, copied to mirrors, and mended from them', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, rows)
    const place = await bucketPlace()
    await using folder = temporaryFolder()
    const { recipient, identityFile } = ageKey(folder.join('key'))
    const mirrors = await mirrorVariables('ftp', 'restic')
    await using here = await siteInBucket([database.spec], place, {
      ...mirrors,
      ENCRYPTION_RECIPIENTS: recipient,
      DECRYPTION_IDENTITY_FILE: identityFile,
      FORMAT: 'directory',
    })
    const plain = { ENCRYPTION_RECIPIENTS: '', FORMAT: 'plain' }

    const clear = await here.run(['-1'], { env: plain })
    const encrypted = await here.run(['-1'], { env: { ENCRYPT: 'all' } })
    const backups = (await place.keys()).filter(isBackup)
    expect([clear, encrypted]).toMatchObject([{ status: 0 }, { status: 0 }])
    expect(backups).toEqual([
      expect.stringMatching(/\.dir\.tar\.age$|\.sql\.gz$/u),
      expect.stringMatching(/\.dir\.tar\.age$|\.sql\.gz$/u),
    ])
    const check = await here.run(['--check', 'all'])
    const proof = await here.run(['-v', 'all', '--json'])
    const fromFtp = await here.run(['-v', 'all', '--from', 'ftp', '--json'])
    expect(check).toMatchObject({ status: 0 })
    for (const { stdout } of [proof, fromFtp]) {
      expect(JSON.parse(stdout)).toMatchObject({ results: [{ verdict: 'verified' }] })
    }

    const damaged = backups.find((key) => key.endsWith('.sql.gz')) ?? ''
    await place.put(damaged, 'not what was sealed')
    const found = await here.run(['--check', 'all'])
    const mended = await here.run(['--mirror'])
    const after = await here.run(['--check', 'all'])
    expect([found.status, mended.status, after.status]).toEqual([1, 0, 0])
    expect(leftIn(here)).toEqual([])
  })

  test.each([
    [{ BACKUP_DIR: 's3://' }, 'no place in a bucket'],
    [{ BACKUP_DIR: 's3:/bucket/x' }, 'no place in a bucket'],
    [{ BACKUP_DIR: ' S3://bucket/x' }, 'no place in a bucket'],
    [{ BACKUP_DIR: 's3://me:secret@bucket/x' }, 'It names no bucket'],
    [{ BACKUP_DIR: 's3://bucket/../x' }, 'no folders in a bucket'],
    [{ BACKUP_DIR: 'gs://bucket/x' }, 'Backups cannot go straight to gs://'],
    [{ BACKUP_DIR: 's3://bbb/x', S3_BUCKET: 'bbb', S3_PREFIX: 'x/y' }, 'where the backups are'],
  ])('%o is a mistake', async (env, words) => {
    await using here = await site(['h/app'], { S3_ENDPOINT: 'http://127.0.0.1:1', ...env })

    const ended = await here.run(['-1'])

    expect(ended).toMatchObject({ status: 2 })
    expect(ended.stderr).toContain(words)
    expect(ended.stderr).not.toContain('secret')
  })
})
