import { type AdminSession, textOf } from './admin-session.ts'
import type { Preparation } from './order.ts'

/** What stands under the name of the target after a failure, as the server has it: a sentence. */
export async function stateAfterwards(
  session: AdminSession,
  { order, server }: Preparation,
): Promise<string> {
  const { database } = order.target.spec
  const [oid = null] = await session.rows<number>(
    `SELECT pg_catalog.to_json(oid::bigint) FROM pg_catalog.pg_database WHERE datname = ${textOf(database)}`,
  )
  const before = server.existing?.oid ?? null
  if (oid === before) return before === null ? 'No database was created.' : asItWas
  if (oid === null) {
    const why = order.inPlace ? ', as --in-place has it' : ''
    return `There is no database ${database} any more${why}.`
  }
  return `The database ${database} is another one now than when the restore began.`
}

const asItWas = 'The present database is as it was.'
