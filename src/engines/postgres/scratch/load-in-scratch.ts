import { Refusal } from '../../../model/index.ts'
import type { CheckedArchive } from '../archive/archive.ts'
import { nameOf, wordsOf } from '../archive/statements.ts'
import { type LoadReport, loadArchive } from '../load/load.ts'
import { NotUnderstoodDump } from '../load/not-understood.ts'
import { SessionEnded, StatementFailure } from '../session.ts'
import type { Tools } from '../tools.ts'
import {
  prepareTarget,
  type RestoreTarget,
  superuserSession,
  type TargetQuestion,
} from './restore-target.ts'
import { randomPassword } from './scratch-folder.ts'
import type { ScratchServer } from './scratch-server.ts'
import { mentionsFullDisk, ScratchTrouble } from './trouble.ts'

export interface ScratchLoad {
  readonly archive: CheckedArchive
  readonly server: ScratchServer
  readonly tools: Tools
  readonly scratchFolder: string
  readonly jobs: number
  readonly ignoreErrors: boolean
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number, total: number | null) => void
}

export interface Loaded {
  readonly target: RestoreTarget
  readonly report: LoadReport
  readonly missingExtensions: readonly string[]
  readonly inventedRoles: readonly string[]
  readonly asSuperuser: boolean
}

/** What has to be different the next time. */
interface Plan {
  readonly missingExtensions: readonly string[]
  readonly extraRoles: readonly string[]
  readonly asSuperuser: boolean
}

/** Each try changes the plan by what its failure named, so there is an end even without this. */
const mostTries = 30

/**
 * Loads an archive into a database of the scratch server, as its owner who is no superuser. Where
 * the dump needs more (a role that it does not define, an extension that is not here, a right that
 * only superusers have), it begins anew with that.
 * @throws {Refusal} when the archive's SQL fails; {ScratchTrouble} when the server did.
 */
export async function loadInScratch(load: ScratchLoad): Promise<Loaded> {
  const defined = rolesDefinedIn(load.archive.rolesSql)
  const missing = await missingExtensions(load)
  const password = randomPassword()
  let plan: Plan = { missingExtensions: missing, extraRoles: [], asSuperuser: false }
  for (let tries = 1; ; tries += 1) {
    const roles = [...new Set([...defined, ...load.archive.roles, ...plan.extraRoles])]
    try {
      const question = { ...targetQuestion(load), roles, superusers: plan.asSuperuser, password }
      const target = await prepareTarget(question)
      const recreate = async (): Promise<void> => void (await prepareTarget(question))
      const report = await loadOnce(load, target, { ...plan, recreate })
      const inventedRoles = roles.filter((role) => !defined.includes(role) && !isOfServer(role))
      const { missingExtensions: lacking, asSuperuser } = plan
      return { target, report, missingExtensions: lacking, inventedRoles, asSuperuser }
    } catch (error) {
      load.signal.throwIfAborted()
      const next = error instanceof Refusal ? planAfter(textOf(error), plan) : null
      if (next?.asSuperuser === true) refuseStranger(load.archive, error as Refusal)
      if (next === null || tries === mostTries) throw await asTrouble(error, load)
      plan = next
    }
  }
}

function targetQuestion({
  archive,
  server,
  tools,
  signal,
}: ScratchLoad): Omit<TargetQuestion, 'roles' | 'superusers' | 'password'> {
  const { manifest, encoding, tablespaces } = archive
  return {
    server,
    tools,
    signal,
    facts: manifest?.database ?? null,
    encoding,
    tablespaces,
  }
}

async function loadOnce(
  load: ScratchLoad,
  target: RestoreTarget,
  plan: Plan & { readonly recreate: () => Promise<void> },
): Promise<LoadReport> {
  const { archive, server, tools, scratchFolder, jobs, ignoreErrors, signal, onProgress } = load
  const environment = plan.asSuperuser ? server.environment : target.environment
  return await loadArchive(
    archive,
    { database: target.database, environment, tools },
    {
      signal,
      jobs,
      onProgress,
      recreate: plan.recreate,
      scratchFolder,
      withoutTablespaces: true,
      // What needs an extension that is not here fails, and the rest is still worth a comparison.
      ignoreErrors: ignoreErrors || plan.missingExtensions.length > 0,
    },
  )
}

