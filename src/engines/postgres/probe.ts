import type { ConfiguredDatabase } from '../../model/index.ts'
import type { EngineContext } from '../engine.ts'
import { sessionCommand } from './commands.ts'
import { libpqEnvironment } from './connection.ts'
import { explain } from './problems.ts'
import { PsqlSession } from './session.ts'
import { liftTimeouts } from './snapshot.ts'
import { newestPsql } from './tools.ts'

export interface Probe {
  readonly major: number
  readonly serverVersion: string
  /** null when the user may not ask. */
  readonly databaseBytes: number
  readonly user: string
}

/** DNS may take its own time on top of libpq's timeout; so much is granted before we give up. */
const marginMs = 500

const probeSql = `SELECT pg_catalog.json_build_object(
  'major', pg_catalog.current_setting('server_version_num')::int / 10000,
  'serverVersion', pg_catalog.current_setting('server_version'),
  'databaseBytes', pg_catalog.pg_database_size(pg_catalog.current_database()),
  'user', pg_catalog.quote_ident(CURRENT_USER::text))`

/**
 * Connects and asks who is there. The session stays open for the caller, who disposes of it.
 * @throws {Refusal} within the connect timeout when the database cannot be reached.
 */
export async function openSession(
  database: ConfiguredDatabase,
  context: EngineContext,
): Promise<{ readonly session: PsqlSession; readonly probe: Probe }> {
  const { environment, connectTimeoutSeconds, signal } = context
  const target = {
    database: database.spec.database,
    environment: libpqEnvironment(database, environment, connectTimeoutSeconds),
  }
  const session = new PsqlSession(sessionCommand(await newestPsql(context), target), signal)
  try {
    const deadlineMs = connectTimeoutSeconds * 1000 + marginMs
    await liftTimeouts(session, deadlineMs)
    const [probe] = await session.rows<Probe>(probeSql, { deadlineMs })
    if (probe === undefined) throw new TypeError('The probe had no answer.')
    return { session, probe }
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw explain(`Could not connect to ${database.spec.written}.`, error, database)
  }
}
