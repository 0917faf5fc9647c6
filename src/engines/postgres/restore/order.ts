import type { DatabaseFacts } from '../../../model/index.ts'
import type { RestoreOrder } from '../../engine.ts'
import type { CheckedArchive } from '../archive/archive.ts'
import { parseAcl } from './acl.ts'
import type { AdminAccess, AdminSession } from './admin-session.ts'
import type { TargetServer } from './target.ts'

/** All that a restore needs to know; made before anything is touched. */
export interface Preparation {
  readonly order: RestoreOrder
  readonly archive: CheckedArchive
  readonly access: AdminAccess
  /** Beside the target; holds the advisory lock of this restore until it is over. */
  readonly session: AdminSession
  readonly server: TargetServer
  /** What the new database shall be like; null without manifest and without an old one. */
  readonly facts: DatabaseFacts | null
  readonly owner: string | null
  /** Roles to create without login before loading. */
  readonly missingRoles: readonly string[]
}

/** Whether the present database is given up before loading. */
export function isInPlace({ order, server }: Pick<Preparation, 'order' | 'server'>): boolean {
  return order.inPlace && server.existing !== null
}

/** Whether only its contents are: the user may not create another database. */
export function keepsDatabase(preparation: Pick<Preparation, 'order' | 'server'>): boolean {
  return isInPlace(preparation) && !preparation.server.mayCreateDatabases
}

/** What belongs to the database: as the manifest says, else as the present database is. */
export function factsFor(archive: CheckedArchive, server: TargetServer): DatabaseFacts | null {
  return archive.manifest?.database ?? server.existing
}

/** Every role that the restored database will refer to. */
export function rolesOf(archive: CheckedArchive, facts: DatabaseFacts | null): readonly string[] {
  const ofFacts =
    facts === null
      ? []
      : [
          facts.owner,
          ...(facts.acl === null ? [] : parseAcl(facts.acl).map(({ grantee }) => grantee)),
          ...facts.settings.map(({ role }) => role),
        ]
  const all = [...archive.roles, ...ofFacts].filter((role) => role !== null)
  return [...new Set(all)].toSorted()
}
