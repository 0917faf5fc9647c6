import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { inject } from 'vitest'
import { Secret } from '../../src/model/index.ts'
import type { S3Options } from '../../src/stores/index.ts'
import { type CephDetails, cephCommand, makeUser } from './ceph-server.ts'
import { askForServer } from './on-demand.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Provided by global-setup.ts. */
    onDemand: string
  }
}

interface Login {
  readonly user: string
  readonly password: string
}

/** An S3 server that all test files share: the gateway of Ceph. */
export interface Ceph extends CephDetails {
  readonly host: string
  readonly endpoint: string
  readonly tlsEndpoint: string
  /** A client with the right keys, for a look at what is there. */
  readonly client: S3Client
  /** Makes a bucket that nobody else has, and returns its name. */
  createBucket(): Promise<string>
  /** Makes a user that may keep so many bytes in all, with a bucket. */
  createUser(mostBytes: number): Promise<Login & { readonly bucket: string }>
  /** A store in this bucket, with other options than the plainest if need be. */
  options(bucket: string, others?: Partial<S3Options>): S3Options
}

/** The time limit in ms of a `beforeAll` that asks for it, on a machine with much else to do. */
export const cephStarts = 180_000

let shared: Promise<Ceph> | null = null

/** Started when the first test asks for it, which takes it about 13 s; never stop it. */
export async function sharedCeph(): Promise<Ceph> {
  shared ??= askForServer(inject('onDemand'), 'ceph').then((it) => cephOf(it as CephDetails))
  return await shared
}

function cephOf(details: CephDetails): Ceph {
  const { folder, port, tlsPort, user, password } = details
  const endpoint = `http://127.0.0.1:${port}`
  const client = clientOf(endpoint, { user, password })
  return {
    ...details,
    host: '127.0.0.1',
    endpoint,
    tlsEndpoint: `https://127.0.0.1:${tlsPort}`,
    client,
    createBucket: () => createBucket(client),
    createUser: async (mostBytes) => {
      const login = await createUser(folder, mostBytes)
      return { ...login, bucket: await createBucket(clientOf(endpoint, login)) }
    },
    options: (bucket, others = {}) => ({
      endpoint,
      bucket,
      prefix: '',
      region: null,
      credentials: { user, password: new Secret(password), sessionToken: null },
      pathStyle: true,
      caFile: null,
      encryption: null,
      storageClass: null,
      tags: [],
      timeoutSeconds: 60,
      ...others,
    }),
  }
}

function clientOf(endpoint: string, { user, password }: Login): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: user, secretAccessKey: password },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

async function createBucket(client: S3Client): Promise<string> {
  const Bucket = `bucket-${randomUUID()}`
  await client.send(new CreateBucketCommand({ Bucket }))
  return Bucket
}

async function createUser(folder: string, mostBytes: number): Promise<Login> {
  const login = { user: `user-${randomUUID()}`, password: randomUUID() }
  await makeUser(folder, login)
  const quota = ['--quota-scope=user', `--uid=${login.user}`]
  const set = ['quota', 'set', ...quota, `--max-size=${mostBytes}`]
  await cephCommand(folder, 'radosgw-admin', ...set)
  await cephCommand(folder, 'radosgw-admin', 'quota', 'enable', ...quota)
  return login
}
