import type { Credentials, Secret } from '../model/index.ts'
import type { Settings } from './settings.ts'

/**
 * Who restores: the admin with a password that was given now, or else that of ADMIN_PASSWORD, or
 * none. null: the credentials of the database itself.
 */
export function adminCredentials(
  { adminUser, adminPassword }: Settings,
  given: Secret | null,
): Credentials | null {
  const password = given ?? adminPassword
  if (password === null && adminUser === null) return null
  return { user: adminUser ?? 'postgres', password }
}
