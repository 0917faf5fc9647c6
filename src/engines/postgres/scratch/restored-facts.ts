import type {
  ObjectsOfKind,
  RestoredFacts,
  SequenceState,
  TableFingerprint,
  TableName,
} from '../../../model/index.ts'
import { listTables, takeFingerprint } from '../fingerprint.ts'
import { measureLargeObjects } from '../large-objects.ts'
import type { LoadReport } from '../load/load.ts'
import { listObjects, objectsOfKind } from '../objects/index.ts'
import type { PsqlSession } from '../session.ts'
import { keyOf, loadedTrees } from './loaded-trees.ts'
import { ScratchTrouble } from './trouble.ts'

/** What the server alone can say about the restored database. */
export type ServerFacts = Pick<
  RestoredFacts,
  | 'serverVersion'
  | 'databaseBytes'
  | 'tables'
  | 'largeObjects'
  | 'countProblem'
  | 'archiveTables'
  | 'trees'
  | 'sequences'
  | 'objects'
  | 'invalidIndexes'
  | 'unvalidatedConstraints'
  | 'schema'
>

export interface FactsQuestion {
  /** As the fingerprint in the manifest was taken. */
  readonly mode: 'rows' | 'content'
  readonly report: LoadReport
  /** Of the server. */
  readonly major: number
  /** A schema that must have a table; null: none is special. */
  readonly schema: string | null
}

/** Counts and asks in one snapshot, in the same way as the dump's own fingerprint was taken. */
export async function readRestoredFacts(
  session: PsqlSession,
  { mode, report, schema, major }: FactsQuestion,
): Promise<ServerFacts> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const counts = await countRestored(session, mode)
  const { tables } = counts
  const archive = report.rows === null ? null : archiveTables(report.rows)
  const trees = await loadedTrees(session, archive ?? [])
  const known = new Set([...tables, ...trees].map(keyOf))
  const unknown = (archive ?? []).filter((table) => !known.has(keyOf(table)))
  const others = await countOthers(session, unknown)
  const claims = archive === null ? null : withoutFilled(archive, others)
  const claimed = new Set(claims?.map(keyOf))
  const isCompared = (table: OtherTable): boolean => !table.ofExtension || claimed.has(keyOf(table))
  return {
    ...(await oneAnswer<
      Pick<
        ServerFacts,
        'serverVersion' | 'databaseBytes' | 'invalidIndexes' | 'unvalidatedConstraints'
      >
    >(session, soundnessSql)),
    ...counts,
    tables: [...tables, ...others.filter(isCompared)].map(fingerprintOf),
    archiveTables: claims,
    trees,
    sequences: await compareSequences(session, report.sequences ?? new Map()),
    objects: withArchiveValues(await listObjects(session, major), report.sequences),
    schema: schema === null ? null : { name: schema, tables: await tablesIn(session, schema) },
  }
}

async function countRestored(
  session: PsqlSession,
  mode: FactsQuestion['mode'],
): Promise<Pick<ServerFacts, 'tables' | 'largeObjects' | 'countProblem'>> {
  const { tables, problem } = await takeFingerprint(session, mode, await listTables(session))
  if (tables === null) {
    throw new ScratchTrouble(`The restored ${problem ?? 'rows could not be counted'}.`)
  }
  const { largeObjects, problem: unread } = await measureLargeObjects(session, mode)
  const problems = [problem, unread].filter((one) => one !== null)
  return { tables, largeObjects, countProblem: problems.length === 0 ? null : problems.join('; ') }
}

