import { createHash } from 'node:crypto'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase, type TestDatabase } from '../support/test-database.ts'
import { fakeBackup, fakeManifest } from '../support/volume.ts'

const flips = 200
const sample = `CREATE TABLE t AS SELECT i, md5(i::text) AS x FROM generate_series(1, 3000) AS i;
  CREATE TABLE u AS SELECT 1 AS i`

interface Rotten {
  readonly path: string
  readonly bytes: Buffer
}

/** As many copies of an archive as there are flips, each with one bit of it turned. */
async function rot(
  here: Site,
  whole: {
    readonly bytes: Buffer
    readonly database: TestDatabase
    readonly codec: 'gzip' | 'zstd'
  },
  withManifest: boolean,
): Promise<readonly Rotten[]> {
  const { bytes, database, codec } = whole
  const core = `127.0.0.1-${database.name}`
  const rotten: Rotten[] = []
  for (let flip = 0; flip < flips; flip += 1) {
    // The first ones are those of the header, where a reader is most easily led astray.
    const at = flip < 20 ? flip : Math.floor(Math.random() * bytes.length)
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
    const time = new Date(Date.UTC(2026, 0, 1 + flip, 12))
    const backup = { core, at: time, codec, content: flipped }
    const manifest = { ...fakeManifest('', time, bytes), spec: database.spec, codec }
    const { path: _, ...rest } = manifest
    const path = await fakeBackup(here.root, {
      ...backup,
      ...(withManifest ? { manifest: rest } : {}),
    })
    rotten.push({ path, bytes: flipped })
  }
  return rotten
}

function plainOf(bytes: Buffer, codec: 'gzip' | 'zstd'): string | null {
  try {
    const plain = codec === 'gzip' ? gunzipSync(bytes) : zstdDecompressSync(bytes)
    return createHash('md5').update(plain).digest('hex')
  } catch {
    return null
  }
}

describe.each([
  ['gzip', true],
  ['gzip', false],
  ['zstd', true],
  ['zstd', false],
] as const)('%s, manifest: %s', (codec, withManifest) => {
  test(`one flipped bit at each of ${flips} places is found, or the content is the same`, async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await site([database.spec], { COMPRESSION: codec, TZ: 'UTC' })
    await chmod(here.folder.path, 0o711)
    expect(await here.run(['-1'])).toMatchObject({ status: 0 })
    const [made = ''] = await here.backups()
    const bytes = await readFile(join(here.root, made))
    await rm(join(here.root, made.split('/')[0] ?? ''), { recursive: true })
    await rm(join(here.root, '.catalog'), { recursive: true })
    const rotten = await rot(here, { bytes, database, codec }, withManifest)

    const { stdout } = await here.run(['--check', 'all', '--json'], { timeoutMs: 120_000 })

    const { results } = JSON.parse(stdout) as { results: { path: string; ok: boolean }[] }
    expect(results).toHaveLength(flips)
    const passed = new Set(results.filter(({ ok }) => ok).map(({ path }) => path))
    const whole = plainOf(bytes, codec)
    const missed = rotten.filter(
      (each) => passed.has(each.path) && plainOf(each.bytes, codec) !== whole,
    )
    expect(missed.map(({ path }) => path)).toEqual([])
    expect(withManifest ? passed.size : 0).toBe(0)
    expect(results.filter(({ ok }) => !ok).length).toBeGreaterThan(flips / 2)

    // What --check finds, a restore and a verification refuse: the reader is one.
    const bad = rotten.find(({ path }) => !passed.has(path))?.path ?? ''
    const restore = await here.run(['-r', database.spec, '-f', bad, '--yes'])
    const verification = await here.run(['-v', database.spec, '-f', bad, '--json'], {
      env: { VERIFICATION_DIR: here.folder.join('verification') },
    })
    expect(restore.status).toBe(1)
    expect(restore.stderr).toContain('is damaged')
    expect(JSON.parse(verification.stdout)).toMatchObject({ results: [{ verdict: 'failed' }] })
    expect(verification.status).toBe(1)
    expect(await database.psql('SELECT count(*) FROM t')).toBe('3000')
  }, 180_000)
})

describe.each([
  ['gzip', true],
  ['gzip', false],
  ['zstd', true],
  ['zstd', false],
] as const)('D-04: %s, manifest: %s', (codec, withManifest) => {
  test('an archive that is cut at 60 % is refused by -r, -v and --check', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await site([database.spec], { COMPRESSION: codec })
    await chmod(here.folder.path, 0o711)
    expect(await here.run(['-1'])).toMatchObject({ status: 0 })
    const [path = ''] = await here.backups()
    const bytes = await readFile(join(here.root, path))
    await writeFile(join(here.root, path), bytes.subarray(0, bytes.length * 0.6))
    const forgotten = withManifest ? [] : ['.catalog']
    for (const name of forgotten) await rm(join(here.root, name), { recursive: true })
    const env = { VERIFICATION_DIR: here.folder.join('verification') }

    const statuses = await Promise.all(
      [
        ['-r', database.spec, '-f', path, '--yes'],
        ['-v', database.spec, '-f', path],
        ['--check', 'all'],
      ].map(async (args) => (await here.run(args, { env })).status),
    )

    expect(statuses).toEqual([1, 1, 1])
    expect(await database.psql('SELECT count(*) FROM t')).toBe('3000')
  })
})
