import { describe, expect, test } from 'vitest'
import { tellSecrets } from '../../src/config/index.ts'
import { Redactor } from '../../src/model/index.ts'
import { read } from './read.ts'

describe('the secrets of a configuration', () => {
  test('are told wherever they come from, also those that are only asked for later', async () => {
    const redactor = new Redactor()
    const files = {
      'backup.conf': 'pg-a/app\npg-b/app\nVAULT_TOKEN=token-333333\nMODE=visible-444444',
      '/run/secret': 'filed-222222\n',
    }
    const environment = {
      PG_A_PASSWORD: 'host-111111',
      PG_B_PASSWORD_FILE: '/run/secret',
      WEBHOOK_URL: 'https://hook.invalid/555555',
      S3_SECRET_KEY: 'object-666666',
      PG_C_PASSWORD: 'later-777777',
    }
    const text =
      'host-111111 filed-222222 token-333333 visible-444444 https://hook.invalid/555555 object-666666'

    const configuration = tellSecrets(await read(environment, files), redactor)

    expect(redactor.inOwnText(text)).toBe('*** *** *** visible-444444 *** ***')
    expect(redactor.inOwnText('later-777777')).toBe('later-777777')
    await configuration.credentialsFor('pg-c')
    expect(redactor.inOwnText('later-777777')).toBe('***')
  })

  test('leave names alone that are meant to be seen', async () => {
    const redactor = new Redactor()
    const environment = { DATABASE_USER: 'shop-app-1', DATABASE_PASSWORD: 'shop-app-1' }

    tellSecrets(await read(environment, { 'backup.conf': 'pg/shop-app-1' }), redactor)

    expect(redactor.inOwnText('Backing up pg/shop-app-1 as shop-app-1')).toBe(
      'Backing up pg/shop-app-1 as shop-app-1',
    )
    expect(redactor.inOutsideText('password shop-app-1')).toBe('password ***')
  })
})
