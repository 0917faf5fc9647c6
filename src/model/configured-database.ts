import type { DatabaseSpec } from './database-spec.ts'
import type { Secret } from './secret.ts'

/** User and password, each found for itself; null leaves it to libpq (`.pgpass`, PGUSER ...). */
export interface Credentials {
  readonly user: string | null
  readonly password: Secret | null
}

/** A database that the configuration names, with all that was said about it. */
export interface ConfiguredDatabase {
  readonly spec: DatabaseSpec
  /** `<host>-<database>`, or the option `name = …`. */
  readonly core: string
  readonly credentials: Credentials
  /** Options of `?key=value` and of the database's section, already checked. */
  readonly options: Readonly<Record<string, string>>
}
