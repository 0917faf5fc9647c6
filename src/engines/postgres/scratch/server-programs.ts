import { findProgram, foldersOf, runCommand } from '../../../platform/index.ts'
import type { EngineContext } from '../../engine.ts'
import { versionedFolders } from '../tools.ts'

/** A folder with `initdb` and `postgres`. */
export interface ServerPrograms {
  readonly folder: string
  readonly major: number
  /** `15.18`, without what a distribution adds. */
  readonly version: string
}

/**
 * The servers on this machine, oldest first; `PG_BIN_DIR` alone where that has one. A server
 * without client programs counts too: the client is looked for apart.
 */
export async function serversHere(context: EngineContext): Promise<readonly ServerPrograms[]> {
  const { binDir, environment } = context
  const own = binDir === null ? [] : await serversIn([binDir], context)
  if (own.length > 0) return own
  const folders = [...(await versionedFolders()), ...foldersOf(environment['PATH'])]
  const found = await serversIn(folders, context)
  return found.toSorted((left, right) => left.major - right.major)
}

/**
 * The lowest that is older neither than the dump's server nor, where that can be had too, than
 * its pg_dump, which writes settings that older servers do not know.
 */
export function fittingServer(
  servers: readonly ServerPrograms[],
  dump: { readonly serverMajor: number; readonly toolMajor: number },
): ServerPrograms | null {
  const atLeast = (major: number): ServerPrograms | undefined =>
    servers.find((server) => server.major >= major)
  return atLeast(Math.max(dump.serverMajor, dump.toolMajor)) ?? atLeast(dump.serverMajor) ?? null
}

async function serversIn(
  folders: readonly string[],
  context: EngineContext,
): Promise<readonly ServerPrograms[]> {
  const found = await Promise.all(folders.map((folder) => serverIn(folder, context)))
  return found.filter((server) => server !== null)
}

async function serverIn(folder: string, context: EngineContext): Promise<ServerPrograms | null> {
  const program = await findProgram('postgres', [folder])
  if (program === null || (await findProgram('initdb', [folder])) === null) return null
  const command = { program, args: ['--version'], environment: serverEnvironment(folder, {}) }
  const said = await runCommand(command, { signal: context.signal, deadlineMs: 10_000 }).catch(
    () => null,
  )
  const version = /(?<version>\d+(?:\.\d+|\w+))/u.exec(said?.toString('utf8') ?? '')?.groups
  const text = version?.['version']
  return text === undefined ? null : { folder, version: text, major: Number.parseInt(text, 10) }
}

/**
 * All that a scratch server gets to see: nothing of ours, because it runs SQL that somebody else
 * may have written (design section 5).
 */
export function serverEnvironment(
  folder: string,
  names: Readonly<Record<string, string>>,
): Record<string, string> {
  return { PATH: `${folder}:/usr/bin:/bin`, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...names }
}
