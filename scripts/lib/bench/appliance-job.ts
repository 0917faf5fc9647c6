import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launcher } from '../../../test/support/appliance.ts'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { environmentOf, specOf } from '../../../test/support/test-database.ts'
import type { Job } from './stopwatch.ts'

interface Setting {
  readonly server: PostgresServer
  readonly databases: readonly string[]
  /** Holds `backup.conf`; the volume is its folder `backups`. */
  readonly folder: string
  readonly variables?: Readonly<Record<string, string>>
}

/** `backup.sh` as a user runs it, with its databases in a `backup.conf`. */
export function applianceJob(
  args: readonly string[],
  { server, databases, folder, variables = {} }: Setting,
): Job {
  const lines = databases.map((database) => `${specOf(server, database)}\n`)
  writeFileSync(join(folder, 'backup.conf'), lines.join(''))
  return {
    command: [launcher, ...args],
    cwd: folder,
    environment: {
      ...environmentOf(server.superuser),
      BACKUP_DIR: join(folder, 'backups/'),
      ...variables,
    },
  }
}
