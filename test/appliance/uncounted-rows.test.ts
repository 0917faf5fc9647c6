import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { createDatabase } from '../support/test-database.ts'
import { type BackedUp, backedUp, forge, verdictOf, verify } from '../support/verifying.ts'

const block = /^COPY (\S+) \(i\) FROM stdin;\n((?:\d+\n)*)\\\.\n/mu

/** As `pg_dump --inserts` writes it. */
function withInserts(sql: string): string {
  return sql.replace(block, (_, table: string, rows: string) =>
    rows.replaceAll(/(\d+)\n/gu, `INSERT INTO ${table} VALUES ($1);\n`),
  )
}

function withOptions(sql: string): string {
  return sql.replace(block, 'COPY $1 (i) FROM stdin WITH (FORMAT text);\n$2\\.\n')
}

async function withoutManifest(here: BackedUp): Promise<void> {
  await rm(join(here.root, '.catalog'), { recursive: true })
}

describe('rows that the loader cannot count', () => {
  test.each([
    ['INSERT', withInserts],
    ['COPY with options', withOptions],
  ])('by %s are not said to be compared, without a manifest', async (_, change) => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t AS SELECT generate_series(1, 3) AS i',
    )
    await using here = await backedUp(database)
    await forge(here, change)
    await withoutManifest(here)

    const { status, stdout } = await verify(here)
    const report = here.folder.join('drill.md')
    await verify(here, ['--report', report])
    const { differences } = await verdictOf(here)

    expect(status).toBe(0)
    expect(stdout).toContain('Rows Counted: 3 in 1 table\n')
    expect(stdout).not.toContain('Rows Compared')
    expect(differences).toEqual([
      'there is no manifest, and the archive’s own rows cannot be counted (INSERT, COPY with options, or names that are not UTF-8): rows could not be compared with anything',
    ])
    expect(await readFile(report, 'utf8')).toContain('3 in 1 tables were only counted')
  })

  test('are compared with the manifest', async () => {
    await using database = await createDatabase(
      sharedPostgres(),
      undefined,
      'CREATE TABLE t AS SELECT generate_series(1, 3) AS i',
    )
    await using here = await backedUp(database)
    await forge(here, withInserts)

    const { stdout } = await verify(here)

    expect(stdout).toContain('Rows Compared: 3 in 1 table\n')
    expect(stdout).not.toContain('Exception')
  })
})
