import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { type CephDetails, startCeph } from '../../../test/support/ceph-server.ts'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { temporaryFolder } from '../../../test/support/volume.ts'
import { applianceJob } from './appliance-job.ts'
import { megabytes, type Row, seconds, spread } from './report.ts'
import { alternate, type Contender, median, ratioByRound } from './rounds.ts'
import { makeDatabase } from './sample-database.ts'
import { type Job, peaksOf, secondsOf } from './stopwatch.ts'

const memoryLimit = 200e6

/** What it costs to back up straight to an object store on the same machine: Ceph, in memory. */
export async function objectStorageSpeed(
  server: PostgresServer,
  { gigabytes, rounds }: { readonly gigabytes: number; readonly rounds: number },
): Promise<Row[]> {
  await using ceph = await startCeph()
  const store = new Store(ceph.details)
  const database = await makeDatabase(server, gigabytes)
  const toBucket = async <Result>(measure: (job: Job) => Promise<Result>): Promise<Result> => {
    await using folder = temporaryFolder()
    const variables = await store.variables()
    const setting = { server, databases: [database.name], folder: folder.path, variables }
    const taken = await measure(applianceJob(['-1'], setting))
    await store.empty()
    return taken
  }
  const toVolume: Contender = async () => {
    await using folder = temporaryFolder()
    const setting = { server, databases: [database.name], folder: folder.path }
    const taken = await secondsOf(applianceJob(['-1'], setting))
    rmSync(folder.join('backups'), { recursive: true })
    return taken
  }
  const times = await alternate(
    { 'to a volume': toVolume, 'to a bucket': () => toBucket(secondsOf) },
    rounds,
  )
  const { own } = await toBucket(peaksOf)
  await server.psql('postgres', `DROP DATABASE ${database.name}`)
  const ratio = ratioByRound(times['to a bucket'], times['to a volume'])
  return [
    { what: 'database', figure: megabytes(database.bytes) },
    ...Object.entries(times).map(([what, values]) => ({
      what: `backup.sh -1 ${what}`,
      figure: `${seconds(median(values))} (${spread(values)})`,
    })),
    {
      what: 'a bucket costs',
      figure: `${(100 * (ratio - 1)).toFixed(0)} %`,
      target: { text: 'at most 25 %', met: ratio <= 1.25 },
    },
    {
      what: 'peak memory, to a bucket',
      figure: megabytes(own),
      target: { text: 'at most 200 MB', met: own > 0 && own <= memoryLimit },
    },
  ]
}

/** Buckets of the server, a new one for each run, since all of it is in memory. */
class Store {
  readonly #details: CephDetails
  readonly #client: S3Client
  #bucket = ''

  constructor(details: CephDetails) {
    this.#details = details
    const { user, password } = details
    this.#client = new S3Client({
      endpoint: this.#endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: user, secretAccessKey: password },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    })
  }

  async variables(): Promise<Readonly<Record<string, string>>> {
    this.#bucket = `bench-${randomUUID()}`
    await this.#client.send(new CreateBucketCommand({ Bucket: this.#bucket }))
    const { user, password } = this.#details
    return {
      BACKUP_DIR: `s3://${this.#bucket}/backups`,
      S3_ENDPOINT: this.#endpoint,
      S3_USER: user,
      S3_PASSWORD: password,
    }
  }

  async empty(): Promise<void> {
    const Bucket = this.#bucket
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket }))
    const Objects = Contents.map(({ Key = '' }) => ({ Key }))
    if (Objects.length === 0) return
    await this.#client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  }

  get #endpoint(): string {
    return `http://127.0.0.1:${this.#details.port}`
  }
}
