import type { Command } from '../../platform/index.ts'
import { connectionString } from './connection.ts'

interface Target {
  readonly database: string
  readonly environment: Readonly<Record<string, string>>
}

interface DumpChoices {
  readonly lockTimeoutSeconds: number
  /** An exported one that is held open; null: pg_dump's own. */
  readonly snapshot: string | null
  /** Format, compression, and where to. */
  readonly formatArgs: readonly string[]
}

/** Writes the dump to stdout, or into the folder of `formatArgs`. */
export function dumpCommand(
  program: string,
  { database, environment }: Target,
  { lockTimeoutSeconds, snapshot, formatArgs }: DumpChoices,
): Command {
  return {
    program,
    args: [
      ...formatArgs,
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
