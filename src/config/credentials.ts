import { type Credentials, Secret } from '../model/index.ts'
import type { Settings } from './settings.ts'
import type { Variables } from './variables.ts'

/**
 * `<HOST>_USER` and `<HOST>_PASSWORD`, then `DATABASE_*`, then `POSTGRESQL_*`; user and password
 * are each looked for on their own (contract 3.1).
 */
export async function findCredentials(
  host: string,
  variables: Variables,
  settings: Settings,
): Promise<Credentials> {
  const prefix = variablePrefixOf(host)
  const user = await variables.valueOrFileOf(`${prefix}_USER`)
  const password = await variables.valueOrFileOf(`${prefix}_PASSWORD`)
  return {
    user: user ?? settings.databaseUser ?? settings.postgresqlUser,
    password:
      password === null
        ? (settings.databasePassword ?? settings.postgresqlPassword)
        : new Secret(password),
  }
}

/** `wallet-db.example.org` → `WALLET_DB_EXAMPLE_ORG`. */
function variablePrefixOf(host: string): string {
  return host.toUpperCase().replaceAll(/[^A-Z\d]/gu, '_')
}
