import { Refusal } from '../../../model/index.ts'
import { type AdminSession, textsOf } from './admin-session.ts'
import type { Preparation } from './order.ts'

const shownLength = 100

/** @throws {Refusal} when the archive wants something of the server that a restore cannot give it. */
export async function refuseDemands(preparation: Preparation): Promise<void> {
  const { order, archive, session } = preparation
  const what = `The restore of ${order.target.spec.written} would not be what it should be.`
  refuseRoleStatements(preparation, what)
  refusePsqlCommands(archive.psqlCommands, what)
  refuseServerStatements(preparation, what)
  if (order.ignoreErrors) return
  await refuseMissingTablespaces(archive.tablespaces, session, what)
  await refuseMissingExtensions(archive.extensions, session, what)
}

/** Roles belong to the whole server. What we sealed has them in a part of its own. */
function refuseRoleStatements({ order, archive }: Preparation, what: string): void {
  const [first] = archive.roleStatements
  if (first === undefined || archive.manifest !== null || order.roles) return
  throw new Refusal(what, {
    reason: `The archive changes roles of the server among the contents of the database, as pg_dump never does, and there is no manifest to say that we made it: ${shown(first)}`,
    advice: 'Look at it first. If you trust the archive, add --roles.',
  })
}

/** Nor are other databases, tablespaces and the server's settings any part of one database. */
function refuseServerStatements({ order, archive }: Preparation, what: string): void {
  if (archive.manifest !== null) return
  const { database } = order.target.spec
  const [other] = archive.databasesSet.filter((name) => name !== database)
  const [first = other === undefined ? undefined : `ALTER DATABASE "${other}" SET …`] =
    archive.serverStatements
  if (first === undefined) return
  throw new Refusal(what, {
    reason: `The archive changes databases, tablespaces or settings of the whole server among the contents of the database, and there is no manifest to say that we made it: ${shown(first)}`,
    advice: 'Look at it first. If you trust the archive, restore it with psql by hand.',
  })
}

function refusePsqlCommands([first]: readonly string[], what: string): void {
  if (first === undefined) return
  const isOfCreate = /^\\connect\b/u.test(first)
  const made = isOfCreate ? ', as pg_dump --create writes them' : ''
  throw new Refusal(what, {
    reason: `The archive has commands for psql${made}, which are never run: ${shown(first)}`,
    advice: isOfCreate
      ? 'Restore it with psql by hand, where it creates its own database.'
      : 'Look at it first, and take these commands out, or restore it with psql by hand.',
  })
}

async function refuseMissingTablespaces(
  wanted: readonly string[],
  session: AdminSession,
  what: string,
): Promise<void> {
  const missing = await missingAmong(wanted, session, 'pg_tablespace AS here (_, name)')
  if (missing.length === 0) return
  throw new Refusal(what, {
    reason: `Tables or indexes of the dump lie in tablespaces that the server does not have: ${missing.join(', ')}.`,
    advice: missingTablespace,
  })
}

/** Their files lie on the server's disk: nothing of ours can bring them there. */
async function refuseMissingExtensions(
  wanted: readonly string[],
  session: AdminSession,
  what: string,
): Promise<void> {
  const missing = await missingAmong(wanted, session, 'pg_available_extensions AS here')
  if (missing.length === 0) return
  throw new Refusal(what, {
    reason: `The dump needs extensions that are not available on the server: ${missing.join(', ')}.`,
    advice:
      'Install their packages on the server, or add -I: what needs them is then left out, and named.',
  })
}

/** @param here a catalog with the names that there are. */
async function missingAmong(
  wanted: readonly string[],
  session: AdminSession,
  here: string,
): Promise<readonly string[]> {
  if (wanted.length === 0) return []
  return await session.rows<string>(
    `SELECT pg_catalog.to_json(name) FROM pg_catalog.unnest(${textsOf(wanted)}) AS wanted (name)
    WHERE NOT EXISTS (SELECT FROM pg_catalog.${here} WHERE here.name = wanted.name) ORDER BY name`,
  )
}

/** The same advice for a restore that finds out only on its way. */
export const missingTablespace =
  'Create the tablespace (CREATE TABLESPACE … LOCATION …), or add -I: what belongs there then goes to the default one.'

function shown(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)} …` : text
}
