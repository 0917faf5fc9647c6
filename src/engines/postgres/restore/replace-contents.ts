import type { RestoreReport } from '../../engine.ts'
import { emptyDatabase } from './empty-database.ts'
import { finish, load, type Run, timed } from './steps.ts'

/**
 * Empties the database of a user who may not create databases, and loads into it.
 * @param progress tells the caller whether the old contents are gone.
 */
export async function replaceContents(
  run: Run,
  progress: { hasTouched: boolean },
): Promise<RestoreReport['errors']> {
  const { database } = run.preparation.order.target.spec
  await timed(run, 'drop', async () => {
    await emptyDatabase(run.preparation)
    progress.hasTouched = true
  })
  const { errors } = await timed(run, 'load', () => load(run, database))
  await timed(run, 'settings', () => finish(run, database))
  return errors
}
