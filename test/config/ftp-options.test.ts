import { describe, expect, test } from 'vitest'
import type { Environment } from '../../src/config/index.ts'
import { ftpOptionsOf } from '../../src/config/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { read } from './read.ts'

async function optionsOf(environment: Environment): Promise<ReturnType<typeof ftpOptionsOf>> {
  return ftpOptionsOf((await read(environment)).settings)
}

describe('the FTP server for copies', () => {
  test('is none by default, nor with "false", which the original wrote (D-41)', async () => {
    expect(await optionsOf({})).toBeNull()
    expect(await optionsOf({ FTP_URL: 'false' })).toBeNull()
  })

  test('D-53: has explicit TLS, required, on port 21', async () => {
    const options = await optionsOf({
      FTP_URL: 'ftp://ftp.example.org/backups/',
      FTP_USER: 'u',
      FTP_PASSWORD: 'p w',
    })

    expect(options).toMatchObject({
      host: 'ftp.example.org',
      port: 21,
      user: 'u',
      tls: 'required',
      caFile: null,
      insecure: false,
      folder: 'backups',
      timeoutSeconds: 60,
    })
    expect(options?.password.reveal()).toBe('p w')
  })

  test.each([
    ['ftp.example.org', { host: 'ftp.example.org', port: 21, folder: '', tls: 'required' }],
    ['ftp.example.org:2121/a/b', { port: 2121, folder: 'a/b' }],
    ['ftps://ftp.example.org', { port: 990, tls: 'implicit' }],
    ['ftps://ftp.example.org:21', { port: 21, tls: 'implicit' }],
    ['FTP://h/', { host: 'h', folder: '' }],
    ['ftp://h/a%20b/Gr%C3%B6%C3%9Fe', { folder: 'a b/Größe' }],
    ['ftp://h//srv/backups/', { folder: '/srv/backups' }],
    ['ftp://h/%2Fsrv', { folder: '/srv' }],
    ['ftp://h/a#b?c', { folder: 'a#b?c' }],
    ['ftp://[::1]:2121/x', { host: '::1', port: 2121 }],
  ])('%s', async (url, expected) => {
    expect(await optionsOf({ FTP_URL: url })).toMatchObject(expected)
  })

  test('a password in the URL is used and warned of, but loses against FTP_PASSWORD', async () => {
    const url = 'ftp://bob:p%40ss@h/'

    const { settings, warnings } = await read({ FTP_URL: url })
    const own = await optionsOf({ FTP_URL: url, FTP_USER: 'eve', FTP_PASSWORD: 'own' })

    expect(ftpOptionsOf(settings)?.user).toBe('bob')
    expect(ftpOptionsOf(settings)?.password.reveal()).toBe('p@ss')
    expect(warnings).toEqual([expect.stringMatching(/^FTP_URL: It holds a password\./u)])
    expect(own?.user).toBe('eve')
    expect(own?.password.reveal()).toBe('own')
  })

  test.each([
    [{ FTP_TLS: 'off' }, 'FTP_TLS: It is off.'],
    [{ FTP_TLS_INSECURE: 'true' }, 'FTP_TLS_INSECURE: Any certificate is taken.'],
  ])('%j is warned of', async (environment, words) => {
    const { warnings } = await read({ FTP_URL: 'ftp://h', ...environment })

    expect(warnings).toEqual([expect.stringContaining(words)])
  })

  test('a user without a server is warned of', async () => {
    const { warnings } = await read({ FTP_USER: 'u' })

    expect(warnings).toEqual([expect.stringContaining('Without FTP_URL')])
  })

  test.each([
    [{ FTP_URL: 'https://u:hunter2@h/' }, 'no address of an FTP server'],
    [{ FTP_URL: 'ftp://:hunter2@/' }, 'no address of an FTP server'],
    [{ FTP_URL: 'ftp://u:hunter2%zz@h/' }, '"%"'],
    [{ FTP_URL: 'ftps://h', FTP_TLS: 'off' }, 'FTP_TLS is off'],
    [{ FTP_URL: 'ftps://h', FTP_TLS: 'required' }, 'FTP_TLS is required'],
    [{ FTP_URL: 'ftp://h', FTP_TLS: 'maybe' }, '"maybe" is not "required", "implicit" or "off"'],
    [{ FTP_URL: 'ftp://h', FTP_TLS: 'off', FTP_CA_FILE: '/ca' }, 'no certificate is checked'],
    [{ FTP_URL: 'ftp://h', FTP_TLS_INSECURE: 'yes', FTP_CA_FILE: '/ca' }, 'no certificate is'],
    [{ FTP_URL: 'ftp://h', FTP_PASSWORD: 'hunter2\r\nDELE x' }, 'line end'],
    [{ FTP_URL: 'ftp://h/a%0D%0ADELE%20b' }, 'line end'],
  ])('%j is refused, and no secret is shown', async (environment, words) => {
    const { message, reason, advice, exitStatus } = await refusalOf(read(environment))

    expect(reason).toContain(words)
    expect(exitStatus).toBe(2)
    expect(message + reason + advice).not.toContain('hunter')
  })
})
