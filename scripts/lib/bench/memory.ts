import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { temporaryFolder } from '../../../test/support/volume.ts'
import { applianceJob } from './appliance-job.ts'
import { megabytes, type Row } from './report.ts'
import { tell } from './rounds.ts'
import { makeDatabase } from './sample-database.ts'
import { peaksOf } from './stopwatch.ts'

const limit = 120e6
/** Two runs of the same job differ by some megabytes: when the collector runs is not our choice. */
const noise = 15e6

/** Peak memory of `backup.sh -1` for a database of each size; it shall not grow with the database. */
export async function memoryUse(server: PostgresServer, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = []
  const peaks: number[] = []
  for (const gigabytes of sizes) {
    const database = await makeDatabase(server, gigabytes)
    await using folder = temporaryFolder()
    const setting = { server, databases: [database.name], folder: folder.path }
    const { own, children } = await peaksOf(applianceJob(['-1'], setting))
    await server.psql('postgres', `DROP DATABASE ${database.name}`)
    const others = [...children].map(([name, peak]) => `${name} ${megabytes(peak)}`).join(', ')
    tell(`  ${gigabytes} GB: own ${megabytes(own)}; ${others}`)
    peaks.push(own)
    rows.push({
      what: `peak memory, ${gigabytes} GB database`,
      figure: `${megabytes(own)} (beside it: ${others})`,
      target: { text: 'at most 120 MB', met: own > 0 && own <= limit },
    })
  }
  return peaks.length < 2 ? rows : [...rows, growthRow(peaks)]
}

function growthRow(peaks: readonly number[]): Row {
  const growth = (peaks.at(-1) ?? 0) - (peaks[0] ?? 0)
  return {
    what: 'growth of memory with the database',
    figure: megabytes(growth),
    target: { text: 'none (within 15 MB)', met: growth <= noise },
  }
}
