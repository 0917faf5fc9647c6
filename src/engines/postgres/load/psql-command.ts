import { join } from 'node:path'
import type { Command } from '../../../platform/index.ts'
import { connectionString } from '../connection.ts'
import type { LoadTarget } from './load-types.ts'

/** A psql that runs a dump from stdin and prints bare values, without headings. */
export function psqlCommand(
  { database, environment, tools }: LoadTarget,
  { ignoreErrors, quiet = true }: { readonly ignoreErrors: boolean; readonly quiet?: boolean },
): Command {
  return {
    program: join(tools.folder, 'psql'),
    args: [
      '--no-psqlrc',
      '--no-password',
      ...(quiet ? ['--quiet'] : []),
      '--tuples-only',
      '--no-align',
      `--set=ON_ERROR_STOP=${ignoreErrors ? '0' : '1'}`,
      `--dbname=${connectionString(database, environment)}`,
      '--file=-',
    ],
    environment,
  }
}
