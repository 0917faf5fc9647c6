import { Refusal } from '../../../model/index.ts'
import { AdminSession, textsOf } from './admin-session.ts'
import { asSuperuser } from './as-superuser.ts'
import { refuseForeignContents } from './empty-database.ts'
import { isInPlace, keepsDatabase, type Preparation } from './order.ts'

/**
 * What a user who is no superuser would only find out on the way, when a restore in place has
 * dropped the old contents already.
 * @throws {Refusal} when it cannot load the archive, or cannot drop what is there.
 */
export async function refuseBeyondUser(preparation: Preparation): Promise<void> {
  const { server } = preparation
  if (!isInPlace(preparation) || server.isSuperuser) return
  if (keepsDatabase(preparation)) await refuseForeignContents(preparation)
  if (preparation.order.ignoreErrors) return
  await refuseForeignOwners(preparation)
  await refuseExtensions(preparation)
}

/** `pg_database_owner` has whoever owns the new database for its member. */
async function refuseForeignOwners(preparation: Preparation): Promise<void> {
  const { archive, session, server, order } = preparation
  const owners = archive.owners.filter((name) => name !== 'pg_database_owner')
  const beyond = await session.rows<string>(beyondSql(owners, server.major))
  if (beyond.length === 0) return
  throw new Refusal(wouldFail(order.target.spec.written), {
    reason: `Things in the dump belong to ${beyond.join(', ')}, and user ${server.user} may not give anything to these roles, because it is no member of them. Nothing was touched.`,
    advice: `${asSuperuser}, make ${server.user} a member (GRANT … TO ${server.user}), or add -I: what belongs to others then goes to ${server.user}.`,
  })
}

/** Roles of which the user is no member; those that do not exist have no members. */
function beyondSql(owners: readonly string[], major: number): string {
  const privilege = major >= 16 ? 'SET' : 'MEMBER'
  return `SELECT pg_catalog.to_json(name) FROM pg_catalog.unnest(${textsOf(owners)}) AS owner (name)
    LEFT JOIN pg_catalog.pg_roles r ON r.rolname = owner.name
    WHERE r.oid IS NULL OR NOT pg_catalog.pg_has_role(r.oid, '${privilege}') ORDER BY name`
}

interface ExtensionHere {
  readonly name: string
  readonly isAvailable: boolean
  readonly isTrusted: boolean
  /** In the database that is there now, and who owns it. */
  readonly owner: string | null
  readonly isOwned: boolean
}

async function refuseExtensions(preparation: Preparation): Promise<void> {
  const { archive, access, server, order } = preparation
  if (archive.extensions.length === 0) return
  await using session = new AdminSession(access, order.target.spec.database)
  const here = await session.rows<ExtensionHere>(extensionsSql(archive.extensions, server.major))
  const problems = here.flatMap((extension) => problemOf(extension, preparation) ?? [])
  if (problems.length === 0) return
  throw new Refusal(wouldFail(order.target.spec.written), {
    reason: `${problems.join(' ')} Nothing was touched.`,
    advice: `${asSuperuser}, or add -I to go on without what cannot be made.`,
  })
}

function problemOf(
  { name, isAvailable, isTrusted, owner, isOwned }: ExtensionHere,
  preparation: Preparation,
): string | null {
  const { archive, server } = preparation
  const stays = owner !== null && !isOwned && keepsDatabase(preparation)
  if (stays) {
    return archive.extensionComments.includes(name)
      ? `The extension ${name} belongs to ${owner}, and only its owner may comment on it, as the dump does.`
      : null
  }
  if (!isAvailable) return `The server does not have the extension ${name}.`
  return isTrusted
    ? null
    : `Only a superuser may create the extension ${name}, and user ${server.user} is none.`
}

const extensionsSql = (
  names: readonly string[],
  major: number,
): string => `SELECT pg_catalog.json_build_object(
  'name', wanted.name,
  'isAvailable', a.name IS NOT NULL,
  'isTrusted', ${major >= 13 ? 'COALESCE((SELECT pg_catalog.bool_or(v.trusted) FROM pg_catalog.pg_available_extension_versions v WHERE v.name = wanted.name AND v.version = a.default_version), false)' : 'false'},
  'owner', r.rolname,
  'isOwned', COALESCE(pg_catalog.pg_has_role(e.extowner, 'USAGE'), false))
  FROM pg_catalog.unnest(${textsOf(names)}) AS wanted (name)
  LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = wanted.name
  LEFT JOIN pg_catalog.pg_extension e ON e.extname = wanted.name
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = e.extowner
  ORDER BY wanted.name`

function wouldFail(written: string): string {
  return `The restore of ${written} would fail.`
}
