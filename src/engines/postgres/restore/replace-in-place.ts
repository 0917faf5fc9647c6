import type { RestoreReport } from '../../engine.ts'
import { emptyDatabase } from './empty-database.ts'
import { removeDatabase } from './remove-database.ts'
import { createNew, finish, load, type Run, timed } from './steps.ts'

/**
 * Drops the database, creates it anew and loads: for servers without room for two copies. A user
 * who may not create databases empties its own instead.
 * @param progress tells the caller whether the old contents are gone.
 */
export async function replaceInPlace(
  run: Run,
  progress: { hasTouched: boolean },
): Promise<RestoreReport['errors']> {
  const { order, session, server } = run.preparation
  const { database } = order.target.spec
  await timed(run, 'drop', async () => {
    if (!server.mayCreateDatabases) {
      await emptyDatabase(run.preparation)
      progress.hasTouched = true
      return
    }
    await removeDatabase(session, database, server.major)
    progress.hasTouched = true
    await createNew(run, database)
    // Clients would meet half a database. Superusers, such as we are then, pass all the same.
    if (server.isSuperuser) await session.compose('ALTER DATABASE %I CONNECTION LIMIT 0', database)
  })
  const { errors } = await timed(run, 'load', () => load(run, database))
  await timed(run, 'settings', () => finish(run, database))
  const { existing } = server
  if (existing?.comment !== null && existing !== null && server.mayCreateDatabases) {
    await session.compose('COMMENT ON DATABASE %I IS %L', database, existing.comment)
  }
  return errors
}
