import { randomBytes, randomInt } from 'node:crypto'
import { chmod, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { Secret, type Source, type Store, sourceOf } from '../../src/model/index.ts'
import { type FtpOptions, type FtpStore, openFtpStore } from '../../src/stores/index.ts'
import { count } from '../support/counts.ts'
import { type Cut, startFtpProxy } from '../support/ftp-proxy.ts'
import {
  cannotRunPureFtpd,
  cannotRunPureFtpdNote,
  type FtpServer,
  sharedFtpServer,
  startPureFtpd,
  startVsftpd,
} from '../support/ftp-servers.ts'
import { refusalOf } from '../support/refusal.ts'
import { startBlackHole } from '../support/tcp-proxy.ts'
import { listFiles } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const { signal } = new AbortController()
const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const mib = 1024 * 1024
const cuts = count(10, 100)
const cutsTimeout = cuts * 6_000

const vsftpd = sharedFtpServer(startVsftpd)
const pureFtpd = sharedFtpServer(startPureFtpd)

describe.each([
  [
    'vsftpd',
    startVsftpd,
    (first: number, last: number) => [`pasv_min_port=${first}`, `pasv_max_port=${last}`],
  ],
  ['pure-ftpd', startPureFtpd, (first: number, last: number) => ['-p', `${first}:${last}`]],
] as const)('a network that fails, before %s', (name, start, portsOf) => {
  const isSkipped = name === 'pure-ftpd' && cannotRunPureFtpd
  const behind = sharedFtpServer(async () => {
    const proxy = await startFtpProxy()
    const { first, last } = proxy.passivePorts
    const server = await start({ extra: portsOf(first, last) })
    proxy.target = server.port
    return {
      ...server,
      options: { ...server.options, host: proxy.host, port: proxy.port },
      proxy,
      [Symbol.asyncDispose]: async () => {
        await proxy[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  })

  test.skipIf(isSkipped)(
    `an upload that is cut at ${cuts} random points goes on where it was`,
    async () => {
      const server = await behind()
      const starts: number[] = []
      for (let at = 0; at < cuts; at += 1) {
        const { store, root } = await emptyStore(server)
        const content = randomBytes(6 * mib)
        const [point, which] = [randomInt(2_000, content.length), whichOf(at)]
        server.proxy.cutAfter(point, which)

        await store.put(path, noting(content, starts), signal)

        const held = await readFile(join(root, path))
        expect(held.equals(content), `cut of ${which} after ${point} bytes`).toBe(true)
        expect(await listFiles(root)).toEqual([path])
      }
      expect(starts.some((from) => from > 0)).toBe(true)
    },
    cutsTimeout,
  )

  test.skipIf(isSkipped)(
    `an upload that ends at ${cuts} random points leaves no half file, and the next succeeds`,
    async () => {
      const server = await behind()
      for (let at = 0; at < cuts; at += 1) {
        const { store, root } = await emptyStore(server, { pausesMs: [] })
        const content = randomBytes(3 * mib)
        const [point, which] = [randomInt(2_000, content.length), whichOf(at)]
        server.proxy.cutAfter(point, which)

        const refusal = await refusalOf(store.put(path, sourceOf(content), signal))

        expect(refusal.mayPass, `cut of ${which} after ${point} bytes`).toBe(true)
        expect(await store.list(signal)).toEqual([])
        await store.put(path, sourceOf(content), signal)
        expect((await readFile(join(root, path))).equals(content)).toBe(true)
        expect(await listFiles(root)).toEqual([path])
      }
    },
    cutsTimeout,
  )

  test.skipIf(isSkipped)(
    `a download that is cut at ${cuts} random points is whole`,
    async () => {
      const server = await behind()
      const { store } = await emptyStore(server)
      const content = randomBytes(6 * mib)
      await store.put(path, sourceOf(content), signal)
      for (let at = 0; at < cuts; at += 1) {
        const [point, which] = [randomInt(2_000, content.length), whichOf(at)]
        server.proxy.cutAfter(point, which)

        const got = await buffer(await store.open(path, signal))

        expect(got.equals(content), `cut of ${which} after ${point} bytes`).toBe(true)
      }
    },
    cutsTimeout,
  )
})

describe('what comes from elsewhere', () => {
  test('a source of unknown length is not read twice, and nothing stays of it', async () => {
    await using proxy = await startFtpProxy()
    const { first, last } = proxy.passivePorts
    await using server = await startVsftpd({
      extra: [`pasv_min_port=${first}`, `pasv_max_port=${last}`],
    })
    proxy.target = server.port
    const { store, root } = await emptyStore(server, { host: proxy.host, port: proxy.port })
    const starts: number[] = []
    proxy.cutAfter(mib, 'all')

    const putting = store.put(
      path,
      { ...noting(randomBytes(4 * mib), starts), bytes: null },
      signal,
    )

    expect((await refusalOf(putting)).mayPass).toBe(true)
    expect(starts).toEqual([0])
    expect(await listFiles(root)).toEqual([])
  })

  test('what is told to stop in the middle leaves nothing behind', async () => {
    const { store, root } = await emptyStore(await vsftpd())
    const controller = new AbortController()
    const source = {
      bytes: 2 * mib,
      async *open() {
        yield randomBytes(mib)
        controller.abort(new Error('asked to stop'))
        await Promise.withResolvers<void>().promise
      },
    }

    await expect(store.put(path, source, controller.signal)).rejects.toThrow('asked to stop')

    expect(await listFiles(root)).toEqual([])
  })

  test('the unfinished file of a killed run is no backup, and gives way to the next', async () => {
    const server = await vsftpd()
    const { store, root } = await emptyStore(server)
    await store.put(path, sourceOf(Buffer.from('first')), signal)
    await writeFile(join(root, `${path}.in_progress`), randomBytes(5000))
    await chmod(join(root, `${path}.in_progress`), 0o666)

    expect(await pathsIn(store)).toEqual([path])
    await store.put(path, sourceOf(Buffer.from('second')), signal)

    expect(await listFiles(root)).toEqual([path])
    expect(String(await buffer(await store.open(path, signal)))).toBe('second')
  })
})

describe.each([
  ['vsftpd, which tells times by MDTM alone', vsftpd, false],
  ['pure-ftpd', pureFtpd, cannotRunPureFtpd],
] as const)('left-overs of dead runs on %s', (_name, serverOf, isSkipped) => {
  test.skipIf(isSkipped)('go when nobody has written to them for a day', async () => {
    const { store, root } = await emptyStore(await serverOf())
    const partialOf = async (core: string, day: string, hoursAgo: number): Promise<string> => {
      await store.put(`${day}/${core}_${day}_01-00-00.sql.gz`, sourceOf(Buffer.from('x')), signal)
      const partial = `${day}/${core}_${day}_01-00-00.sql.gz.in_progress`
      await rename(join(root, partial.replace(/\.in_progress$/u, '')), join(root, partial))
      const at = new Date(Date.now() - hoursAgo * 3_600_000)
      await utimes(join(root, partial), at, at)
      return partial
    }
    const dead = await partialOf('db-app', '2020-01-01', 25)
    const live = await partialOf('db-app', '2020-01-02', 0)
    const foreign = await partialOf('other', '2020-01-03', 25)
    const isOurs = (core: string): boolean => core === 'db-app'

    const unseen = await store.removeLeftovers(isOurs, signal)
    await store.list(signal)
    const removed = await store.removeLeftovers(isOurs, signal)

    expect(unseen).toEqual([])
    expect(removed).toEqual([dead])
    expect(await listFiles(root)).toEqual([live, foreign])
    expect(await readdir(root)).not.toContain('2020-01-01')
  })
})

describe('flat names, as the original sent them', () => {
  const file = 'db-app_2026-11-20_01-00-00.sql.gz'

  test('are listed, read and removed under the folder of their date', async () => {
    const { store, root } = await emptyStore(await vsftpd())
    await writeFile(join(root, file), 'flat', { mode: 0o666 })
    await writeFile(join(root, 'notes.txt'), 'not ours')

    expect(await store.list(signal)).toEqual([
      { path, storedAs: file, bytes: 4, modifiedAt: expect.any(Date) },
    ])
    expect(String(await buffer(await store.open(path, signal)))).toBe('flat')
    await store.remove(path)

    expect(await listFiles(root)).toEqual(['notes.txt'])
  })

  test('give way to a file that really has that path, and go with it', async () => {
    const { store, root } = await emptyStore(await vsftpd())
    await writeFile(join(root, file), 'flat', { mode: 0o666 })
    await store.put(path, sourceOf(Buffer.from('dated')), signal)

    expect(await store.list(signal)).toMatchObject([{ path, bytes: 5 }])
    expect(String(await buffer(await store.open(path, signal)))).toBe('dated')
    await store.remove(path)

    expect(await store.list(signal)).toEqual([])
  })
})

describe('TLS', () => {
  test('D-53: a server without it is refused, and hears neither user nor password', async () => {
    await using proxy = await startFtpProxy()
    await using server = await startVsftpd({ extra: ['ssl_enable=NO'] })
    proxy.target = server.port
    const { store } = await emptyStore(server, { host: proxy.host, port: proxy.port })

    const refusal = await refusalOf(store.put(path, sourceOf(Buffer.from('x')), signal))

    expect(refusal.message).toContain('does not offer TLS')
    expect(refusal.mayPass).toBe(false)
    expect(proxy.said).toMatch(/^AUTH TLS\r\n(?:QUIT\r\n)?$/u)
  })

  test('off means off, for servers that have none', async () => {
    await using server = await startVsftpd({ extra: ['ssl_enable=NO'] })
    const { store } = await emptyStore(server, { tls: 'off', caFile: null })

    await store.put(path, sourceOf(Buffer.from('x')), signal)

    expect(await pathsIn(store)).toEqual([path])
  })

  test('implicit TLS is spoken from the first byte', async () => {
    await using server = await startVsftpd({ extra: ['implicit_ssl=YES'] })
    const { store } = await emptyStore(server, { tls: 'implicit' })

    await store.put(path, sourceOf(Buffer.from('x')), signal)

    expect(await pathsIn(store)).toEqual([path])
  })

  test('an expired certificate is refused', async () => {
    await using server = await startVsftpd({ isExpired: true })
    const { store } = await emptyStore(server)

    const refusal = await refusalOf(store.list(signal))

    expect(refusal.reason).toContain('expired')
    expect(refusal.advice).toBe('Renew the certificate of the server.')
    expect(refusal.mayPass).toBe(false)
  })

  test('an authority that nobody named is refused, or taken where anything is', async () => {
    const server = await vsftpd()
    const strict = await emptyStore(server, { caFile: null })
    const insecure = await emptyStore(server, { caFile: null, insecure: true })

    const refusal = await refusalOf(strict.store.list(signal))

    expect(refusal.reason).toContain('certificate')
    expect(refusal.reason).not.toContain('Node.js')
    expect(refusal.advice).toContain('FTP_CA_FILE')
    expect(refusal.mayPass).toBe(false)
    expect(await insecure.store.list(signal)).toEqual([])
  })

  test('a file with certificates that is not there is a mistake of the configuration', async () => {
    const { options } = await vsftpd()

    const refusal = await refusalOf(openFtpStore({ ...options, caFile: '/not/there.pem' }))

    expect(refusal).toMatchObject({ exitStatus: 2, advice: expect.stringContaining('FTP_CA_FILE') })
  })
})

describe('what a person must put right', () => {
  test('a wrong password', async () => {
    const { store } = await emptyStore(await vsftpd(), { password: new Secret('hunter2') })

    const refusal = await refusalOf(store.list(signal))

    expect(refusal).toMatchObject({ mayPass: false, concernsStore: true })
    expect(refusal.advice).toContain('FTP_PASSWORD')
  })

  test('a folder that is not there is not made', async () => {
    const { options } = await vsftpd()
    const store = await openFtpStore({ ...options, folder: 'no such folder' })

    const refusal = await refusalOf(store.put(path, sourceOf(Buffer.from('x')), signal))

    expect(refusal.message).toContain('no such folder')
    expect(refusal).toMatchObject({ mayPass: false })
  })

  test('a folder in which nothing may be written', async () => {
    const { store, root } = await emptyStore(await vsftpd())
    await chmod(root, 0o555)

    const refusal = await refusalOf(store.put(path, sourceOf(Buffer.from('x')), signal))

    expect(refusal).toMatchObject({ mayPass: false, advice: expect.stringContaining('may read') })
    expect(refusal.message).toMatch(/^Sending \S+ to the FTP server \S+ failed/u)
  })

  test.skipIf(cannotRunPureFtpd)(`a full quota${cannotRunPureFtpdNote}`, async () => {
    await using server = await startPureFtpd({ extra: ['-n', '1000:1'] })
    const { store, root } = await emptyStore(server)
    await store.put(path, sourceOf(randomBytes(1000)), signal)
    const other = path.replace('01-00-00', '02-00-00')

    const refusal = await refusalOf(store.put(other, sourceOf(randomBytes(3 * mib)), signal))

    expect(refusal).toMatchObject({ mayPass: false, advice: expect.stringContaining('space') })
    expect(await pathsIn(store)).toEqual([path])
    expect(await listFiles(root)).toEqual([path])
  })

  test('a server that cannot be reached may pass', async () => {
    const server = await startVsftpd()
    const { store } = await emptyStore(server)
    await server[Symbol.asyncDispose]()

    expect((await refusalOf(store.list(signal))).mayPass).toBe(true)
  })
})

describe('a server that says nothing', () => {
  test('is waited for no longer than the time that is set', async () => {
    await using hole = await startBlackHole()
    const { store } = await emptyStore(await vsftpd(), { port: hole.port, timeoutSeconds: 0.2 })

    const refusal = await refusalOf(store.list(signal))

    expect(refusal.mayPass).toBe(true)
    expect(refusal.reason).toContain('Timeout')
  })

  test('is not waited for by who is told to stop', async () => {
    await using hole = await startBlackHole()
    const { store } = await emptyStore(await vsftpd(), { port: hole.port, timeoutSeconds: 3600 })
    const controller = new AbortController()

    const putting = store.put(path, sourceOf(Buffer.from('x')), controller.signal)
    await waitUntil('a connection', () => hole.connections > 0)
    controller.abort(new Error('asked to stop'))

    await expect(putting).rejects.toThrow('asked to stop')
  })

  test('a download ends where it is told to stop', async () => {
    const { store } = await emptyStore(await vsftpd())
    await store.put(path, sourceOf(randomBytes(8 * mib)), signal)
    const controller = new AbortController()

    const reading = (async () => {
      for await (const chunk of await store.open(path, controller.signal)) {
        if (chunk.length > 0) controller.abort(new Error('asked to stop'))
      }
    })()

    await expect(reading).rejects.toThrow('asked to stop')
    expect(await pathsIn(store)).toEqual([path])
  })
})

describe('servers with ways of their own', () => {
  test('nothing newer than TLS 1.2, whose sessions must be continued, too', async () => {
    await using server = await startVsftpd({ onlyOlderTls: true })
    const { store } = await emptyStore(server)

    await store.put(path, sourceOf(Buffer.from('x')), signal)

    expect(await pathsIn(store)).toEqual([path])
  })

  test('behind NAT, without EPSV, naming an address that only they can reach', async () => {
    await using server = await startVsftpd({
      extra: ['cmds_denied=EPSV', 'pasv_address=10.9.8.7'],
    })
    const { store } = await emptyStore(server)

    await store.put(path, sourceOf(Buffer.from('x')), signal)

    expect(await pathsIn(store)).toEqual([path])
  })

  test.skipIf(cannotRunPureFtpd)(
    `one connection for each client${cannotRunPureFtpdNote}`,
    async () => {
      await using server = await startPureFtpd({ extra: ['-C', '1'] })
      const { store } = await emptyStore(server)
      const paths = [0, 1, 2, 3, 4, 5].map((n) => path.replace('01-00-00', `0${n}-00-00`))
      // The look whether the server is up was a connection, too, and may not have ended there.
      await waitUntil('its only place is free', () =>
        store.list(signal).then(
          () => true,
          () => false,
        ),
      )

      await Promise.all(paths.map((it) => store.put(it, sourceOf(Buffer.from(it)), signal)))

      expect(await pathsIn(store)).toEqual(paths)
    },
  )

  test.skipIf(cannotRunPureFtpd)(`non-ASCII names${cannotRunPureFtpdNote}`, async () => {
    for (const server of [await vsftpd(), await pureFtpd()]) {
      const { store } = await emptyStore(server)
      const odd = '2026-11-20/db-Größe 100% [x]_2026-11-20_01-00-00.sql.gz'

      await store.put(odd, sourceOf(Buffer.from('x')), signal)

      expect(await pathsIn(store)).toEqual([odd])
      expect(String(await buffer(await store.open(odd, signal)))).toBe('x')
    }
  })
})

test('a path that is no path, or two commands, is never sent', async () => {
  const { store } = await emptyStore(await vsftpd())

  for (const wrong of ['../x', '/x', 'a//b', 'a\r\nDELE b', '']) {
    await expect(store.put(wrong, sourceOf(Buffer.from('x')), signal)).rejects.toThrow(TypeError)
    await expect(store.open(wrong, signal)).rejects.toThrow(TypeError)
    await expect(store.remove(wrong)).rejects.toThrow(TypeError)
  }
})

interface Mirror {
  readonly store: FtpStore
  /** The folder of the store, on the disk here. */
  readonly root: string
}

async function emptyStore(server: FtpServer, options: Partial<FtpOptions> = {}): Promise<Mirror> {
  const folder = await server.newFolder()
  return {
    store: await openFtpStore({ ...server.options, folder, ...options }),
    root: join(server.root, folder),
  }
}

/** Bytes that can be read again, and from where they were. */
function noting(bytes: Buffer, starts: number[]): Source {
  return {
    bytes: bytes.length,
    async *open(start) {
      starts.push(start)
      for (let at = start; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    },
  }
}

function whichOf(at: number): Cut {
  return (['all', 'data', 'control'] as const)[at % 3] ?? 'all'
}

async function pathsIn(store: Store): Promise<string[]> {
  return (await store.list(signal)).map((file) => file.path).toSorted()
}
