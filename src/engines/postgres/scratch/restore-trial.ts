import { join } from 'node:path'
import { type Manifest, Refusal, type RestoredFacts, type Trial } from '../../../model/index.ts'
import { isCode } from '../../../platform/index.ts'
import type { EngineContext, RestoreTest, RestoreTrial } from '../../engine.ts'
import { type CheckedArchive, checkArchive } from '../archive/archive.ts'
import { SessionEnded, StatementFailure } from '../session.ts'
import { newestTools, type Tools, toolsFor } from '../tools.ts'
import { clientWarning } from './client-warning.ts'
import { type Loaded, loadInScratch } from './load-in-scratch.ts'
import { removeHelpers, targetSession } from './restore-target.ts'
import { readRestoredFacts } from './restored-facts.ts'
import { makeScratchFolder } from './scratch-folder.ts'
import { type ScratchServer, startScratchServer } from './scratch-server.ts'
import { fittingServer, type ServerPrograms, serversHere } from './server-programs.ts'
import { Stopwatch } from './stopwatch.ts'
import { ScratchTrouble } from './trouble.ts'
import { runUserChecks } from './user-checks.ts'

interface Turn {
  readonly test: RestoreTest
  readonly context: EngineContext
  readonly watch: Stopwatch
  readonly warnings: string[]
}

/**
 * Restores an archive into a scratch server and says what is there then. The server and all its
 * files are gone when this settles.
 * @throws the reason of the signal, and defects; everything else is part of the trial.
 */
export async function tryRestore(test: RestoreTest, context: EngineContext): Promise<RestoreTrial> {
  const turn = { test, context, watch: new Stopwatch(), warnings: [] as string[] }
  const trial = await asTrial(turn)
  return { trial, phases: turn.watch.phases(), warnings: turn.warnings }
}

async function asTrial(turn: Turn): Promise<Trial> {
  const { signal } = turn.context
  try {
    const archive = await turn.watch.time('check', () => readArchive(turn))
    return await inScratch(turn, archive)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof BrokenArchive) return { kind: 'broken', reason: error.message }
    if (error instanceof ScratchTrouble) {
      return { kind: 'trouble', reason: error.message, log: error.log }
    }
    if (error instanceof Refusal) return { kind: 'trouble', reason: textOf(error), log: [] }
    if (isCode(error, 'EIO', 'EACCES', 'ENOENT', 'ESTALE', 'ENOSPC', 'EDQUOT', 'EPERM', 'EROFS')) {
      return { kind: 'trouble', reason: (error as Error).message, log: [] }
    }
    throw error
  }
}

/** The archive's own fault, already in words. */
class BrokenArchive extends Error {}

function broken(error: unknown): unknown {
  return error instanceof Refusal ? new BrokenArchive(textOf(error), { cause: error }) : error
}

function textOf({ message, reason }: Refusal): string {
  return [message, reason].filter((part) => part !== '').join(' ')
}

async function readArchive({ test, context }: Turn): Promise<CheckedArchive> {
  const { codec, format, manifest } = test
  const { signal, environment } = context
  try {
    return await checkArchive(test.path, { codec, format, manifest, signal, environment })
  } catch (error) {
    throw broken(error)
  }
}

async function inScratch(turn: Turn, archive: CheckedArchive): Promise<Trial> {
  const { test, context, watch } = turn
  const { signal, environment } = context
  const programs = await serverFor(archive, context)
  const tools = await clientFor(programs.major, archive, context)
  const warning = clientWarning(tools.version)
  if (warning !== null) turn.warnings.push(warning)
  await using folder = await makeScratchFolder(test.folder, signal)
  const { timeoutMs } = test
  await using server = await watch.time('start server', () =>
    startScratchServer(folder, { programs, environment, timeoutMs, signal }),
  )
  const scene = { archive, server, tools, scratchFolder: folder.path }
  try {
    const loaded = await loadAndTime(turn, scene)
    if (loaded.asSuperuser) turn.warnings.push(loadedBySuperuser)
    const facts = await watch.time('compare', () => factsOf(turn, { ...scene, loaded }))
    return { kind: 'restored', facts }
  } catch (error) {
    throw explained(error, server)
  }
}

