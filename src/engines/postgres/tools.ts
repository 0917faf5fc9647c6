import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../../model/index.ts'
import { baseEnvironment, findProgram, foldersOf, runCommand } from '../../platform/index.ts'
import type { EngineContext } from '../engine.ts'

/** What the search for programs depends on. */
type Surroundings = Pick<EngineContext, 'environment' | 'binDir' | 'signal'>

/** A folder of PostgreSQL client programs. */
export interface Tools {
  readonly folder: string
  readonly major: number
  /** As `pg_dump --version` says, without the program's name. */
  readonly version: string
}

/** Where packages put the programs of several majors side by side (Debian; Red Hat). */
const versionedPlaces = [
  { parent: '/usr/lib/postgresql', folder: (entry: string) => join(entry, 'bin') },
  { parent: '/usr', folder: (entry: string) => join(entry, 'bin'), prefix: 'pgsql-' },
] as const

/**
 * The tools for a server: of its own major, else of the next newer one; the versioned folders
 * first, then the PATH. `PG_BIN_DIR` overrides both.
 * @throws {Refusal} when every client is older than the server: pg_dump would refuse, too.
 */
export async function toolsFor(serverMajor: number, context: Surroundings): Promise<Tools> {
  const places = placesOf(context)
  for (const place of [places.versioned, places.onPath]) {
    const fitting = (await place()).filter(({ major }) => major >= serverMajor)
    const best = fitting.toSorted((left, right) => left.major - right.major)[0]
    if (best !== undefined) return best
  }
  const newest = await newestOf(places)
  throw new Refusal(`There is no pg_dump for a server of PostgreSQL ${serverMajor}.`, {
    reason: `The newest client here is ${newest?.version ?? 'none'}, and pg_dump refuses newer servers.`,
    advice: `Use an image with the client of PostgreSQL ${serverMajor}, or point PG_BIN_DIR to its folder.`,
  })
}

/** The newest psql there is: it can talk to every older server. */
export async function newestPsql(context: Surroundings): Promise<string> {
  return join((await newestTools(context)).folder, 'psql')
}

/** The newest tools: psql and pg_restore of these serve every older server and archive. */
export async function newestTools(context: Surroundings): Promise<Tools> {
  const newest = await newestOf(placesOf(context))
  if (newest !== null) return newest
  throw new Refusal('No PostgreSQL client programs were found.', {
    reason:
      context.binDir === null
        ? 'Neither /usr/lib/postgresql/*/bin nor the PATH has pg_dump and psql.'
        : `PG_BIN_DIR (${context.binDir}) has no working pg_dump and psql.`,
    advice: 'Install the client package (postgresql-client), or correct PG_BIN_DIR.',
  })
}

type Place = () => Promise<readonly Tools[]>

interface Places {
  readonly versioned: Place
  /** It may lead to a wrapper that is slow to start, so it is asked only when need be. */
  readonly onPath: Place
}

const placesOfRun = new WeakMap<AbortSignal, Places>()

/** Where the tools are, looked for at most once per run. */
function placesOf(context: Surroundings): Places {
  const known = placesOfRun.get(context.signal)
  if (known !== undefined) return known
  const { binDir, environment } = context
  const versioned = async (): Promise<readonly Tools[]> =>
    inFolders(binDir === null ? await versionedFolders() : [binDir], context)
  const onPath = async (): Promise<readonly Tools[]> =>
    inFolders(binDir === null ? foldersOf(environment['PATH']) : [], context)
  const places = { versioned: once(versioned), onPath: once(onPath) }
  placesOfRun.set(context.signal, places)
  return places
}

function once(search: Place): Place {
  let result: Promise<readonly Tools[]> | undefined
  return () => (result ??= search())
}

async function newestOf({ versioned, onPath }: Places): Promise<Tools | null> {
  const known = await versioned()
  const all = known.length > 0 ? known : await onPath()
  return all.toSorted((left, right) => right.major - left.major)[0] ?? null
}

export async function versionedFolders(): Promise<readonly string[]> {
  const folders: string[] = []
  for (const { parent, folder, ...place } of versionedPlaces) {
    const prefix = 'prefix' in place ? place.prefix : ''
    const entries = await readdir(parent).catch(() => [])
    const fitting = entries.filter((entry) => /^\d+$/u.test(entry.slice(prefix.length)))
    const named = fitting.filter((entry) => entry.startsWith(prefix))
    folders.push(...named.map((entry) => join(parent, folder(entry))))
  }
  return folders
}

async function inFolders(
  folders: readonly string[],
  context: Surroundings,
): Promise<readonly Tools[]> {
  const tools = await Promise.all(folders.map((folder) => toolsIn(folder, context)))
  return tools.filter((tool) => tool !== null)
}

async function toolsIn(folder: string, context: Surroundings): Promise<Tools | null> {
  const program = await findProgram('pg_dump', [folder])
  if (program === null || (await findProgram('psql', [folder])) === null) return null
  const environment = baseEnvironment(context.environment)
  const command = { program, args: ['--version'], environment }
  // One that cannot even say its version cannot dump either; the search goes on without it.
  const said = await runCommand(command, { signal: context.signal, deadlineMs: 10_000 }).catch(
    () => null,
  )
  const version =
    said
      ?.toString('utf8')
      .trim()
      .replace(/^pg_dump \(PostgreSQL\) /u, '') ?? ''
  const major = /(?<major>\d+)/u.exec(version)?.groups?.['major']
  return major === undefined ? null : { folder, major: Number(major), version }
}
