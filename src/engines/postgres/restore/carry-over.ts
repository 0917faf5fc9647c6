import type { DatabaseFacts } from '../../../model/index.ts'
import { parseAcl } from './acl.ts'
import { type AdminSession, isOfServer } from './admin-session.ts'
import { readSetting } from './configured-setting.ts'

/**
 * Gives a database its grants and settings: what belongs to it but is in no plain dump. To be
 * called after loading: a setting such as `default_transaction_read_only` would get in the way.
 * @returns what could not be done, in words.
 */
export async function carryOver(
  session: AdminSession,
  database: string,
  facts: Pick<DatabaseFacts, 'acl' | 'settings' | 'owner'>,
): Promise<readonly string[]> {
  const problems: string[] = []
  const attempt = async (what: string, doing: () => Promise<void>): Promise<void> => {
    try {
      await doing()
    } catch (error) {
      if (!isOfServer(error)) throw error
      problems.push(`${what} could not be carried over: ${error.message.trim()}`)
    }
  }
  const { acl } = facts
  if (acl !== null)
    await attempt('The grants on the database', () => grant(session, database, { ...facts, acl }))
  for (const { role, setting } of facts.settings) {
    await attempt(`The setting ${setting}${role === null ? '' : ` of role ${role}`}`, () =>
      set(session, database, { role, setting }),
    )
  }
  return problems
}

async function grant(
  session: AdminSession,
  database: string,
  { acl, owner }: { readonly acl: string; readonly owner: string },
): Promise<void> {
  await session.compose('REVOKE ALL ON DATABASE %I FROM PUBLIC', database)
  await session.compose('REVOKE ALL ON DATABASE %I FROM %I', database, owner)
  for (const { grantee, privileges } of parseAcl(acl)) {
    for (const { name, grantable } of privileges) {
      const to = grantee === null ? (['PUBLIC', []] as const) : (['%I', [grantee]] as const)
      const option = grantable ? ' WITH GRANT OPTION' : ''
      await session.compose(`GRANT ${name} ON DATABASE %I TO ${to[0]}${option}`, database, ...to[1])
    }
  }
}

async function set(
  session: AdminSession,
  database: string,
  { role, setting }: DatabaseFacts['settings'][number],
): Promise<void> {
  const { name, values } = readSetting(setting)
  const list = values.map(() => '%L').join(', ')
  if (role === null) {
    await session.compose(`ALTER DATABASE %I SET %I TO ${list}`, database, name, ...values)
  } else {
    const template = `ALTER ROLE %I IN DATABASE %I SET %I TO ${list}`
    await session.compose(template, role, database, name, ...values)
  }
}
