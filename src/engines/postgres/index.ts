/** PostgreSQL, by its own tools: psql for questions and the snapshot, pg_dump for the dump. */
import type { Engine } from '../engine.ts'
import { prepareDump } from './prepare-dump.ts'
import { openSession } from './probe.ts'
import { explain } from './problems.ts'

export const postgres: Engine = {
  name: 'postgres',
  defaultPort: 5432,
  prepareDump,
  async measure(database, context) {
    const { session, probe } = await openSession(database, context)
    await session[Symbol.asyncDispose]()
    const { serverVersion, databaseBytes } = probe
    return { serverVersion, databaseBytes }
  },
  explainDumpFailure: (error, database) =>
    explain(`The dump of ${database.spec.written} failed.`, error, database),
}
