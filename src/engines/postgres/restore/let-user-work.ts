import { identityOf } from '../../../model/index.ts'
import { AdminSession, isOfServer, textOf } from './admin-session.ts'
import type { Preparation } from './order.ts'

interface Rights {
  readonly database: string
  readonly isOwner: boolean
  readonly mayCreateInPublic: boolean
}

/**
 * The user of the configuration could create tables in the old database, as its owner or, before
 * PostgreSQL 15, as anybody; it must be able to afterwards, too (D-13).
 * @returns what could not be done, in words.
 */
export async function letUserWork(
  preparation: Preparation,
  database: string,
): Promise<readonly string[]> {
  const { order, access } = preparation
  const { user } = order.target.credentials
  if (user === null) return []
  try {
    await using session = new AdminSession(access, database)
    await grantTo(user, { session, preparation })
    return []
  } catch (error) {
    if (!isOfServer(error)) throw error
    const why = error.message.trim()
    return [`User ${user} could not be given its rights on the database: ${why}`]
  }
}

interface Granting {
  readonly session: AdminSession
  readonly preparation: Preparation
}

/** A database that was dumped elsewhere, or by another tool, says nothing of this user's rights. */
async function grantTo(user: string, { session, preparation }: Granting): Promise<void> {
  const { order, archive } = preparation
  const [rights] = await session.rows<Rights>(rightsSql(user))
  if (rights === undefined || rights.isOwner) return
  const isForeign = archive.manifest?.spec !== identityOf(order.target.spec)
  if (isForeign) await session.compose('GRANT ALL ON DATABASE %I TO %I', rights.database, user)
  const couldCreate = isForeign || (archive.serverMajor ?? 15) < 15
  if (!couldCreate || rights.mayCreateInPublic) return
  await session.compose('GRANT USAGE, CREATE ON SCHEMA public TO %I', user)
}

const rightsSql = (user: string): string => `SELECT pg_catalog.json_build_object(
  'database', d.datname,
  'isOwner', r.rolsuper OR pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE'),
  'mayCreateInPublic', COALESCE((SELECT pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
    FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public'), true))
  FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
  WHERE r.rolname = ${textOf(user)} AND d.datname = pg_catalog.current_database()`
