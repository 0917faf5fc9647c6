import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { specOf } from '../../../test/support/test-database.ts'
import { startProgramInTerminal } from '../../../test/support/tty.ts'
import { fakeBackup, type TemporaryFolder, temporaryFolder } from '../../../test/support/volume.ts'
import { applianceJob } from './appliance-job.ts'
import { type Row, spread } from './report.ts'
import { median, repeat, tell } from './rounds.ts'
import { type Job, secondsOf } from './stopwatch.ts'

const databases = ['orders', 'people', 'wiki', 'stock']
const backupsEach = 2_500
const aDay = 86_400_000

/** How long somebody waits who asks for help, or for the list of ten thousand backups. */
export async function startUp(server: PostgresServer): Promise<Row[]> {
  await using folder = temporaryFolder()
  for (const database of databases) await server.psql('postgres', `CREATE DATABASE ${database}`)
  const setting = { server, databases, folder: folder.path }
  const help = await repeat(() => secondsOf(applianceJob(['-h'], setting)), 11)
  tell(`  making ${databases.length * backupsEach} backups`)
  for (const database of databases) await fill(folder, server, database)
  const listing = await repeat(() => secondsOf(applianceJob(['-l'], setting)), 5)
  const job = applianceJob(['--ui'], setting)
  const interfaces = await repeat(() => secondsToFirstFrame(job), 5)
  const all = `${databases.length * backupsEach} backups`
  return [
    waitingRow('`backup.sh -h`', help, 0.15),
    waitingRow(`\`backup.sh -l\` of ${all}`, listing, 1),
    waitingRow(`\`backup.sh --ui\` of ${all}, to its first frame`, interfaces, 0.6),
  ]
}

/** From the start to the first frame on a terminal. */
async function secondsToFirstFrame({ command, cwd, environment }: Job): Promise<number> {
  const started = performance.now()
  await using terminal = startProgramInTerminal(command, { cwd, env: environment })
  await terminal.waitFor(/\[1 Overview\]/u)
  const seconds = (performance.now() - started) / 1_000
  terminal.type('q')
  await terminal.done
  return seconds
}

async function fill(folder: TemporaryFolder, server: PostgresServer, database: string) {
  const newest = Date.UTC(2026, 10, 20, 1)
  const spec = specOf(server, database)
  for (let day = 0; day < backupsEach; day += 1) {
    await fakeBackup(folder.join('backups'), {
      core: `${server.host}-${database}`,
      at: new Date(newest - day * aDay),
      bytes: 100,
      manifest: { spec },
    })
  }
}

function waitingRow(what: string, values: readonly number[], limit: number): Row {
  return {
    what,
    figure: `${median(values).toFixed(3)} s (${spread(values, 3)})`,
    target: { text: `under ${limit} s`, met: median(values) < limit },
  }
}
