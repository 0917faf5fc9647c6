import { createHash } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import { createDatabase, type TestDatabase } from '../support/test-database.ts'
import { manifestPathOf, readManifest } from '../support/volume.ts'

const sample = `
  CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL);
  INSERT INTO people (name) SELECT 'person ' || i FROM generate_series(1, 1000) i;
  CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES people);
  INSERT INTO orders SELECT i, i FROM generate_series(1, 500) i;
  CREATE VIEW names AS SELECT name FROM people`

async function backedUp(
  database: TestDatabase,
  env: Readonly<Record<string, string>> = {},
): Promise<Site & { readonly path: string }> {
  const here = await site([database.spec], env)
  // Root's scratch server runs as somebody else, who must get through.
  await chmod(here.folder.path, 0o711)
  const ended = await here.run(['-1'])
  if (ended.status !== 0) throw new Error(ended.stderr)
  const [path = ''] = await here.backups()
  return { ...here, path }
}

async function verify(
  here: Site,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ReturnType<Site['run']> {
  return await here.run(['-v', 'all', ...args], {
    env: { VERIFICATION_DIR: here.folder.join('verification'), ...env },
  })
}

async function verdictOf(
  here: Site,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly verdict: string; readonly differences: string[] }> {
  const { status, stdout, stderr } = await verify(here, ['--json'], env)
  const { results } = JSON.parse(stdout) as {
    results: { verdict: string; differences: string[] }[]
  }
  const [result] = results
  if (result === undefined) throw new Error(stderr)
  return { status, verdict: result.verdict, differences: result.differences }
}

/** Changes the plain text of an archive and makes its manifest agree with the new bytes. */
async function forge(
  here: Site & { readonly path: string },
  change: (sql: string) => string,
): Promise<void> {
  const file = join(here.root, here.path)
  const bytes = gzipSync(change(gunzipSync(await readFile(file)).toString('utf8')))
  await writeFile(file, bytes)
  const manifest = await readManifest(here.root, here.path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await writeFile(
    join(here.root, manifestPathOf(here.path)),
    JSON.stringify({ ...manifest, bytes: bytes.length, sha256 }),
  )
}

describe('a verification', () => {
  test('proves a backup by restoring it, in the original’s words', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)

    const { status, stdout, stderr } = await verify(here)

    expect(stderr).not.toContain('[!!ERROR!!]')
    expect(stdout).toContain(`Successfully verified backup: ${join(here.root, here.path)}`)
    expect(stdout).toMatch(/The restored database contained 2 tables, and is .* in size\./u)
    expect(stdout).toContain('Elapsed time: 0h:0m:')
    expect(status).toBe(0)
    const { verifications } = await readManifest(here.root, here.path)
    expect(verifications).toMatchObject([
      { verdict: 'verified', tables: 2, rows: 1500, differences: [] },
    ])
    expect((await here.run(['-l'])).stdout).toContain('\tverified')
    expect((await here.run(['--status'])).stdout).toContain('verified')
    expect((await here.runs()).at(-1)).toMatchObject({ verb: 'verify', result: 'succeeded' })
  })

  test('finds a row that was deleted from the archive', async () => {
    await using database = await createDatabase(sharedPostgres(), undefined, sample)
    await using here = await backedUp(database)
    await forge(here, (sql) => sql.replace('17\tperson 17\n', '').replace('17\t17\n', ''))

    const { status, verdict, differences } = await verdictOf(here)

    expect({ status, verdict }).toEqual({ status: 1, verdict: 'failed' })
    expect(differences).toContain('table public.people has 999 rows instead of 1000')
  })
})
