import type { Fingerprint, FingerprintMode, TableFingerprint } from '../../model/index.ts'
import { digestOf } from './digest.ts'
import { type PsqlSession, SessionEnded, StatementFailure } from './session.ts'
import { countedTables } from './sql.ts'

/** Somebody waits for an exclusive lock: we must not wait behind it, it may wait behind pg_dump. */
const lockTimeoutMs = 1_000

/** Names in a message, before it says how many more there are. */
const mostNames = 5

interface TableEntry {
  readonly oid: number
  readonly schema: string
  readonly table: string
  /** The table's file; a TRUNCATE or rewrite gives it another, and the snapshot no longer holds. */
  readonly file: number | null
}

interface Count {
  readonly oid: number
  readonly rows: number
  readonly digest?: string
}

/** The tables as they are when the snapshot begins; rows are counted later, in that snapshot. */
export async function listTables(session: PsqlSession): Promise<readonly TableEntry[]> {
  return await session.rows<TableEntry>(`SELECT pg_catalog.json_build_object(
    'oid', c.oid::bigint, 'schema', n.nspname, 'table', c.relname,
    'file', pg_catalog.pg_relation_filenode(c.oid)::bigint)
  ${countedTables} ORDER BY n.nspname, c.relname`)
}

/**
 * Counts every listed table in the session's snapshot. To be called when pg_dump has sent its
 * first byte: it then holds its locks on all tables, so nothing can be truncated under both of
 * us. What was truncated or rewritten before that is found by its file and left uncounted.
 */
export async function takeFingerprint(
  session: PsqlSession,
  mode: Exclude<FingerprintMode, 'off'>,
  tables: readonly TableEntry[],
): Promise<Fingerprint> {
  try {
    await session.query(textFormSql)
    const counts = await countAll(session, mode)
    const files = new Map((await listTables(session)).map(({ oid, file }) => [oid, file]))
    const trusted = tables.filter(({ oid, file }) => counts.has(oid) && files.get(oid) === file)
    const left = tables.filter((table) => !trusted.includes(table))
    return {
      mode,
      tables: trusted.map((table) => fingerprintOf(table, counts.get(table.oid))),
      problem:
        left.length === 0
          ? null
          : `not counted, because it was locked or rewritten meanwhile: ${listed(left)}`,
    }
  } catch (error) {
    if (error instanceof SessionEnded || error instanceof StatementFailure) {
      return { mode, tables: null, problem: `rows could not be counted: ${error.message}` }
    }
    throw error
  }
}

/** Texts of values that do not depend on the session or the server's settings. */
const textFormSql = `SELECT pg_catalog.set_config(name, value, false) FROM (VALUES
  ('lock_timeout', '${lockTimeoutMs}'), ('DateStyle', 'ISO, YMD'), ('IntervalStyle', 'postgres'),
  ('TimeZone', 'UTC'), ('extra_float_digits', '3'), ('bytea_output', 'hex'),
  ('lc_monetary', 'C'), ('search_path', ''), ('row_security', 'off')) AS form (name, value)`

async function countAll(
  session: PsqlSession,
  mode: Exclude<FingerprintMode, 'off'>,
): Promise<ReadonlyMap<number, Count>> {
  const lines = await session.query(countingSql(mode), { run: String.raw`\gexec` })
  const counts = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Count)
  return new Map(counts.map((count) => [count.oid, count]))
}

/**
 * Returns three statements per table for `\gexec`: a savepoint, the count, and the way back, which
 * also releases the lock (pg_dump must never have to wait behind us) and survives a failed count.
 */
function countingSql(mode: Exclude<FingerprintMode, 'off'>): string {
  const count =
    mode === 'rows'
      ? `'SELECT pg_catalog.json_build_object(''oid'', %s, ''rows'', pg_catalog.count(*)) FROM ONLY %I.%I', c.oid, n.nspname, c.relname`
      : `'SELECT pg_catalog.json_build_object(''oid'', %s, ''rows'', pg_catalog.count(*), ''digest'', ${digestSql})
          FROM (SELECT (ROW(%s)::text) COLLATE pg_catalog."C" AS line FROM ONLY %I.%I) AS content',
         c.oid, ${columnsSql}, n.nspname, c.relname`
  return `SELECT 'SAVEPOINT counting', pg_catalog.format(${count}), 'ROLLBACK TO SAVEPOINT counting'
  ${countedTables} ORDER BY n.nspname, c.relname`
}

/** Doubled quotes: this stands inside a literal. */
const digestSql = digestOf('line').replaceAll("'", "''")

/** The columns by name: their order in a restored table may differ. */
const columnsSql = `COALESCE((SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attname)
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')`

function fingerprintOf({ schema, table }: TableEntry, count: Count | undefined): TableFingerprint {
  const { rows = 0, digest } = count ?? {}
  return { schema, table, rows, ...(digest === undefined ? {} : { digest }) }
}

function listed(tables: readonly TableEntry[]): string {
  const names = tables.slice(0, mostNames).map(({ schema, table }) => `${schema}.${table}`)
  const more = tables.length - mostNames
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
