import type { Command } from '../../platform/index.ts'
import { connectionString } from './connection.ts'

interface Target {
  readonly database: string
  readonly environment: Readonly<Record<string, string>>
}

/** Plain format, as the original dumps; in `snapshot` where one is held open. */
export function dumpCommand(
  program: string,
  { database, environment }: Target,
  { lockTimeoutSeconds, snapshot }: { lockTimeoutSeconds: number; snapshot: string | null },
): Command {
  return {
    program,
    args: [
      '--format=plain',
      '--no-password',
      `--lock-wait-timeout=${lockTimeoutSeconds * 1000}`,
      ...(snapshot === null ? [] : [`--snapshot=${snapshot}`]),
      `--dbname=${connectionString(database, environment)}`,
    ],
    environment,
  }
}

/** All roles of the server without passwords, which only a superuser could read. */
export function rolesCommand(program: string, { database, environment }: Target): Command {
  return {
    program,
    args: [
      '--roles-only',
      '--no-role-passwords',
      '--no-password',
      // A connection string again: this option would read a name with `=` as one anyway.
      `--database=${connectionString(database, environment)}`,
    ],
    environment,
  }
}

/** A psql that reads statements from stdin and answers in bare lines. */
export function sessionCommand(program: string, { database, environment }: Target): Command {
  return {
    program,
    args: [
      '--no-psqlrc',
      '--no-password',
      '--quiet',
      '--tuples-only',
      '--no-align',
      '--set=ON_ERROR_STOP=0',
      '--set=VERBOSITY=default',
      `--dbname=${connectionString(database, environment)}`,
    ],
    environment: { ...environment, PGCLIENTENCODING: 'UTF8' },
  }
}
