import type { RestoreReport } from '../../engine.ts'
import { textOf } from './admin-session.ts'
import { restoreRoles } from './archive-roles.ts'
import { restoreFailure } from './failures.ts'
import { clearLeftovers } from './leftovers.ts'
import { createRoles, dropRoles, missingRoles } from './missing-roles.ts'
import { freshNameFor, leftoverMark, oldNameFor, replacedMark, shownName } from './names.ts'
import { isInPlace, keepsDatabase, type Preparation } from './order.ts'
import { removeDatabase } from './remove-database.ts'
import { replaceContents } from './replace-contents.ts'
import { rolesWithoutLogin, rolesWithoutPassword } from './roles-to-complete.ts'
import { stateAfterwards } from './state-afterwards.ts'
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
  const run: Run = {
    preparation,
    onProgress,
    warnings: [],
    missing: [],
    doubts: [],
    phases: [],
    createdRoles: [],
  }
  const { errors, keptAs } = keepsDatabase(preparation) ? await inItsOwn(run) : await beside(run)
  const { phases, warnings, missing } = run
  return { errors, phases, keptAs, warnings, missing }
}

type Outcome = Pick<RestoreReport, 'errors' | 'keptAs'>

/**
 * Loads into a new database, which takes the name of the target only when it is whole. What was
 * there is replaced in that moment, or dropped before the load when that is to be in place.
 */
async function beside(run: Run): Promise<Outcome> {
  const { preparation, warnings } = run
  const { order, session, server } = preparation
  const { database } = order.target.spec
  const fresh = freshNameFor(database)
  try {
    warnings.push(...(await clearLeftovers(session, database, server.major)))
    await timed(run, 'create', async () => {
      await makeRoles(run)
      if (isInPlace(preparation)) await removeDatabase(session, database, server.major)
      await createMarked(run, fresh)
    })
    const recreate = async (): Promise<void> => {
      await removeDatabase(session, fresh, server.major)
      await createMarked(run, fresh)
    }
    const { errors } = await timed(run, 'load', () => load(run, fresh, recreate))
    await timed(run, 'settings', () => finish(run, fresh))
    const keptAs = await timed(run, 'swap', () => takeThePlace(run, fresh))
    return { errors, keptAs }
  } catch (error) {
    throw restoreFailure(error, preparation, await cleanUp(run, fresh))
  }
}

/** Closed to all until it carries the mark by which the next restore would know it. */
async function createMarked(run: Run, fresh: string): Promise<void> {
  const { order, session } = run.preparation
  await createNew(run, fresh)
  await session.compose(
    'COMMENT ON DATABASE %I IS %L',
    fresh,
    leftoverMark(order.target.spec.database),
  )
  await session.compose('ALTER DATABASE %I CONNECTION LIMIT -1', fresh)
}

async function inItsOwn(run: Run): Promise<Outcome> {
  const { preparation } = run
  const progress = { hasTouched: false }
  try {
    await timed(run, 'create', () => makeRoles(run))
    return { errors: await replaceContents(run, progress), keptAs: null }
  } catch (error) {
    const state = progress.hasTouched
      ? 'The old contents are gone, as --in-place has it, and the new ones are not complete.'
      : 'The present database is as it was.'
    throw restoreFailure(error, preparation, [state])
  }
}

/** Those of the archive where that is wished; whoever else is missing may not log in. */
async function makeRoles(run: Run): Promise<void> {
  const { order, session, server, archive, missingRoles: missing } = run.preparation
  if (!server.mayCreateRoles) return
  if (order.roles) {
    const { created, problems } = await restoreRoles(session, archive.rolesSql)
    run.createdRoles.push(...created)
    run.warnings.push(...problems, ...(await rolesWithoutPassword(session, created)))
  }
  const left = await missingRoles(session, missing)
  await createRoles(session, left)
  run.warnings.push(...rolesWithoutLogin(left))
  run.createdRoles.push(...left)
}

/** @returns where the replaced database is now; null when it is gone. */
async function takeThePlace(run: Run, fresh: string): Promise<string | null> {
  const { order, access, server } = run.preparation
  const target = order.target.spec.database
  const { existing } = server
  const old = replacesOther(run.preparation) ? await freeOldName(run) : null
  const keeps = order.keepOld || mayLackRows(run)
  const oldComment = keeps ? null : replacedMark(target)
  const comment = existing?.comment ?? null
  access.context.signal.throwIfAborted()
  await swapDatabases(access, { target, fresh, old, comment, oldComment })
  if (old === null || order.keepOld) return old
  if (!keeps) return await dropOld(run, old)
  run.warnings.push(whyKept(run, old))
  return old
}

function replacesOther(preparation: Preparation): boolean {
  return preparation.server.existing !== null && !isInPlace(preparation)
}

/** Then what was there before may be all that there is of something. */
function mayLackRows({ missing, doubts }: Run): boolean {
  return missing.length > 0 || doubts.length > 0
}

function whyKept({ missing }: Run, old: string): string {
  const lack = missing.length > 0 ? 'data is missing' : 'data may be missing'
  return `The database that was there before is kept as ${old}, because ${lack} in the new one. Once nobody needs it: DROP DATABASE ${shownName(old)};`
}

/** As with backups, the later of two takes the next second. */
async function freeOldName({ preparation }: Run): Promise<string> {
  const { order, session } = preparation
  for (let at = order.now.getTime(); ; at += 1000) {
    const name = oldNameFor(order.target.spec.database, new Date(at))
    const taken = await session.rows<number>(
      `SELECT pg_catalog.to_json(1) FROM pg_catalog.pg_database WHERE datname = ${textOf(name)}`,
    )
    if (taken.length === 0) return name
  }
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

/** Removes what was begun; returns what is true afterwards, in sentences. */
async function cleanUp(run: Run, fresh: string): Promise<readonly string[]> {
  const { access, order, server } = run.preparation
  const said: string[] = []
  const { database } = order.target.spec
  try {
    const patience = AbortSignal.timeout(cleanUpMs)
    await using session = await openBeside(access, database, patience)
    said.push(await stateAfterwards(session, run.preparation))
    await removeDatabase(session, fresh, server.major)
    said.push(...(await dropRoles(session, run.createdRoles)))
    return said
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error)
    if (said.length === 0) said.push(`Whether ${database} is as it was could not be asked.`)
    return [
      ...said,
      `A half-restored database ${fresh} may be left (${why}); the next restore removes it.`,
    ]
  }
}
