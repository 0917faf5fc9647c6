import { chmodSync } from 'node:fs'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { specOf } from '../../../test/support/test-database.ts'
import {
  listFiles,
  readManifest,
  type TemporaryFolder,
  temporaryFolder,
} from '../../../test/support/volume.ts'
import { applianceJob } from './appliance-job.ts'
import { startDefaultServer } from './default-server.ts'
import { megabytes, type Row, seconds, spread } from './report.ts'
import { alternate, median, ratioByRound, tell } from './rounds.ts'
import { makeDatabase } from './sample-database.ts'
import { type Job, peaksOf, secondsOf } from './stopwatch.ts'

const formats = { plain: 1.5, custom: 1.8, directory: null } as const
type Format = keyof typeof formats

/** A volume with one backup. */
interface Stored extends AsyncDisposable {
  readonly folder: TemporaryFolder
  readonly verify: Job
  readonly path: string
}

/** The restore phase of a verification beside `gunzip -c | psql` into a server of defaults. */
export async function restoreSpeed(
  server: PostgresServer,
  { gigabytes, rounds }: { readonly gigabytes: number; readonly rounds: number },
): Promise<Row[]> {
  const database = await makeDatabase(server, gigabytes)
  tell('Backups to restore')
  await using plain = await store(server, database.name, 'plain')
  await using custom = await store(server, database.name, 'custom')
  await using directory = await store(server, database.name, 'directory')
  await server.psql('postgres', `DROP DATABASE ${database.name}`)
  const times = await alternate(
    {
      'gunzip -c | psql': () => usualWay(plain.folder.join('backups', plain.path)),
      plain: () => restorePhase(plain),
      custom: () => restorePhase(custom),
      directory: () => restorePhase(directory),
    },
    rounds,
  )
  const floor = times['gunzip -c | psql']
  return [
    { what: 'database to restore', figure: megabytes(database.bytes) },
    { what: '`initdb`, `gunzip -c | psql`', figure: timeText(floor) },
    ...(Object.keys(formats) as Format[]).flatMap((format) =>
      ratioRows(format, times[format], floor),
    ),
  ]
}

/** Peak memory of a verification for a database of each size. */
export async function restoreMemory(
  server: PostgresServer,
  sizes: readonly number[],
): Promise<Row[]> {
  const rows: Row[] = []
  for (const format of ['plain', 'custom'] as const) {
    const peaks: number[] = []
    for (const gigabytes of sizes) {
      const { name } = await makeDatabase(server, gigabytes)
      await using stored = await store(server, name, format)
      await server.psql('postgres', `DROP DATABASE ${name}`)
      const { own } = await peaksOf(stored.verify)
      tell(`  ${format}, ${gigabytes} GB: own ${megabytes(own)}`)
      peaks.push(own)
    }
    rows.push(memoryRow(format, sizes, peaks))
  }
  return rows
}

/** Two runs differ by what the collector leaves, and by chunks that wait for psql. */
const noise = 40e6

function memoryRow(format: Format, sizes: readonly number[], peaks: readonly number[]): Row {
  const growth = (peaks.at(-1) ?? 0) - (peaks[0] ?? 0)
  return {
    what: `peak memory of a verification, ${format}, ${sizes.join(' and ')} GB`,
    figure: peaks.map(megabytes).join(' and '),
    target: { text: 'flat (within 40 MB)', met: growth <= noise },
  }
}

async function store(server: PostgresServer, database: string, format: Format): Promise<Stored> {
  const folder = temporaryFolder()
  // The scratch server runs as another user, who must be able to pass through.
  chmodSync(folder.path, 0o711)
  const variables = { FORMAT: format, VERIFICATION_DIR: folder.join('verification') }
  const setting = { server, databases: [database], folder: folder.path, variables }
  const taken = await secondsOf(applianceJob(['-1'], setting))
  const [path = ''] = await listFiles(folder.join('backups'), { catalog: false })
  tell(`  ${taken.toFixed(2)} s  ${format}`)
  return {
    folder,
    path,
    verify: applianceJob(['-s', '-v', specOf(server, database)], setting),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** The seconds that the verification's own record says the restore took. */
async function restorePhase({ folder, path, verify }: Stored): Promise<number> {
  await secondsOf(verify)
  const { verifications } = await readManifest(folder.join('backups'), path)
  const last = verifications.at(-1)
  if (last?.verdict !== 'verified') throw new Error(`The verification ended as ${last?.verdict}.`)
  const phase = last.phases?.find(({ name }) => name === 'restore')
  if (phase === undefined) throw new Error('The verification has no phase "restore".')
  return phase.ms / 1_000
}

/** On a fresh server, as a verification's is; to make it counts on neither side. */
async function usualWay(file: string): Promise<number> {
  await using usual = await startDefaultServer()
  const { environment } = usual
  const job = (script: string): Job => ({
    command: ['bash', '-c', `set -o pipefail; ${script}`],
    cwd: '/',
    environment,
  })
  await secondsOf(job('createdb restored'))
  return await secondsOf(job(`gunzip -c '${file}' | psql --quiet --output=/dev/null restored`))
}

function ratioRows(format: Format, values: readonly number[], floor: readonly number[]): Row[] {
  const ratio = ratioByRound(floor, values)
  const least = formats[format]
  return [
    { what: `restore phase of a verification, ${format}`, figure: timeText(values) },
    {
      what: `${format} against \`gunzip -c | psql\``,
      figure: `${ratio.toFixed(2)} x faster`,
      ...(least === null ? {} : { target: { text: `at least ${least} x`, met: ratio >= least } }),
    },
  ]
}

function timeText(values: readonly number[]): string {
  return `${seconds(median(values))} (${spread(values)})`
}
