import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type CheckedArchive, checkArchive } from '../../../src/engines/postgres/archive/index.ts'
import {
  type LoadOptions,
  type LoadReport,
  loadArchive,
} from '../../../src/engines/postgres/load/load.ts'
import { debianBinDir, type PostgresConnection } from '../../support/postgres-server.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'
import { temporaryFolder } from '../../support/volume.ts'

const runFile = promisify(execFile)

/** libpq's variables of the superuser of a server. */
function environmentFor(server: PostgresConnection): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.superuser.user,
    PGPASSWORD: server.superuser.password,
  }
}

export async function pgDump(
  server: PostgresConnection,
  database: string,
  ...options: readonly string[]
): Promise<string> {
  const program = join(debianBinDir(), 'pg_dump')
  const { stdout } = await runFile(program, [...options, `--dbname=${database}`], {
    env: environmentFor(server),
    maxBuffer: 1e9,
  })
  return stdout
}

/** A plain dump as a file of the volume, checked. */
export async function archiveOf(
  sql: string | Buffer,
  { leastBlock }: { readonly leastBlock?: number } = {},
): Promise<CheckedArchive & AsyncDisposable & { readonly folder: string }> {
  const folder = temporaryFolder()
  chmodSync(folder.path, 0o755)
  const path = folder.join('dump.sql.gz')
  writeFileSync(path, gzipSync(sql, { level: 1 }))
  const archive = await checkArchive(path, {
    codec: 'gzip',
    format: 'plain',
    manifest: null,
    signal: new AbortController().signal,
    environment: { PATH: process.env['PATH'] },
    ...(leastBlock === undefined ? {} : { leastBlock }),
  })
  return {
    ...archive,
    folder: folder.path,
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  }
}

export interface Loaded extends TestDatabase {
  readonly report: LoadReport
}

/** Loads an archive into a new database. */
export async function loadInto(
  server: PostgresConnection,
  archive: CheckedArchive,
  options: Partial<LoadOptions> & { readonly mayRecreate?: boolean } = {},
): Promise<Loaded> {
  const database = await createDatabase(server)
  const { mayRecreate = false, ...others } = options
  const recreate = async (): Promise<void> =>
    void (await database.psql('DROP SCHEMA public CASCADE; CREATE SCHEMA public'))
  try {
    const report = await loadArchive(
      archive,
      {
        database: database.name,
        environment: environmentFor(server),
        tools: { folder: debianBinDir(), major: 15, version: '15.18' },
      },
      {
        signal: new AbortController().signal,
        ignoreErrors: false,
        jobs: 1,
        ...(mayRecreate ? { recreate } : {}),
        ...others,
      },
    )
    return { ...database, report }
  } catch (error) {
    await database.drop()
    throw error
  }
}

/** All that a database holds, in a form that does not depend on the order of rows. */
export async function contentOf(server: PostgresConnection, database: string): Promise<string> {
  const sections = ['pre-data', 'post-data'].map((section) => `--section=${section}`)
  const [schema, tables, objects, sequences] = await Promise.all([
    pgDump(server, database, ...sections),
    server.psql(database, tableDigests),
    server.psql(database, largeObjectDigests),
    server.psql(database, sequenceValues),
  ])
  const withoutGuards = schema.replaceAll(/^\\(?:un)?restrict .*\n/gmu, '')
  return [withoutGuards, tables, objects, sequences].join('\n--\n')
}

const userTables = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`

const tableDigests = `
  SELECT format('SELECT %L, count(*), md5(string_agg(r, '','' ORDER BY r)) FROM (SELECT t::text AS r FROM %I.%I t) x;',
    c.oid::regclass, nspname, relname) ${userTables} AND relkind IN ('r', 'm') AND relispopulated ORDER BY nspname, relname \\gexec`

const sequenceValues = `
  SELECT format('SELECT %L, last_value, is_called FROM %I.%I;', c.oid::regclass, nspname, relname)
  ${userTables} AND relkind = 'S' ORDER BY nspname, relname \\gexec`

const largeObjectDigests = `
  SELECT m.oid, m.lomowner::regrole, m.lomacl, md5(lo_get(m.oid)) FROM pg_largeobject_metadata m ORDER BY 1`