const loadedBySuperuser =
  'The dump holds what only superusers may make, so a superuser of the scratch server loaded it.'

/** Our own sessions on the scratch server fail only by its fault, or ours. */
function explained(error: unknown, server: ScratchServer): unknown {
  if (!(error instanceof SessionEnded || error instanceof StatementFailure)) return error
  const text = 'The scratch server did not do what it was asked.'
  return new ScratchTrouble(text, { log: [error.message, ...server.log()] })
}

async function serverFor(
  { manifest, serverMajor }: CheckedArchive,
  context: EngineContext,
): Promise<ServerPrograms> {
  const servers = await serversHere(context)
  const dump = {
    serverMajor: majorOf(manifest?.serverVersion) ?? serverMajor ?? 0,
    toolMajor: majorOf(manifest?.toolVersion) ?? 0,
  }
  const fitting = fittingServer(servers, dump)
  if (fitting !== null) return fitting
  const newest = servers.at(-1)
  throw new ScratchTrouble(
    newest === undefined
      ? 'There is no PostgreSQL server on this machine (initdb and postgres) to restore into.'
      : `The dump is of PostgreSQL ${dump.serverMajor}, and the newest server here is ${newest.version}.`,
  )
}

/**
 * A psql that is older than the scratch server loads plain SQL all the same; pg_restore of another
 * major may not know what is in an archive.
 */
async function clientFor(
  major: number,
  { format }: CheckedArchive,
  context: EngineContext,
): Promise<Tools> {
  try {
    return await toolsFor(major, context)
  } catch (error) {
    if (!(error instanceof Refusal) || format !== 'plain') throw error
    return await newestTools(context)
  }
}

interface Scene {
  /** For an archive that has to be unpacked first. */
  readonly scratchFolder: string
  readonly archive: CheckedArchive
  readonly server: ScratchServer
  readonly tools: Tools
}

async function loadAndTime({ test, context, watch }: Turn, scene: Scene): Promise<Loaded> {
  const { jobs, ignoreErrors, onProgress } = test
  const { signal } = context
  const load = { ...scene, jobs, ignoreErrors, onProgress, signal }
  try {
    return await watch.time('restore', () => loadInScratch(load))
  } catch (error) {
    throw broken(error)
  }
}

async function factsOf(
  { test, context }: Turn,
  { archive, server, tools, loaded }: Scene & { readonly loaded: Loaded },
): Promise<RestoredFacts> {
  const { signal } = context
  const { report, target, missingExtensions, inventedRoles } = loaded
  await using session = targetSession({ server, tools, signal })
  await removeHelpers(session)
  const { manifest } = archive
  const comparable = digestsAgree(manifest, server.programs.major)
  const mode = manifest?.fingerprint.mode === 'content' && comparable ? 'content' : 'rows'
  const { major } = server.programs
  const found = await readRestoredFacts(session, { mode, report, major, schema: test.schema })
  const checks =
    test.checks === null
      ? []
      : await runUserChecks(target, {
          folder: test.checks,
          psql: join(tools.folder, 'psql'),
          signal,
        })
  return {
    ...found,
    checks,
    missingExtensions,
    inventedRoles,
    sqlErrors: report.errors.map(({ message }) => message),
    remarks: [
      ...archive.psqlCommands.map(
        (line) => `a command for psql was not run: ${line.slice(0, 100)}`,
      ),
      ...archive.warnings.filter((warning) => manifest !== null || !/manifest/iu.test(warning)),
      ...target.remarks,
      ...(comparable ? [] : ['the content of floats cannot be compared with a server before 12']),
    ],
  }
}

/** Since PostgreSQL 12 the text of a float is its shortest; before, it had all its digits. */
function digestsAgree(manifest: Manifest | null, serverMajor: number): boolean {
  if (manifest?.fingerprint.mode !== 'content') return true
  return (majorOf(manifest.serverVersion) ?? serverMajor) >= 12 || serverMajor < 12
}

function majorOf(version: string | undefined): number | null {
  const major = Number.parseInt(version ?? '', 10)
  return Number.isNaN(major) ? null : major
}
