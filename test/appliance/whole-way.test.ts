import { chmod } from 'node:fs/promises'
import { expect, test } from 'vitest'
import {
  awkwardObjects,
  awkwardRoutines,
  awkwardRows,
} from '../engines/postgres/awkward-objects.ts'
import { contentOf } from '../engines/postgres/load-setting.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { createDatabase } from '../support/test-database.ts'
import { readManifest } from '../support/volume.ts'

const server = () => sharedPostgres()

test('everything odd that a database may hold comes back from a plain archive', async () => {
  await using database = await createDatabase(
    server(),
    undefined,
    `${awkwardRows};${awkwardRoutines};${awkwardObjects}`,
  )
  const before = await contentOf(server(), database.name)
  await using here = await site([database.spec])
  expect(await here.run(['-1'])).toMatchObject({ status: 0, stderr: '' })
  await database.psql(
    'DROP TABLE many CASCADE; DROP TABLE hen, egg CASCADE; SELECT lo_unlink(16400)',
  )

  expect(await here.run(['-r', database.spec, '--yes'])).toMatchObject({ status: 0, stderr: '' })

  expect(await contentOf(server(), database.name)).toBe(before)
})

test('2 000 tables are backed up while others write to them, verified and restored', async () => {
  await using database = await createDatabase(server())
  await database.psql(`SELECT format('CREATE TABLE t%s (id int); INSERT INTO t%s VALUES (1)', i, i)
    FROM generate_series(1, 2000) i \\gexec`)
  await using here = await site([database.spec])
  await chmod(here.folder.path, 0o711)
  const over = new AbortController()
  let written = 0
  const write = async () => {
    while (!over.signal.aborted) {
      const table = 1 + (written % 2000)
      await database.psql(`INSERT INTO t${table} SELECT 2 FROM generate_series(1, 3)`)
      written += 1
    }
  }
  const writers = [write(), write()]
  await expect.poll(() => written).toBeGreaterThan(2)
  const before = written
  const backup = await here.run(['-1'])
  expect(written).toBeGreaterThan(before)
  over.abort()
  await Promise.all(writers)

  const env = { VERIFICATION_DIR: here.folder.join('verification') }
  const verification = await here.run(['-v', 'all', '--json'], { env })

  expect(backup).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(verification.stdout)).toMatchObject({
    results: [{ verdict: 'verified', tables: 2000, differences: [] }],
  })
  const [path = ''] = await here.backups()
  const { fingerprint } = await readManifest(here.root, path)
  expect(await here.run(['-r', database.spec, '--yes'])).toMatchObject({ status: 0, stderr: '' })
  const counted = fingerprint.tables?.reduce((sum, { rows }) => sum + rows, 0)
  const restored = await database.psql(
    `SELECT sum((xpath('//c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I', relname), true, true, '')))[1]::text::int)
      FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  )
  expect(Number(restored)).toBe(counted)
}, 180_000)
