import type { DatabaseFacts } from '../../../model/index.ts'
import { databaseFacts } from '../facts.ts'
import { SessionEnded, type StatementFailure } from '../session.ts'
import { type AdminAccess, AdminSession, isOfServer, textOf } from './admin-session.ts'

/** The database to be replaced, as it is now. */
export interface ExistingDatabase extends DatabaseFacts {
  readonly oid: number
  readonly bytes: number | null
  readonly comment: string | null
  readonly connectionLimit: number
  readonly isOwned: boolean
  /** Where it keeps what says nothing else; null: the server's default, or not for us to use. */
  readonly tablespace: string | null
  readonly sessions: number
  readonly slots: number
  readonly subscriptions: number
}

/** The server of a restore, and what the user may do there. */
export interface TargetServer {
  readonly major: number
  readonly serverVersion: string
  readonly user: string
  readonly isSuperuser: boolean
  readonly mayCreateDatabases: boolean
  readonly mayCreateRoles: boolean
  /** null: it is to be created. */
  readonly existing: ExistingDatabase | null
}

const maintenanceDatabases = ['postgres', 'template1']

/** A session beside the database in question, from which it can be renamed. */
export async function openBeside(
  access: AdminAccess,
  database: string,
  signal?: AbortSignal,
): Promise<AdminSession> {
  const candidates = maintenanceDatabases.filter((name) => name !== database)
  let failure: unknown
  for (const name of candidates) {
    const session = new AdminSession(access, name, signal)
    try {
      const deadlineMs = access.context.connectTimeoutSeconds * 1000 + 500
      await session.rows(timeoutsOff, { deadlineMs })
      return session
    } catch (error) {
      await session[Symbol.asyncDispose]()
      failure ??= error
      if (!isOfServer(error) || !isClosed(error)) throw error
    }
  }
  throw failure
}

/** Whether that database alone does not let us in: another one may. */
function isClosed(error: StatementFailure | SessionEnded): boolean {
  const said = error instanceof SessionEnded ? error.ending.stderr.join('\n') : error.message
  return /database "[^"]*" does not exist|permission denied for database|not currently accepting connections|no pg_hba\.conf entry/u.test(
    said,
  )
}

/** Settings of a server or role that would end a session which waits for a long load. */
const timeoutsOff = `SELECT pg_catalog.to_json(pg_catalog.set_config(name, '0', false)) FROM pg_catalog.pg_settings
  WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')`

export async function readTarget(session: AdminSession, database: string): Promise<TargetServer> {
  const server = await session.one<Omit<TargetServer, 'existing'>>(serverSql)
  const [existing = null] = await session.rows<ExistingDatabase>(existingSql(database))
  return { ...server, existing }
}

const serverSql = `SELECT pg_catalog.json_build_object(
  'major', pg_catalog.current_setting('server_version_num')::int / 10000,
  'serverVersion', pg_catalog.current_setting('server_version'),
  'user', rolname,
  'isSuperuser', rolsuper,
  'mayCreateDatabases', rolsuper OR rolcreatedb,
  'mayCreateRoles', rolsuper OR rolcreaterole)
  FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER`

const existingSql = (database: string): string => `
WITH this AS (SELECT * FROM pg_catalog.pg_database WHERE datname = ${textOf(database)})
SELECT (${databaseFacts})::pg_catalog.jsonb || pg_catalog.jsonb_build_object(
  'oid', oid::bigint,
  'bytes', CASE WHEN pg_catalog.has_database_privilege(oid, 'CONNECT') THEN pg_catalog.pg_database_size(oid) END,
  'comment', pg_catalog.shobj_description(oid, 'pg_database'),
  'connectionLimit', datconnlimit,
  'isOwned', pg_catalog.pg_has_role(datdba, 'USAGE'),
  'tablespace', (SELECT spcname FROM pg_catalog.pg_tablespace t WHERE t.oid = dattablespace
    AND spcname <> 'pg_default' AND pg_catalog.has_tablespace_privilege(t.oid, 'CREATE')),
  'sessions', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE datid = this.oid),
  'slots', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots WHERE datoid = this.oid),
  'subscriptions', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription s WHERE s.subdbid = this.oid))
FROM this`