const userSchema = String.raw`n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`
const withSchema = `JOIN pg_catalog.pg_class c ON c.oid = x.rel JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

/** An index of a partitioned table may be incomplete in the source too; pg_dump dumps no other invalid ones. */
const soundnessSql = `SELECT pg_catalog.json_build_object(
  'serverVersion', pg_catalog.current_setting('server_version'),
  'databaseBytes', pg_catalog.pg_database_size(pg_catalog.current_database()),
  'invalidIndexes', COALESCE((SELECT pg_catalog.json_agg(n.nspname || '.' || c.relname ORDER BY 1)
    FROM (SELECT indexrelid AS rel FROM pg_catalog.pg_index WHERE NOT (indisvalid AND indisready)) x
    ${withSchema} WHERE c.relkind = 'i' AND ${userSchema}), '[]'),
  'unvalidatedConstraints', COALESCE((SELECT pg_catalog.json_agg(n.nspname || '.' || c.relname || '.' || x.name ORDER BY 1)
    FROM (SELECT conrelid AS rel, conname AS name FROM pg_catalog.pg_constraint WHERE NOT convalidated) x
    ${withSchema} WHERE ${userSchema}), '[]'))`

interface OtherTable extends TableFingerprint {
  /** Its rows are partly the extension's own, which no dump has. */
  readonly ofExtension: boolean
}

/** Without those tables of extensions that have at least the rows that the archive adds to them. */
function withoutFilled(
  archive: readonly TableFingerprint[],
  others: readonly OtherTable[],
): readonly TableFingerprint[] {
  const filled = new Map(
    others.filter(({ ofExtension }) => ofExtension).map((table) => [keyOf(table), table.rows]),
  )
  return archive.filter((table) => (filled.get(keyOf(table)) ?? -1) < table.rows)
}

/** Tables that the archive has rows of but the fingerprint leaves out, such as those of extensions. */
async function countOthers(
  session: PsqlSession,
  others: readonly TableName[],
): Promise<readonly OtherTable[]> {
  if (others.length === 0) return []
  const wanted = others.map(({ schema, table }) => ({ schema, table }))
  const lines = await session.query(
    `SELECT pg_catalog.format('SELECT pg_catalog.json_build_object(''schema'', %L, ''table'', %L, ''rows'', pg_catalog.count(*), ''ofExtension'', %L::boolean) FROM %s %I.%I',
      n.nspname, c.relname, EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'), CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY' END, n.nspname, c.relname)
    FROM pg_catalog.json_to_recordset(${literal(JSON.stringify(wanted))}) AS w (schema text, "table" text)
    JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w."table" AND c.relkind IN ('r', 'p')`,
    { run: String.raw`\gexec` },
  )
  return lines.map((line) => JSON.parse(line) as OtherTable)
}

/**
 * A sequence always has some value, so what counts is whether the archive sets it; not said where
 * its format does not say.
 */
function withArchiveValues(
  objects: readonly ObjectsOfKind[],
  values: LoadReport['sequences'],
): readonly ObjectsOfKind[] {
  const sequences = objects.find(({ kind }) => kind === 'sequence')?.names ?? []
  const others = objects.filter(({ kind }) => kind !== 'value of sequence')
  if (values === null) return others
  const set = new Set(
    [...values.keys()].map(splitName).map(({ schema, table }) => `${schema}.${table}`),
  )
  return [
    ...others,
    objectsOfKind(
      'value of sequence',
      sequences.filter((name) => set.has(name)),
    ),
  ]
}

async function compareSequences(
  session: PsqlSession,
  archive: ReadonlyMap<string, SequenceState>,
): Promise<RestoredFacts['sequences']> {
  if (archive.size === 0) return []
  const lines = await session.query(
    `SELECT pg_catalog.format('SELECT pg_catalog.json_build_object(''schema'', %L, ''table'', %L, ''value'', last_value::text, ''called'', is_called) FROM %I.%I',
      n.nspname, c.relname, n.nspname, c.relname)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND ${userSchema}`,
    { run: String.raw`\gexec` },
  )
  const found = new Map(
    lines.map((line) => {
      const state = JSON.parse(line) as SequenceState & { schema: string; table: string }
      return [keyOf(state), { value: state.value, called: state.called }] as const
    }),
  )
  return [...archive].map(([written, state]) => {
    const name = splitName(written)
    return {
      name: `${name.schema}.${name.table}`,
      archive: { value: state.value, called: state.called },
      restored: found.get(keyOf(name)) ?? null,
    }
  })
}

async function tablesIn(session: PsqlSession, schema: string): Promise<number> {
  const [count = '0'] = await session.query(
    `SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ${literal(schema)}`,
  )
  return Number(count)
}

async function oneAnswer<Answer>(session: PsqlSession, sql: string): Promise<Answer> {
  const [answer] = await session.rows<Answer>(sql)
  if (answer === undefined) throw new TypeError('The scratch server had no answer.')
  return answer
}

function archiveTables(rows: ReadonlyMap<string, number>): readonly TableFingerprint[] {
  return [...rows].map(([written, count]) => ({ ...splitName(written), rows: count }))
}

/** `"Mixed ""case""".plain` → its two names, as the server has them. */
export function splitName(written: string): { readonly schema: string; readonly table: string } {
  const parts = [...written.matchAll(/"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^".]+)/gu)].map(
    ({ groups }) => groups?.['quoted']?.replaceAll('""', '"') ?? groups?.['plain'] ?? '',
  )
  const [schema = '', table = ''] = parts.length > 1 ? parts : ['public', ...parts]
  return { schema, table }
}

function fingerprintOf({ schema, table, rows, digest }: TableFingerprint): TableFingerprint {
  return { schema, table, rows, ...(digest === undefined ? {} : { digest }) }
}

/** With `standard_conforming_strings`, as our sessions have it, only the quote is special. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
