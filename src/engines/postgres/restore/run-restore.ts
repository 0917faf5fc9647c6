import type { RestoreReport } from '../../engine.ts'
import { restoreRoles } from './archive-roles.ts'
import { failureBeside, failureInPlace } from './failures.ts'
import { createRoles, dropRoles, missingRoles } from './missing-roles.ts'
import { freshNameFor, leftoverMark, oldNameFor } from './names.ts'
import type { Preparation } from './order.ts'
import { removeDatabase, removeLeftovers } from './remove-database.ts'
import { replaceInPlace } from './replace-in-place.ts'
import { createNew, finish, load, type OnProgress, type Run, timed } from './steps.ts'
import { swapDatabases } from './swap.ts'
import { openBeside } from './target.ts'

/** Time to clean up in, also after an interruption, before we give up on the server. */
const cleanUpMs = 60_000

/** Creates the roles, then loads in the way that was ordered. */
export async function runRestore(
  preparation: Preparation,
  onProgress: OnProgress,
): Promise<RestoreReport> {
  const run: Run = { preparation, onProgress, warnings: [], phases: [], createdRoles: [] }
  const { order, server } = preparation
  const isInPlace = order.inPlace && server.existing !== null
  const { errors, keptAs } = isInPlace ? await inPlace(run) : await beside(run)
  const { phases, warnings } = run
  return { errors, phases, keptAs, warnings }
}

type Outcome = Pick<RestoreReport, 'errors' | 'keptAs'>

/** Loads beside the present database and takes its place, or leaves everything as it was. */
async function beside(run: Run): Promise<Outcome> {
  const { preparation, warnings } = run
  const { order, session, server } = preparation
  const { database } = order.target.spec
  const mark = leftoverMark(database)
  const fresh = freshNameFor(database)
  try {
    for (const name of await removeLeftovers(session, mark, server.major)) {
      warnings.push(`Removed ${name}, the left-over of a restore that was interrupted.`)
    }
    const create = async (): Promise<void> => {
      await createNew(run, fresh)
      await session.compose('COMMENT ON DATABASE %I IS %L', fresh, mark)
    }
    await timed(run, 'create', async () => {
      await makeRoles(run)
      await create()
    })
    const recreate = async (): Promise<void> => {
      await removeDatabase(session, fresh, server.major)
      await create()
    }
    const { errors } = await timed(run, 'load', () => load(run, fresh, recreate))
    await timed(run, 'settings', () => finish(run, fresh))
    const keptAs = await timed(run, 'swap', () => takeThePlace(run, fresh))
    return { errors, keptAs }
  } catch (error) {
    throw failureBeside(error, preparation, await cleanUp(run, fresh))
  }
}

async function inPlace(run: Run): Promise<Outcome> {
  const { preparation } = run
  const progress = { hasTouched: false }
  try {
    await timed(run, 'create', () => makeRoles(run))
    const errors = await replaceInPlace(run, progress)
    return { errors, keptAs: null }
  } catch (error) {
    throw failureInPlace(error, preparation, progress)
  }
}

/** Those of the archive where that is wished; whoever else is missing may not log in. */
async function makeRoles(run: Run): Promise<void> {
  const { order, session, server, archive, missingRoles: missing } = run.preparation
  if (!server.mayCreateRoles) return
  if (order.roles) {
    const { created, problems } = await restoreRoles(session, archive.rolesSql)
    run.createdRoles.push(...created)
    run.warnings.push(...problems)
  }
  const left = await missingRoles(session, missing)
  await createRoles(session, left)
  run.createdRoles.push(...left)
}

/** @returns where the replaced database is now; null when it is gone. */
async function takeThePlace(run: Run, fresh: string): Promise<string | null> {
  const { order, access, server } = run.preparation
  const target = order.target.spec.database
  const { existing } = server
  const old = existing === null ? null : oldNameFor(target, order.now)
  access.context.signal.throwIfAborted()
  await swapDatabases(access, { target, fresh, old, comment: existing?.comment ?? null })
  return old === null || order.keepOld ? old : await dropOld(run, old)
}

/** The restore has succeeded by now, whatever happens here, an interruption included. */
async function dropOld({ preparation, warnings }: Run, old: string): Promise<string | null> {
  const { access, order, server } = preparation
  try {
    const patience = AbortSignal.timeout(cleanUpMs)
    await using session = await openBeside(access, order.target.spec.database, patience)
    await removeDatabase(session, old, server.major)
    return null
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error)
    warnings.push(
      `The replaced database could not be dropped and is now called ${old}: ${why}. Drop it once nothing uses it.`,
    )
    return old
  }
}

/** Removes what was begun; returns what could not be removed, in words. */
async function cleanUp(run: Run, fresh: string): Promise<string | null> {
  const { access, order, server } = run.preparation
  try {
    const patience = AbortSignal.timeout(cleanUpMs)
    await using session = await openBeside(access, order.target.spec.database, patience)
    await removeDatabase(session, fresh, server.major)
    await dropRoles(session, run.createdRoles)
    return null
  } catch {
    return `The half-restored database ${fresh} could not be removed; the next restore removes it.`
  }
}
