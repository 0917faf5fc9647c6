import { statSync } from 'node:fs'
import { join } from 'node:path'
import { debianBinDir, type PostgresServer } from '../../../test/support/postgres-server.ts'
import { listBackups, temporaryFolder } from '../../../test/support/volume.ts'
import { applianceJob } from './appliance-job.ts'
import { megabytes, type Row, seconds, spread } from './report.ts'
import { alternate, median, ratioByRound } from './rounds.ts'
import { makeDatabase } from './sample-database.ts'
import { type Job, secondsOf } from './stopwatch.ts'

/** What a backup costs beside `pg_dump` alone and beside `pg_dump | gzip`. */
export async function backupSpeed(
  server: PostgresServer,
  { gigabytes, rounds }: { readonly gigabytes: number; readonly rounds: number },
): Promise<Row[]> {
  const database = await makeDatabase(server, gigabytes)
  const sizes = { gzip: 0, ours: 0 }
  const ours = (fingerprint: string) => async () => {
    await using folder = temporaryFolder()
    const variables = { FINGERPRINT: fingerprint }
    const setting = { server, databases: [database.name], folder: folder.path, variables }
    const taken = await secondsOf(applianceJob(['-1'], setting))
    const [path = ''] = await listBackups(folder.join('backups'))
    sizes.ours = statSync(folder.join('backups', path)).size
    return taken
  }
  const times = await alternate(
    {
      'pg_dump > /dev/null': () => secondsOf(dumpJob(server, database.name, '> /dev/null')),
      'pg_dump | gzip > file': async () => {
        await using folder = temporaryFolder()
        const file = folder.join('dump.gz')
        const taken = await secondsOf(dumpJob(server, database.name, `| gzip > '${file}'`))
        sizes.gzip = statSync(file).size
        return taken
      },
      'backup.sh -1': ours('rows'),
      'backup.sh -1, FINGERPRINT=off': ours('off'),
    },
    rounds,
  )
  await server.psql('postgres', `DROP DATABASE ${database.name}`)
  return [
    { what: 'database', figure: megabytes(database.bytes) },
    ...Object.entries(times).map(([name, values]) => timeRow(name, values)),
    ...ratioRows(times),
    sizeRow(sizes),
  ]
}

/** pg_dump itself, without Debian's wrapper, which would make the floor look higher than it is. */
function dumpJob({ host, port, superuser }: PostgresServer, database: string, rest: string): Job {
  const dump = `${join(debianBinDir(), 'pg_dump')} --dbname=${database}`
  return {
    command: ['bash', '-c', `set -o pipefail; ${dump} ${rest}`],
    cwd: '/',
    environment: {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: superuser.user,
      PGPASSWORD: superuser.password,
    },
  }
}

function timeRow(name: string, values: readonly number[]): Row {
  return { what: `\`${name}\``, figure: `${seconds(median(values))} (${spread(values)})` }
}

type Times = Awaited<ReturnType<typeof alternate<string>>>

function ratioRows(times: Times): Row[] {
  const ratio = (first: string, other: string): number =>
    ratioByRound(times[first] ?? [], times[other] ?? [])
  const overFloor = ratio('backup.sh -1', 'pg_dump > /dev/null')
  const underGzip = ratio('pg_dump | gzip > file', 'backup.sh -1')
  const counting = ratio('backup.sh -1', 'backup.sh -1, FINGERPRINT=off')
  return [
    {
      what: '`backup.sh -1` against `pg_dump > /dev/null`',
      figure: `${overFloor.toFixed(2)} x`,
      target: { text: 'at most 1.15 x', met: overFloor <= 1.15 },
    },
    {
      what: '`backup.sh -1` against `pg_dump | gzip`',
      figure: `${underGzip.toFixed(2)} x faster`,
      target: { text: 'at least 2.5 x', met: underGzip >= 2.5 },
    },
    {
      what: 'counting rows in the snapshot costs',
      figure: `${(100 * (counting - 1)).toFixed(0)} %`,
      target: { text: 'at most 15 %', met: counting <= 1.15 },
    },
  ]
}

function sizeRow({ gzip, ours }: { readonly gzip: number; readonly ours: number }): Row {
  const ratio = ours / gzip
  return {
    what: 'size of the backup against `gzip -6`',
    figure: `${ratio.toFixed(3)} x (${megabytes(ours)}, ${megabytes(gzip)})`,
    target: { text: 'at most 1.02 x', met: ratio <= 1.02 },
  }
}
