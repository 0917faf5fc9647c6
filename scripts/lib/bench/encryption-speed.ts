import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ageKey } from '../../../test/support/age-keys.ts'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { temporaryFolder } from '../../../test/support/volume.ts'
import { applianceJob } from './appliance-job.ts'
import { megabytes, type Row, seconds, spread } from './report.ts'
import { alternate, type Contender, median, ratioByRound } from './rounds.ts'
import { makeDatabase } from './sample-database.ts'
import { secondsOf } from './stopwatch.ts'

/** What encryption adds to a backup: for public keys, and with a passphrase. */
export async function encryptionSpeed(
  server: PostgresServer,
  { gigabytes, rounds }: { readonly gigabytes: number; readonly rounds: number },
): Promise<Row[]> {
  const database = await makeDatabase(server, gigabytes)
  await using keys = temporaryFolder()
  const { recipient } = ageKey(join(keys.path, 'key.txt'))
  const ours =
    (variables: Readonly<Record<string, string>>): Contender =>
    async () => {
      await using folder = temporaryFolder()
      const setting = { server, databases: [database.name], folder: folder.path, variables }
      const taken = await secondsOf(applianceJob(['-1'], setting))
      rmSync(folder.join('backups'), { recursive: true })
      return taken
    }
  const times = await alternate(
    {
      'backup.sh -1': ours({}),
      'to a public key': ours({ ENCRYPTION_RECIPIENTS: recipient }),
      'with a passphrase': ours({ ENCRYPTION_KEY: 'correct horse battery staple' }),
    },
    rounds,
  )
  await server.psql('postgres', `DROP DATABASE ${database.name}`)
  const clear = times['backup.sh -1']
  return [
    { what: 'database', figure: megabytes(database.bytes) },
    ...Object.entries(times).map(([what, values]) => ({
      what,
      figure: `${seconds(median(values))} (${spread(values)})`,
    })),
    ...(['to a public key', 'with a passphrase'] as const).map((what) =>
      ratioRow(what, ratioByRound(times[what], clear)),
    ),
  ]
}

function ratioRow(what: string, ratio: number): Row {
  const figure = `${(100 * (ratio - 1)).toFixed(0)} %`
  return {
    what: `encryption ${what} costs`,
    figure,
    target: { text: 'at most 25 %', met: ratio <= 1.25 },
  }
}
