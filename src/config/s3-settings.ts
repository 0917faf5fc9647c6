import type { Secret } from '../model/index.ts'
import type { Problems } from './problems.ts'
import type { ServerSideEncryption } from './setting-kinds.ts'
import type { Settings } from './settings.ts'

/** What the S3 store is told; its docstrings are there. */
export interface S3Settings {
  readonly endpoint: string | null
  readonly bucket: string
  readonly prefix: string
  readonly region: string | null
  readonly credentials: S3Login | null
  readonly pathStyle: boolean
  readonly caFile: string | null
  readonly encryption: {
    readonly algorithm: ServerSideEncryption
    readonly keyId: string | null
  } | null
  readonly storageClass: string | null
  readonly tags: readonly (readonly [key: string, value: string])[]
  readonly timeoutSeconds: number
}

interface S3Login {
  readonly user: string
  readonly password: Secret
  readonly sessionToken: Secret | null
}

/**
 * The object store that is configured; null when there is none: without an endpoint, and without a
 * region, which means Amazon, nothing is copied to S3, as in the original.
 */
export function s3SettingsOf(settings: Settings): S3Settings | null {
  const { s3Bucket: bucket, s3Endpoint, s3Region } = settings
  if (bucket === null || (s3Endpoint === null && s3Region === null)) return null
  return s3At(settings, { bucket, prefix: settings.s3Prefix ?? '' })
}

/** The same object store, at a place of it. */
export function s3At(
  settings: Settings,
  { bucket, prefix }: Pick<S3Settings, 'bucket' | 'prefix'>,
): S3Settings {
  const { s3Endpoint, s3Region: region, s3Sse } = settings
  const endpoint = s3Endpoint === null ? null : withScheme(s3Endpoint)
  return {
    endpoint,
    bucket,
    prefix: prefix
      .split('/')
      .filter((part) => part !== '')
      .join('/'),
    region,
    credentials: loginOf(settings),
    pathStyle: settings.s3PathStyle ?? endpoint !== null,
    caFile: settings.s3CaFile,
    encryption: s3Sse === null ? null : { algorithm: s3Sse, keyId: settings.s3SseKmsKeyId },
    storageClass: settings.s3StorageClass,
    tags: settings.s3Tags?.tags ?? [],
    timeoutSeconds: settings.s3Timeout.seconds,
  }
}

/** A session token goes with the key of its own name only. */
function loginOf(settings: Settings): S3Login | null {
  const { s3User, s3Password, awsAccessKeyId, awsSecretAccessKey, awsSessionToken } = settings
  if (s3User !== null && s3Password !== null) {
    return { user: s3User, password: s3Password, sessionToken: null }
  }
  if (awsAccessKeyId === null || awsSecretAccessKey === null) return null
  return { user: awsAccessKeyId, password: awsSecretAccessKey, sessionToken: awsSessionToken }
}

/** Gathers what is half configured or contradicts itself. */
export function checkS3(settings: Settings, problems: Problems): void {
  const { s3Endpoint, s3Bucket, s3Sse, s3SseKmsKeyId } = settings
  const isPrimary = meansBucket(settings.backupDir)
  const problem = s3Endpoint === null ? null : problemOfEndpoint(s3Endpoint)
  if (problem !== null) problems.add('S3_ENDPOINT', problem)
  if (s3Endpoint !== null && s3Bucket === null && !isPrimary) {
    problems.add('S3_BUCKET', 'It is not set, but S3_ENDPOINT is. Set both, or neither.')
  }
  if (s3SettingsOf(settings) === null && !isPrimary) return
  checkKeys(settings, problems)
  if (s3SseKmsKeyId !== null && s3Sse !== 'aws:kms') {
    problems.add('S3_SSE_KMS_KEY_ID', 'It counts for S3_SSE=aws:kms only. Set that, or unset this.')
  }
}

function checkKeys(settings: Settings, problems: Problems): void {
  const { s3User, s3Password, awsAccessKeyId, awsSecretAccessKey } = settings
  needBoth(problems, ['S3_USER', s3User], ['S3_PASSWORD', s3Password])
  if (s3User !== null || s3Password !== null) return
  const secret = ['AWS_SECRET_ACCESS_KEY', awsSecretAccessKey] as const
  needBoth(problems, ['AWS_ACCESS_KEY_ID', awsAccessKeyId], secret)
}

type Named = readonly [variable: string, value: unknown]

function needBoth(problems: Problems, [one, first]: Named, [other, second]: Named): void {
  if ((first === null) === (second === null)) return
  const [missing, set] = first === null ? [one, other] : [other, one]
  problems.add(missing, `It is not set, but ${set} is. A key needs both.`)
}

/** Whoever believes to have copies in S3 must not learn too late that there are none. */
export function warningsOfS3(settings: Settings): readonly string[] {
  const { s3Endpoint, s3Region, s3Bucket, s3User, s3Password, backupDir } = settings
  if (meansBucket(backupDir) && s3Bucket === null) return []
  if (s3Endpoint !== null || (s3Region !== null && s3Bucket !== null)) return []
  const members = { S3_BUCKET: s3Bucket, S3_USER: s3User, S3_PASSWORD: s3Password }
  const set = Object.entries(members).flatMap(([name, value]) => (value === null ? [] : [name]))
  if (set.length === 0) return []
  const wanted = s3Bucket === null ? 'S3_ENDPOINT and S3_BUCKET' : 'S3_ENDPOINT'
  return [
    `${set.join(', ')}: Nothing is copied to S3 without ${wanted}; at Amazon, S3_REGION will do.`,
  ]
}

/** Also when it is mistyped, which `checkPrimaryPlace` tells. */
export function meansBucket(backupDir: string): boolean {
  return /^\s*s3:/iu.test(backupDir)
}

function withScheme(endpoint: string): string {
  return endpoint.includes('://') ? endpoint : `https://${endpoint}`
}

/** Says nothing of the value itself, which may hold a secret. */
function problemOfEndpoint(endpoint: string): string | null {
  const url = URL.parse(withScheme(endpoint))
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return 'It is no address. Write for example S3_ENDPOINT=https://s3.example.org:9000.'
  }
  if (url.username !== '' || url.password !== '') {
    return 'It holds a user or a password. Put them into S3_USER and S3_PASSWORD.'
  }
  if (url.search === '' && url.hash === '') return null
  return 'It holds "?" or "#". Write only the scheme, the host and the port.'
}
