import { describe, expect, test } from 'vitest'
import { type S3Settings, s3SettingsOf } from '../../src/config/index.ts'
import type { S3Options } from '../../src/stores/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { read } from './read.ts'

type Environment = Record<string, string>

async function s3Of(environment: Environment, files = {}): Promise<S3Options | null> {
  const { settings } = await read(environment, files)
  return s3SettingsOf(settings)
}

async function problemsOf(environment: Environment): Promise<string[]> {
  return (await refusalOf(read(environment))).reason.split('\n')
}

const ours = {
  S3_ENDPOINT: 'https://s3.example.org:9000',
  S3_BUCKET: 'backups',
  S3_USER: 'key',
  S3_PASSWORD: 'secret-123456',
}

describe('the settings of S3', () => {
  test('are none where none is set', async () => {
    expect(await s3Of({})).toBeNull()
    expect(await s3Of({ AWS_REGION: 'ca-central-1', AWS_ACCESS_KEY_ID: 'x' })).toBeNull()
  })

  test('are what the original knows, and the defaults of ours', async () => {
    const { credentials, ...settings } = (await s3Of(ours)) ?? {}

    expect(settings).toStrictEqual<Omit<S3Settings, 'credentials'>>({
      endpoint: 'https://s3.example.org:9000',
      bucket: 'backups',
      prefix: '',
      region: null,
      pathStyle: true,
      caFile: null,
      encryption: null,
      storageClass: null,
      tags: [],
      timeoutSeconds: 120,
    })
    expect(credentials?.user).toBe('key')
    expect(credentials?.password.reveal()).toBe('secret-123456')
    expect(credentials?.sessionToken).toBeNull()
  })

  test('are all that can be set', async () => {
    const settings = await s3Of({
      ...ours,
      S3_ENDPOINT: 's3.example.org',
      S3_PREFIX: '/team a//databases/',
      S3_REGION: 'ca-central-1',
      S3_PATH_STYLE: 'no',
      S3_CA_FILE: '/ca.pem',
      S3_SSE: 'aws:kms',
      S3_SSE_KMS_KEY_ID: 'alias/backup',
      S3_STORAGE_CLASS: 'STANDARD_IA',
      S3_TAGS: 'team=data, cost centre=17=3',
      S3_TIMEOUT: '30',
    })

    expect(settings).toMatchObject({
      endpoint: 'https://s3.example.org',
      prefix: 'team a/databases',
      region: 'ca-central-1',
      pathStyle: false,
      caFile: '/ca.pem',
      encryption: { algorithm: 'aws:kms', keyId: 'alias/backup' },
      storageClass: 'STANDARD_IA',
      tags: [
        ['team', 'data'],
        ['cost centre', '17=3'],
      ],
      timeoutSeconds: 30,
    })
  })

  test('need no endpoint and no key at Amazon, where a region is named', async () => {
    expect(await s3Of({ S3_BUCKET: 'b', AWS_DEFAULT_REGION: 'ca-central-1' })).toMatchObject({
      endpoint: null,
      region: 'ca-central-1',
      credentials: null,
      pathStyle: false,
    })
  })

  test('take the names that other systems use, from files as well', async () => {
    const key = await s3Of(
      {
        S3_ENDPOINT: 'http://a',
        S3_BUCKET: 'b',
        S3_ACCESS_KEY: 'key',
        S3_SECRET_KEY_FILE: '/secret',
      },
      { '/secret': 'from a file\n' },
    )

    expect(key?.credentials?.user).toBe('key')
    expect(key?.credentials?.password.reveal()).toBe('from a file')
  })

  test('take a session token with the key of its own name only', async () => {
    const amazon = {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'of amazon',
      AWS_SESSION_TOKEN: 'token',
    }
    const place = { S3_BUCKET: 'b', S3_REGION: 'ca-central-1' }

    const temporary = await s3Of({ ...place, ...amazon })
    const own = await s3Of({ ...ours, ...amazon })

    expect(temporary?.credentials?.user).toBe('id')
    expect(temporary?.credentials?.sessionToken?.reveal()).toBe('token')
    expect(own?.credentials?.password.reveal()).toBe('secret-123456')
    expect(own?.credentials?.sessionToken).toBeNull()
  })

  test.each<[Environment, string]>([
    [{ S3_ENDPOINT: 'https://a' }, 'S3_BUCKET: It is not set, but S3_ENDPOINT is.'],
    [{ ...ours, S3_USER: '' }, 'S3_USER: It is not set, but S3_PASSWORD is.'],
    [{ ...ours, S3_PASSWORD: '' }, 'S3_PASSWORD: It is not set, but S3_USER is.'],
    [
      { S3_BUCKET: 'b', S3_REGION: 'r', AWS_ACCESS_KEY_ID: 'id' },
      'AWS_SECRET_ACCESS_KEY: It is not set, but AWS_ACCESS_KEY_ID is.',
    ],
    [{ ...ours, S3_ENDPOINT: 'ftp://a' }, 'S3_ENDPOINT: It is no address.'],
    [{ ...ours, S3_ENDPOINT: 'https://a b' }, 'S3_ENDPOINT: It is no address.'],
    [{ ...ours, S3_ENDPOINT: 'https://u:hunter2@a' }, 'S3_ENDPOINT: It holds a user'],
    [{ ...ours, S3_ENDPOINT: 'https://a/?x' }, 'S3_ENDPOINT: It holds "?"'],
    [{ ...ours, S3_SSE_KMS_KEY_ID: 'x' }, 'S3_SSE_KMS_KEY_ID: It counts for S3_SSE=aws:kms only.'],
    [{ ...ours, S3_SSE: 'aes' }, 'S3_SSE: "aes" is not "AES256" or "aws:kms".'],
    [{ ...ours, S3_TAGS: 'team' }, 'S3_TAGS: "team" is not up to ten pairs'],
    [{ ...ours, S3_TAGS: 'a=1,a=2' }, 'S3_TAGS: "a=1,a=2" is not up to ten pairs'],
  ])('that are half or wrong are refused: %j', async (environment, problem) => {
    const problems = await problemsOf(environment)

    expect(problems).toStrictEqual([expect.stringContaining(problem)])
    expect(problems.join()).not.toContain('hunter2')
  })

  test('without an endpoint copy nothing, as in the original, and that is said', async () => {
    const environment = { ...ours, S3_ENDPOINT: '' }

    const { settings, warnings } = await read(environment)

    expect(s3SettingsOf(settings)).toBeNull()
    expect(warnings).toStrictEqual([
      'S3_BUCKET, S3_USER, S3_PASSWORD: Nothing is copied to S3 without S3_ENDPOINT; at Amazon, S3_REGION will do.',
    ])
  })
})
