import { type AdminSession, textsOf } from './admin-session.ts'
import { shownName } from './names.ts'

/** What is left to do about roles that were only invented; nothing where there are none. */
export function rolesWithoutLogin(names: readonly string[]): readonly string[] {
  return toComplete(names, { lack: 'login and password', clause: 'LOGIN PASSWORD' })
}

/** The same of roles of the archive that may log in: no password is ever in one. */
export async function rolesWithoutPassword(
  session: AdminSession,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return []
  const mayLogIn =
    await session.rows<string>(`SELECT pg_catalog.to_json(rolname) FROM pg_catalog.pg_roles
    WHERE rolcanlogin AND rolname = ANY (${textsOf(names)}) ORDER BY rolname`)
  return toComplete(mayLogIn, { lack: 'password', clause: 'PASSWORD' })
}

function toComplete(
  names: readonly string[],
  { lack, clause }: { readonly lack: string; readonly clause: string },
): readonly string[] {
  const [first] = names
  if (first === undefined) return []
  const who = names.length === 1 ? `The role ${first} was` : `The roles ${names.join(', ')} were`
  const each = names.length === 1 ? '' : ', and so on'
  return [
    `${who} created without ${lack}. Who logs in needs: ALTER ROLE ${shownName(first)} ${clause} '…'${each}.`,
  ]
}
