import { Refusal } from '../../../model/index.ts'
import type { RestoreOrder } from '../../engine.ts'

const templates: ReadonlySet<string> = new Set(['template0', 'template1'])
const maintenance = 'postgres'

/**
 * The templates are what every new database is made from, and `postgres` is where people and tools
 * connect first; it may be restored from a backup of its own.
 * @throws {Refusal}
 */
export function refuseSystemDatabase({ source, target }: RestoreOrder): void {
  const { database, written } = target.spec
  const isTemplate = templates.has(database)
  const isTaken = database === maintenance && source.spec.database !== maintenance
  if (!isTemplate && !isTaken) return
  throw new Refusal(`${written} is not replaced by a restore. Nothing was touched.`, {
    reason: isTemplate
      ? `${database} is the template of new databases of the whole server.`
      : `${database} is the database that people and tools connect to first, and the backup is of another one.`,
    advice: 'Restore to another name with --to.',
    exitStatus: 2,
    isTyped: true,
  })
}
