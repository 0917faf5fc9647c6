import { randomBytes } from 'node:crypto'
import type { Login, PostgresConnection } from './postgres-server.ts'

/** A database that one test made for itself. `await using` drops it. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string
  /** Its line for `backup.conf`. */
  readonly spec: string
  /** Credentials of the server's superuser for the appliance. */
  readonly environment: Readonly<Record<string, string>>
  psql(sql: string, login?: Login): Promise<string>
  drop(): Promise<void>
}

/** Makes a database, by default under a name of its own, and runs `sql` in it. */
export async function createDatabase(
  server: PostgresConnection,
  name: string = uniqueName('db'),
  sql = '',
): Promise<TestDatabase> {
  await server.psql('postgres', `CREATE DATABASE ${quoted(name)}`)
  if (sql !== '') await server.psql(name, sql)
  const drop = async () => {
    await server.psql('postgres', `DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`)
  }
  return {
    name,
    spec: specOf(server, name),
    environment: environmentOf(server.superuser),
    psql: (statements, login) => server.psql(name, statements, login),
    drop,
    [Symbol.asyncDispose]: drop,
  }
}

export interface TestRole extends Login, AsyncDisposable {
  /** Credentials of this role for the appliance. */
  readonly environment: Readonly<Record<string, string>>
}

/** Makes a role that can log in; `attributes` are those of CREATE ROLE, such as `BYPASSRLS`. */
export async function createRole(
  server: PostgresConnection,
  { user = uniqueName('role'), password = 'a role’s password', attributes = '' } = {},
): Promise<TestRole> {
  const secret = `'${password.replaceAll("'", "''")}'`
  await server.psql(
    'postgres',
    `CREATE ROLE ${quoted(user)} LOGIN PASSWORD ${secret} ${attributes}`,
  )
  return {
    user,
    password,
    environment: environmentOf({ user, password }),
    [Symbol.asyncDispose]: async () => {
      await server.psql('postgres', `DROP ROLE IF EXISTS ${quoted(user)}`)
    },
  }
}

/** `postgres=127.0.0.1:5433/my%20shop`, as `backup.conf` writes it. */
export function specOf({ host, port }: { host: string; port: number }, database: string): string {
  return `postgres=${host}:${port}/${encodeURIComponent(database)}`
}

export function environmentOf({ user, password }: Login): Record<string, string> {
  return { DATABASE_USER: user, DATABASE_PASSWORD: password }
}

/** A name that no other test of this or another run has. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(5).toString('hex')}`
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
