import type { LoadReport } from '../load/load.ts'
import { AdminSession, isOfServer, textsOf } from './admin-session.ts'
import type { Preparation } from './order.ts'

/** Tables that a warning names. */
const mostNamed = 20

interface Table {
  readonly name: string
  /** Counts its rows; null: there is no such table. */
  readonly countSql: string | null
}

/** What is known of rows that errors cost. */
export interface LostRows {
  /** Tables that lack some of theirs, in words. */
  readonly missing: readonly string[]
  /** Why it is not known whether more are missing, in words; null: it is. */
  readonly doubt: string | null
}

const nothing: LostRows = { missing: [], doubt: null }

/**
 * One bad row, and PostgreSQL takes none of its table. After errors that were passed over this
 * says which tables have fewer rows than the archive has for them.
 */
export async function lostRows(
  { order, access }: Preparation,
  database: string,
  { errors, rows }: LoadReport,
): Promise<LostRows> {
  if (!order.ignoreErrors || errors.length === 0) return nothing
  if (rows === null) return { ...nothing, doubt: mayBeMissing }
  try {
    await using session = new AdminSession(access, database)
    const lost = await compare(session, rows)
    const more = lost.length - mostNamed
    const named = lost.slice(0, mostNamed)
    const rest = more > 0 ? [`Rows are missing in ${more} more tables.`] : []
    return { missing: [...named, ...rest], doubt: null }
  } catch (error) {
    if (!isOfServer(error)) throw error
    const why = error.message.trim()
    return { ...nothing, doubt: `Whether rows are missing could not be asked: ${why}.` }
  }
}

const mayBeMissing = 'Rows may be missing: look at the errors that were passed over.'

async function compare(
  session: AdminSession,
  rows: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const lost: string[] = []
  const filled = [...rows].filter(([, count]) => count > 0).map(([name]) => name)
  for (const { name, countSql } of await session.rows<Table>(tablesSql(filled))) {
    const expected = rows.get(name) ?? 0
    const found = countSql === null ? null : await session.one<number>(countSql)
    if (found === null) lost.push(`The table ${name} is MISSING, with its ${expected} rows.`)
    else if (found === 0)
      lost.push(`The table ${name} is EMPTY: all of its ${expected} rows are missing.`)
    else if (found < expected)
      lost.push(`The table ${name} has only ${found} of its ${expected} rows.`)
  }
  return lost
}

/** Of a partitioned table the rows are those of its partitions. */
const tablesSql = (names: readonly string[]): string => `SELECT pg_catalog.json_build_object(
  'name', filled.name,
  'countSql', CASE WHEN c.oid IS NOT NULL THEN pg_catalog.format('SELECT pg_catalog.count(*) FROM %s %s',
    CASE WHEN c.relkind = 'p' THEN '' ELSE 'ONLY' END, c.oid::pg_catalog.regclass) END)
  FROM pg_catalog.unnest(${textsOf(names)}) AS filled (name)
  LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(filled.name)
  ORDER BY filled.name`