/** What a failure asks for; null when it is the archive's own fault. */
function planAfter(said: string, plan: Plan): Plan | null {
  const role = /role "(?<name>.+?)" does not exist/u.exec(said)?.groups?.['name']
  if (role !== undefined && !plan.extraRoles.includes(role)) {
    return { ...plan, extraRoles: [...plan.extraRoles, role] }
  }
  const extension = missingExtensionIn(said)
  if (extension !== null && !plan.missingExtensions.includes(extension)) {
    return { ...plan, missingExtensions: [...plan.missingExtensions, extension] }
  }
  return plan.asSuperuser || !needsSuperuser(said) ? null : { ...plan, asSuperuser: true }
}

/**
 * Any SQL can claim to need a superuser, and one may run programs. Only an archive whose bytes are
 * those that were sealed gets one.
 */
function refuseStranger({ manifest }: CheckedArchive, error: Refusal): void {
  if (manifest !== null) return
  throw new ScratchTrouble(
    'It asks for the rights of a superuser, and no manifest says that it is what we sealed. ' +
      'If you trust it, restore it by hand into a server that nobody needs.',
    { log: [textOf(error)] },
  )
}

function missingExtensionIn(said: string): string | null {
  const patterns = [
    /extension "(?<name>[^"]+)" is not available/u,
    /could not open extension control file "[^"]*\/(?<name>[^"/]+)\.control"/u,
  ]
  return patterns.map((pattern) => pattern.exec(said)?.groups?.['name']).find(Boolean) ?? null
}

/** Never for what reads and writes files or runs programs: no dump of pg_dump does. */
function needsSuperuser(said: string): boolean {
  if (/program|\bfiles?\b|pg_(?:execute|read|write)_server/iu.test(said)) return false
  return /permission denied|must be (?:superuser|owner|able|member)|only superuser/iu.test(said)
}

/** A server that does not answer a question within this is not there. */
const answerMs = 10_000

/** What psql and the server say when one of its processes died: no archive can do that. */
const lostServer =
  /out of (?:shared )?memory|server closed the connection|connection to server was lost|terminating connection because of crash|the database system is/u

/** A server that ended, or has no room left, says nothing about the archive. */
async function asTrouble(error: unknown, load: ScratchLoad): Promise<unknown> {
  if (!(error instanceof Refusal)) return error
  if (error instanceof NotUnderstoodDump) return new ScratchTrouble(textOf(error))
  const { server } = load
  const said = textOf(error)
  if (
    !mentionsFullDisk([said, ...server.log()]) &&
    !lostServer.test(said) &&
    server.isRunning() &&
    (await answers(load))
  )
    return error
  return new ScratchTrouble('The scratch server gave up during the restore.', {
    log: [said, ...server.log()],
  })
}

/** The end of a server may reach its clients before it reaches us, and in many words. */
async function answers(load: ScratchLoad): Promise<boolean> {
  await using session = superuserSession(load, 'postgres')
  try {
    await session.query('SELECT 1', { deadlineMs: answerMs })
    return true
  } catch (error) {
    load.signal.throwIfAborted()
    if (error instanceof SessionEnded || error instanceof StatementFailure) return false
    throw error
  }
}

function textOf({ message, reason }: Refusal): string {
  return [message, reason].filter((part) => part !== '').join(' ')
}

function isOfServer(role: string): boolean {
  return role.startsWith('pg_')
}

/** `CREATE ROLE name;` of pg_dumpall, one to a line. */
function rolesDefinedIn(rolesSql: string): readonly string[] {
  return rolesSql.split('\n').flatMap((line) => {
    const name = line.startsWith('CREATE ROLE ') ? wordsOf(line)[2] : undefined
    return name === undefined ? [] : [nameOf(name)]
  })
}

async function missingExtensions(load: ScratchLoad): Promise<readonly string[]> {
  const wanted = load.archive.manifest?.extensions.map(({ name }) => name) ?? []
  if (wanted.length === 0) return []
  await using session = superuserSession(load, 'postgres')
  const here = await session.query('SELECT name FROM pg_catalog.pg_available_extensions')
  return wanted.filter((name) => !here.includes(name))
}
