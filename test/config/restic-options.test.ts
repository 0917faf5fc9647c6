import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resticSettingsOf } from '../../src/config/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { read } from './read.ts'

const set = { RESTIC_REPOSITORY: 's3:https://s3.invalid/copies', RESTIC_PASSWORD: 'sesame' }

describe('the settings of restic', () => {
  test('are none without a repository', async () => {
    const { settings } = await read({})

    expect(resticSettingsOf(settings, {})).toBeNull()
  })

  test('have a stable host, no tags, and a cache that can be written', async () => {
    const { settings } = await read(set)

    expect(resticSettingsOf(settings, { PATH: '/bin' })).toEqual({
      host: 'backup-container',
      tags: [],
      environment: {
        ...set,
        PATH: '/bin',
        LC_ALL: 'C.UTF-8',
        RESTIC_CACHE_DIR: join(tmpdir(), 'backup-container-restic'),
      },
    })
  })

  test('come from files, too, and hand restic the values', async () => {
    const environment = {
      RESTIC_REPOSITORY_FILE: '/run/repository',
      RESTIC_PASSWORD_FILE: '/run/password',
      RESTIC_HOST: 'cluster-a',
      RESTIC_TAGS: 'prod, nightly,,',
      RESTIC_CACHE_DIR: '/cache/',
    }
    const files = { '/run/repository': 'rest:https://u:p@h/\n', '/run/password': 'sesame\n' }
    const { settings } = await read(environment, files)

    expect(resticSettingsOf(settings, environment)).toEqual({
      host: 'cluster-a',
      tags: ['prod', 'nightly'],
      environment: {
        LC_ALL: 'C.UTF-8',
        RESTIC_REPOSITORY: 'rest:https://u:p@h/',
        RESTIC_PASSWORD: 'sesame',
        RESTIC_CACHE_DIR: '/cache',
      },
    })
  })

  test('let through what restic reads itself, and nothing of anybody else', async () => {
    const through = {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      B2_ACCOUNT_KEY: 'key',
      HTTPS_PROXY: 'http://proxy:3128',
      RESTIC_COMPRESSION: 'max',
      SSL_CERT_FILE: '/ca.pem',
    }
    const kept = {
      DATABASE_PASSWORD: 'x',
      PGPASSWORD: 'x',
      RESTIC_NUM_BACKUPS: '7',
      RESTIC_PASSWORD_COMMAND: 'x',
      RESTIC_RATE: '1MB/s',
      S3_PASSWORD: 'x',
    }
    const { settings } = await read(set)

    const { environment } = resticSettingsOf(settings, { ...through, ...kept }) ?? {}

    expect(environment).toMatchObject(through)
    for (const name of Object.keys(kept)) expect(environment).not.toHaveProperty(name)
  })

  test('need a password', async () => {
    const { RESTIC_REPOSITORY } = set

    const { reason, exitStatus } = await refusalOf(read({ RESTIC_REPOSITORY }))

    expect(exitStatus).toBe(2)
    expect(reason).toContain('RESTIC_PASSWORD: It is not set')
    expect(
      (await refusalOf(read({ RESTIC_REPOSITORY, RESTIC_PASSWORD_COMMAND: 'cat x' }))).reason,
    ).toContain('RESTIC_PASSWORD_COMMAND is not run here.')
  })

  test('leave us the tags by which we know our own', async () => {
    const refusal = await refusalOf(read({ ...set, RESTIC_TAGS: 'prod,bytes=3' }))

    expect(refusal.reason).toContain('RESTIC_TAGS: Tags like "bytes=3" are our own.')
  })
})
