import { identityOf, Refusal } from '../../../model/index.ts'
import type { EngineContext, PreparedRestore, RestoreOrder, RestorePlan } from '../../engine.ts'
import { checkArchive } from '../archive/archive.ts'
import { libpqEnvironment } from '../connection.ts'
import { refuseNotUnderstood } from '../load/not-understood.ts'
import { explain } from '../problems.ts'
import { newestTools } from '../tools.ts'
import { type AdminAccess, type AdminSession, textOf } from './admin-session.ts'
import { refuseDemands } from './archive-demands.ts'
import { refuseBeyondUser } from './limited-user.ts'
import { missingRoles } from './missing-roles.ts'
import { oldNameFor } from './names.ts'
import { factsFor, type Preparation, rolesOf } from './order.ts'
import { refuseWhatWouldFail } from './rights.ts'
import { runRestore } from './run-restore.ts'
import { refuseSystemDatabase } from './system-databases.ts'
import { openBeside, readTarget } from './target.ts'

/** Any number that other programs are unlikely to use for advisory locks of their own. */
const lockSpace = 1_651_076_963

/**
 * Checks the archive, the server, and what the user may do there. Touches nothing.
 * @throws {Refusal} when the restore cannot succeed.
 */
export async function prepareRestore(
  order: RestoreOrder,
  context: EngineContext,
): Promise<PreparedRestore> {
  const { path, codec, format, manifest, target } = order
  const { signal, environment } = context
  refuseSystemDatabase(order)
  const archive = await checkArchive(path, { codec, format, manifest, signal, environment })
  if (order.ignoreErrors) await refuseNotUnderstood(archive, signal)
  const failed = `Could not prepare the restore of ${target.spec.written}.`
  const isElsewhere = identityOf(target.spec) !== identityOf(order.source.spec)
  const login = { spec: target.spec, admin: order.admin, flag: isElsewhere ? '--to' : null }
  const access = await accessOf(order, context)
  const session = await openBeside(access, target.spec.database).catch((error: unknown) => {
    throw explain(failed, error, login)
  })
  try {
    await lockTarget(session, order)
    const server = await readTarget(session, target.spec.database)
    const facts = factsFor(archive, server)
    const owner = facts?.owner ?? target.credentials.user
    const needed = [...rolesOf(archive, facts), ...(owner === null ? [] : [owner])]
    const missing = await missingRoles(session, [...new Set(needed)])
    const preparation = {
      order,
      archive,
      access,
      session,
      server,
      facts,
      owner,
      missingRoles: missing,
    }
    refuseWhatWouldFail(preparation)
    await refuseDemands(preparation)
    await refuseBeyondUser(preparation)
    return {
      plan: planOf(preparation),
      run: (onProgress) => runRestore(preparation, onProgress),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    }
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw explain(failed, error, login)
  }
}

async function accessOf(order: RestoreOrder, context: EngineContext): Promise<AdminAccess> {
  const { target, admin } = order
  const database = { ...target, credentials: admin ?? target.credentials }
  const environment = libpqEnvironment(database, context.environment, context.connectTimeoutSeconds)
  return { environment, tools: await newestTools(context), context }
}

/** Two restores of one database would swap each other away. */
async function lockTarget(session: AdminSession, { target }: RestoreOrder): Promise<void> {
  const { database } = target.spec
  const isOurs = await session.one<boolean>(
    `SELECT pg_catalog.to_json(pg_catalog.pg_try_advisory_lock(${lockSpace}, pg_catalog.hashtext(${textOf(database)})))`,
  )
  if (isOurs) return
  throw new Refusal(`Another restore of ${target.spec.written} is under way.`, {
    reason: 'Two restores of one database would replace each other.',
    advice: 'Wait until it has ended, then look at the database before you try again.',
    exitStatus: 3,
  })
}

function planOf({
  order,
  archive,
  server,
  owner,
  missingRoles: missing,
}: Preparation): RestorePlan {
  const { existing } = server
  const keeps = existing !== null && order.keepOld && !order.inPlace
  return {
    serverVersion: server.serverVersion,
    user: server.user,
    targetExists: existing !== null,
    targetBytes: existing?.bytes ?? null,
    owner,
    missingRoles: missing,
    keptAs: keeps ? oldNameFor(existing.name, order.now) : null,
    warnings: [
      ...(archive.manifest === null ? [] : archive.warnings.map(sentence)),
      ...warningsOn(archive.serverMajor, server),
    ],
  }
}

function warningsOn(
  dumpMajor: number | null,
  { major, existing }: Preparation['server'],
): string[] {
  const isNewer = dumpMajor !== null && dumpMajor > major
  const { slots = 0, subscriptions = 0 } = existing ?? {}
  return [
    ...(isNewer ? [`The dump is of PostgreSQL ${dumpMajor}, the server is older (${major}).`] : []),
    ...(slots > 0
      ? [`The present database has ${slots} replication slots, which go with it. ${slotsGo}`]
      : []),
    ...(subscriptions > 0
      ? [`The present database has ${subscriptions} subscriptions. ${undroppable}`]
      : []),
  ]
}

const slotsGo = 'Whoever reads from them needs new ones, or keep it with --keep-old.'
const undroppable = 'It cannot be dropped while they exist.'

function sentence(text: string): string {
  return `About the archive: ${text}.`
}
