import { join } from 'node:path'
import type { ConfiguredDatabase, Fingerprint } from '../../model/index.ts'
import { ProcessFailure, runCommand } from '../../platform/index.ts'
import type { DumpOrder, EngineContext, PreparedDump } from '../engine.ts'
import { dumpCommand, rolesCommand } from './commands.ts'
import { libpqEnvironment } from './connection.ts'
import { planFormat } from './dump-format.ts'
import { readFacts } from './facts.ts'
import { listTables, takeFingerprint } from './fingerprint.ts'
import { measureLargeObjects } from './large-objects.ts'
import { objectsForManifest } from './objects/index.ts'
import { checkRights } from './preflight.ts'
import { openSession, type Probe } from './probe.ts'
import { explain } from './problems.ts'
import { readBackDump } from './read-back-dump.ts'
import type { PsqlSession } from './session.ts'
import { StatementFailure } from './session.ts'
import { exportSnapshot } from './snapshot.ts'
import { type Tools, toolsFor } from './tools.ts'

const rolesDeadlineMs = 120_000

interface Preparation {
  readonly database: ConfiguredDatabase
  readonly context: EngineContext
  readonly order: DumpOrder
  readonly session: PsqlSession
  readonly probe: Probe
  readonly tools: Tools
  readonly environment: Readonly<Record<string, string>>
}

/** Probe, tools, rights, roles and snapshot: all that can fail before a byte is written. */
export async function prepareDump(
  database: ConfiguredDatabase,
  context: EngineContext,
  order: DumpOrder,
): Promise<PreparedDump> {
  const { session, probe } = await openSession(database, context)
  try {
    const tools = await toolsFor(probe.major, context)
    const { connectTimeoutSeconds } = context
    const environment = libpqEnvironment(database, context.environment, connectTimeoutSeconds)
    return await prepare({ database, context, order, session, probe, tools, environment })
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw explain(`Could not prepare the dump of ${database.spec.written}.`, error, database)
  }
}

async function prepare(preparation: Preparation): Promise<PreparedDump> {
  const { database, context, order, session, probe, tools, environment } = preparation
  await checkRights(session, probe, database)
  const [preamble, { facts, counting }] = await Promise.all([
    dumpRoles(preparation),
    readBefore(preparation),
  ])
  const target = { database: database.spec.database, environment }
  const { lockTimeoutSeconds, signal } = context
  const { snapshot } = counting
  const plan = await planFormat(order, tools, context)
  const choices = { lockTimeoutSeconds, snapshot, formatArgs: plan.args }
  const command = dumpCommand(join(tools.folder, 'pg_dump'), target, choices)
  const { format } = order
  return {
    facts: {
      ...facts,
      serverVersion: probe.serverVersion,
      toolVersion: tools.version,
      databaseBytes: probe.databaseBytes,
    },
    preamble: preamble.script,
    filling: plan.folder === null ? null : { command, folder: plan.folder },
    command: plan.pack ?? command,
    endMarker: '-- PostgreSQL database dump complete',
    warnings: [preamble.warning, counting.warning].filter((warning) => warning !== null),
    fingerprint: counting.take,
    async readBack(path, { whole }) {
      if (format === 'plain') return
      const setting = { tools, environment: context.environment, signal }
      await readBackDump(path, { format, whole }, setting)
    },
    async [Symbol.asyncDispose]() {
      await using _ = plan
      await session[Symbol.asyncDispose]()
    },
  }
}

/** What the session is asked before the dump, in the time that reading the roles takes anyway. */
async function readBefore({ session, probe, context }: Preparation): Promise<{
  readonly facts: Awaited<ReturnType<typeof readFacts>>
  readonly counting: Counting
}> {
  const facts = await readFacts(session)
  return { facts, counting: await beginCounting(session, probe.major, context) }
}

interface Preamble {
  readonly script: Buffer | null
  readonly warning: string | null
}

/** Without the right to read roles the database is still worth a backup, with a warning. */
async function dumpRoles({
  database,
  context,
  tools,
  environment,
}: Preparation): Promise<Preamble> {
  const target = { database: database.spec.database, environment }
  const command = rolesCommand(join(tools.folder, 'pg_dumpall'), target)
  const { signal } = context
  try {
    const script = await runCommand(command, { signal, deadlineMs: rolesDeadlineMs })
    return { script, warning: null }
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error
    const reason = error.ending.stderr.at(-1) ?? error.message
    const advice = 'The backup has no roles; a restore on a new server needs them created first.'
    return { script: null, warning: `Roles could not be dumped: ${reason}. ${advice}` }
  }
}

interface Counting {
  readonly snapshot: string | null
  readonly warning: string | null
  readonly take: () => Promise<Fingerprint>
}

async function beginCounting(
  session: PsqlSession,
  major: number,
  context: EngineContext,
): Promise<Counting> {
  const mode = context.fingerprint
  const without = (problem: string | null): Counting => ({
    snapshot: null,
    warning: problem === null ? null : `Rows are not counted: ${problem}.`,
    take: async () => ({ mode, tables: null, problem }),
  })
  if (mode === 'off') return without(null)
  try {
    const snapshot = await exportSnapshot(session)
    const tables = await listTables(session)
    const { objects, problem } = await objectsForManifest(session, major)
    const take = async (): Promise<Fingerprint> => {
      const counted = await takeFingerprint(session, mode, tables)
      const { largeObjects, problem: unread } = await measureLargeObjects(session, mode)
      const problems = [counted.problem, problem, unread].filter((one) => one !== null)
      const all = problems.length === 0 ? null : problems.join('; ')
      return { ...counted, objects, largeObjects, problem: all }
    }
    return { snapshot, warning: null, take }
  } catch (error) {
    if (!(error instanceof StatementFailure)) throw error
    return without(error.message)
  }
}
