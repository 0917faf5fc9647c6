/** PostgreSQL, by its own tools: psql for questions and the snapshot, pg_dump for the dump. */
import type { Engine } from '../engine.ts'
import { checkArchive } from './archive/archive.ts'
import { prepareDump } from './prepare-dump.ts'
import { openSession } from './probe.ts'
import { explain } from './problems.ts'
import { prepareRestore } from './restore/index.ts'
import { tryRestore } from './scratch/restore-trial.ts'

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
  async checkArchive({ path, ...file }, { signal, environment }) {
    await checkArchive(path, { ...file, signal, environment })
  },
  tryRestore,
  prepareRestore,
  explainDumpFailure: (error, database) =>
    explain(`The dump of ${database.spec.written} failed.`, error, database),
}
