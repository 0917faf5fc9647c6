import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type BucketPlace, bucketPlace } from '../support/bucket.ts'
import { cephStarts } from '../support/ceph.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase, specOf, uniqueName } from '../support/test-database.ts'

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

describe('BACKUP_DIR=s3://bucket/prefix', { timeout: cephStarts + 120_000 }, () => {
  test('is backed up to, listed, proved, checked, restored from and pruned, without a volume', async () => {
    await using small = await createDatabase(sharedPostgres(), undefined, rows)
    await using large = await createDatabase(sharedPostgres(), undefined, muchMore)
    const place = await bucketPlace()
    const lines = [small.spec, large.spec, `[${large.spec}]`, 'format = custom']
    await using here = await siteInBucket(lines, place, { NUM_BACKUPS: '2' })

    const first = await here.run(['-1'], { at: new Date('2026-11-18T01:00:00Z') })
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect((await place.keys()).filter(isBackup)).toEqual([
      expect.stringMatching(/^2026-11-18\/\S+_2026-11-18_01-00-\d\d\.(dump|sql\.gz)$/u),
      expect.stringMatching(/^2026-11-18\/\S+_2026-11-18_01-00-\d\d\.(dump|sql\.gz)$/u),
    ])
    expect(first.stdout).toContain(`${place.root}/2026-11-18/`)
    await here.run(['-1'], { at: new Date('2026-11-19T01:00:00Z') })
    await here.run(['-1'], { at: new Date('2026-11-20T01:00:00Z') })
    const folders = (await place.keys()).filter(isBackup).map((key) => key.split('/')[0])
    expect(folders).toEqual(['2026-11-19', '2026-11-19', '2026-11-20', '2026-11-20'])
    const manifests = (await place.keys()).filter((key) => key.startsWith('.catalog/manifests/'))
    expect(manifests).toHaveLength(4)

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
    expect(leftIn(here)).toEqual([])
    expect(await place.uploads()).toEqual([])
    expect(existsSync(here.root)).toBe(false)
  })
})
