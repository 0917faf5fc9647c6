import { Refusal } from '../../../model/index.ts'
import { asSuperuser } from './as-superuser.ts'
import { shownName } from './names.ts'
import type { Preparation } from './order.ts'

/** @throws {Refusal} when the user lacks a right without which nothing can come of it. */
export function refuseWhatWouldFail(preparation: Preparation): void {
  const { order, server } = preparation
  const { existing, user } = server
  const what = `The restore of ${order.target.spec.written} would fail.`
  const isInPlace = order.inPlace && existing !== null
  if (!server.mayCreateDatabases && !isInPlace) {
    throw new Refusal(what, {
      reason: `User ${user} may not create databases, and a restore loads into a new one beside the old.`,
      advice: `${asSuperuser}, or: ALTER ROLE ${user} CREATEDB. ${wayInPlace(preparation)}`,
    })
  }
  if (existing !== null && !existing.isOwned) {
    throw new Refusal(what, {
      reason: `User ${user} does not own the present database (${existing.owner} does), so it can neither rename nor drop it.`,
      advice: `${asSuperuser}, or restore to another name with --to.`,
    })
  }
  refuseMissingRoles(preparation, what)
}

/** Only what is there can be replaced where it is. */
function wayInPlace({ order, server }: Preparation): string {
  if (server.existing !== null) {
    return 'With --in-place the contents of the present database are replaced instead.'
  }
  const { database } = order.target.spec
  const owner = shownName(server.user)
  return `Or have it made empty (CREATE DATABASE ${shownName(database)} OWNER ${owner}), and add --in-place.`
}

function refuseMissingRoles({ order, server, missingRoles }: Preparation, what: string): void {
  if (missingRoles.length === 0 || server.mayCreateRoles || order.ignoreErrors) return
  const names = missingRoles.join(', ')
  throw new Refusal(what, {
    reason: `The dump refers to roles that the server does not have (${names}), and user ${server.user} may not create them.`,
    advice: `${asSuperuser}, create them first, or add -I to go on without them.`,
  })
}
