import { Refusal } from '../../../model/index.ts'
import type { RestoreReport } from '../../engine.ts'
import { type LoadReport, loadArchive } from '../load/load.ts'
import { explain } from '../problems.ts'
import { carryOver } from './carry-over.ts'
import { createDatabase } from './create-database.ts'
import { letUserWork } from './let-user-work.ts'
import { createRoles, dropRoles } from './missing-roles.ts'
import { freshNameFor, leftoverMark, oldNameFor } from './names.ts'
import type { Preparation } from './order.ts'
import { removeDatabase, removeLeftovers } from './remove-database.ts'
import { swapDatabases } from './swap.ts'
import { openBeside } from './target.ts'

type OnProgress = (bytes: number, total: number | null) => void

/** Time to clean up in, also after an interruption, before we give up on the server. */
const cleanUpMs = 60_000

/** Loads beside the present database and takes its place, or leaves everything as it was. */
export async function runRestore(
  preparation: Preparation,
  onProgress: OnProgress,
): Promise<RestoreReport> {
  const { order, session, server } = preparation
  const { database } = order.target.spec
  const mark = leftoverMark(database)
  const fresh = freshNameFor(database)
  const warnings: string[] = []
  const phases: { name: string; ms: number }[] = []
  const timed = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const began = performance.now()
    const result = await work()
    phases.push({ name, ms: Math.round(performance.now() - began) })
    return result
  }
  try {
    for (const name of await removeLeftovers(session, mark, server.major)) {
      warnings.push(`Removed ${name}, the left-over of a restore that was interrupted.`)
    }
    await timed('create', () => createFresh(preparation, { fresh, mark, warnings }))
    const loaded = await timed('load', () => load(preparation, fresh, onProgress))
    await timed('settings', () => finish(preparation, fresh, warnings))
    const keptAs = await timed('swap', () => takeThePlace(preparation, fresh, warnings))
    return { errors: loaded.errors, phases, keptAs, warnings }
  } catch (error) {
    const left = await cleanUp(preparation, fresh)
    throw withLeft(explained(error, preparation), left)
  }
}

interface Fresh {
  readonly fresh: string
  readonly mark: string
  readonly warnings: string[]
}

async function createFresh(
  preparation: Preparation,
  { fresh, mark, warnings }: Fresh,
): Promise<void> {
  const { session, server, missingRoles, archive, facts, owner } = preparation
  if (server.mayCreateRoles) await createRoles(session, missingRoles)
  const character = {
    owner: server.mayCreateRoles || !missingRoles.includes(owner ?? '') ? owner : null,
    encoding: facts?.encoding ?? archive.encoding,
    collate: facts?.collate ?? null,
    ctype: facts?.ctype ?? null,
    provider: facts?.provider,
    locale: facts?.locale,
  }
  const warning = await createDatabase(session, fresh, { character, major: server.major })
  if (warning !== null) warnings.push(warning)
  await session.compose('COMMENT ON DATABASE %I IS %L', fresh, mark)
}

async function load(
  { archive, access, order }: Preparation,
  database: string,
  onProgress: OnProgress,
): Promise<LoadReport> {
  const { environment, tools, context } = access
  const { ignoreErrors, jobs } = order
  const { signal } = context
  return await loadArchive(
    archive,
    { database, environment, tools },
    { signal, ignoreErrors, jobs, onProgress },
  )
}

async function finish(
  preparation: Preparation,
  database: string,
  warnings: string[],
): Promise<void> {
  const { session, facts, server } = preparation
  if (facts !== null) warnings.push(...(await carryOver(session, database, facts)))
  const limit = server.existing?.connectionLimit ?? -1
  if (limit !== -1) await session.compose(`ALTER DATABASE %I CONNECTION LIMIT ${limit}`, database)
  warnings.push(...(await letUserWork(preparation, database)))
}

/** @returns where the replaced database is now; null when it is gone. */
async function takeThePlace(
  { order, access, session, server }: Preparation,
  fresh: string,
  warnings: string[],
): Promise<string | null> {
  const target = order.target.spec.database
  const { existing } = server
  const old = existing === null ? null : oldNameFor(target, order.now)
  access.context.signal.throwIfAborted()
  await swapDatabases(access, { target, fresh, old, comment: existing?.comment ?? null })
  if (old === null || order.keepOld) return old
  try {
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
async function cleanUp(
  { access, order, server, missingRoles }: Preparation,
  fresh: string,
): Promise<string | null> {
  try {
    await using session = await openBeside(
      access,
      order.target.spec.database,
      AbortSignal.timeout(cleanUpMs),
    )
    await removeDatabase(session, fresh, server.major)
    if (server.mayCreateRoles) await dropRoles(session, missingRoles)
    return null
  } catch {
    return `The half-restored database ${fresh} could not be removed; the next restore removes it.`
  }
}

function explained(error: unknown, { order, server }: Preparation): unknown {
  const what = `The restore of ${order.target.spec.written} failed.`
  const told = explain(what, error, order.target)
  if (!(told instanceof Refusal)) return told
  const isFull = /No space left on device|could not extend file|disk full/iu.test(
    `${told.message} ${told.reason}`,
  )
  const unchanged =
    server.existing === null
      ? 'Nothing was left on the server.'
      : 'The present database is as it was.'
  const advice = isFull
    ? 'The server has no room for two copies: enlarge its volume, or restore with --in-place, which drops the present database first.'
    : told.advice
  return new Refusal(what, {
    reason: [told.message === what ? '' : told.message, told.reason, unchanged]
      .filter((part) => part !== '')
      .join(' '),
    advice,
    exitStatus: told.exitStatus,
    cause: told,
  })
}

function withLeft(error: unknown, left: string | null): unknown {
  if (left === null || !(error instanceof Refusal)) return error
  const { message, reason, advice, exitStatus, cause } = error
  return new Refusal(message, { reason: `${reason} ${left}`, advice, exitStatus, cause })
}
