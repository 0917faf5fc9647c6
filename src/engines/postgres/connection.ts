import type { ConfiguredDatabase } from '../../model/index.ts'
import { baseEnvironment, type Environment, pick } from '../../platform/index.ts'

/** libpq's own variables that would redirect a connection or recode a dump. */
const overruled: ReadonlySet<string> = new Set(['PGHOSTADDR', 'PGDATABASE', 'PGCLIENTENCODING'])

/**
 * The environment of a PostgreSQL tool: libpq's variables of the container (TLS, `.pgpass`,
 * service files) with the database's own address and credentials on top. The password goes this
 * way because every user of the machine can list arguments.
 */
export function libpqEnvironment(
  { spec, credentials }: ConfiguredDatabase,
  environment: Environment,
  connectTimeoutSeconds: number,
): Record<string, string> {
  const password = credentials.password?.reveal()
  return {
    ...baseEnvironment(environment),
    ...pick(environment, (name) => name.startsWith('PG') && isLibpq(name)),
    PGHOST: spec.host,
    PGPORT: String(spec.port),
    ...(credentials.user === null ? {} : { PGUSER: credentials.user }),
    ...(password === undefined ? {} : { PGPASSWORD: password }),
    PGCONNECT_TIMEOUT: String(Math.max(2, connectTimeoutSeconds)),
    PGAPPNAME: 'backup-container',
  }
}

/**
 * A connection string that names host, port, user and database once more, since a service file
 * (`PGSERVICE`) wins over the environment but not over this, and a backup must be of the server
 * that it is named after. A bare database name with `=` in it would be read as options. A dead peer
 * is noticed within about three minutes.
 */
export function connectionString(
  database: string,
  environment: Readonly<Record<string, string>>,
): string {
  const { PGHOST: host = '', PGPORT: port = '', PGUSER: user } = environment
  const options = {
    host,
    port,
    ...(user === undefined ? {} : { user }),
    dbname: database,
    keepalives: '1',
    keepalives_idle: '60',
    keepalives_interval: '15',
    keepalives_count: '8',
  }
  return Object.entries(options)
    .map(([key, value]) => `${key}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(' ')
}

/** libpq's variables have no underscore but these; `PG_BIN_DIR` and `PGDUTY_URL` are ours. */
function isLibpq(name: string): boolean {
  if (overruled.has(name) || name.startsWith('PGDUTY')) return false
  return !name.includes('_') || name === 'PGCONNECT_TIMEOUT'
}
