import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import type { PostgresConnection } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { type Site, site } from '../support/site.ts'
import {
  createDatabase,
  environmentOf,
  quoted,
  type TestDatabase,
} from '../support/test-database.ts'

/** The databases whose names begin so, one a line. */
export async function namesLike(name: string, on: PostgresConnection): Promise<string> {
  return await on.psql(
    'postgres',
    `SELECT datname FROM pg_database WHERE datname LIKE '${name}%' ORDER BY 1`,
  )
}

export interface BackedUp extends AsyncDisposable {
  readonly database: TestDatabase
  readonly here: Site
  /** Relative path of its only backup. */
  readonly path: string
  /** How many rows its table has now, or that of another database. */
  rows(name?: string): Promise<string>
  /** Makes the only backup an archive of somebody else: this content, and no manifest. */
  makeForeign(change: (sql: string) => string): Promise<void>
}

/** A site with one backup of a table `t` of ten rows, which then lost its rows. */
export async function backedUp(
  env: Readonly<Record<string, string>> = {},
  extra = '',
  server: PostgresConnection = sharedPostgres(),
): Promise<BackedUp> {
  const database = await createDatabase(
    server,
    undefined,
    `CREATE TABLE t AS SELECT generate_series(1, 10) AS i; ${extra}`,
  )
  const here = await site([database.spec], { ...environmentOf(server.superuser), ...env })
  const first = await here.run(['-1'])
  expect(first).toMatchObject({ status: 0 })
  const [path = ''] = await here.backups()
  await database.psql('DELETE FROM t')
  return {
    database,
    here,
    path,
    rows: async (name = database.name) => await server.psql(name, 'SELECT count(*) FROM t'),
    makeForeign: async (change) => {
      const file = join(here.root, path)
      const sql = gunzipSync(await readFile(file)).toString()
      await writeFile(file, gzipSync(change(sql)))
      await rm(join(here.root, '.catalog'), { recursive: true })
    },
    [Symbol.asyncDispose]: async () => {
      await here[Symbol.asyncDispose]()
      for (const name of (await namesLike(database.name, server)).split('\n')) {
        if (name !== '') await server.psql('postgres', `DROP DATABASE ${quoted(name)} WITH (FORCE)`)
      }
    },
  }
}
