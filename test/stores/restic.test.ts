import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, open as openFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Refusal, recordsFolder, type Source, sourceOf } from '../../src/model/index.ts'
import { ProcessFailure } from '../../src/platform/index.ts'
import type { ResticStore } from '../../src/stores/index.ts'
import { startTestChild, type TestChild } from '../support/child.ts'
import { count } from '../support/counts.ts'
import { refusalOf } from '../support/refusal.ts'
import {
  emptyRepository,
  noRepository,
  type RawSnapshot,
  type TestRepository,
} from '../support/restic.ts'
import { isAlive } from '../support/run-folder.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import { serverUser } from '../support/unprivileged.ts'
import { temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const { signal } = new AbortController()
const first = 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql'
const second = 'weekly/2026-11-22/db-app_2026-11-22_01-00-00.sql'
const record = `${recordsFolder}/0123456789abcdef0123456789abcdef.json`
const putChild = fileURLToPath(new URL('restic-put-child.ts', import.meta.url))

describe('what plain restic sees', () => {
  test('is one host and one path for all backups of a database, at their own times', async () => {
    await using repository = await emptyRepository()
    const store = repository.open({ tags: ['prod'] })

    await store.put(first, sourceOf(Buffer.from('one')), signal)
    await store.put(second, sourceOf(Buffer.from('two')), signal)
    await store.put(record, sourceOf(Buffer.from('{}')), signal)

    const snapshots = await repository.snapshots()
    expect(snapshots.toSorted(byPathAndTime)).toMatchObject([
      { hostname: 'test', paths: [`/${record}`] },
      {
        hostname: 'test',
        paths: ['/db-app.sql'],
        time: '2026-11-20T01:00:00Z',
        tags: [`path=${first}`, expect.stringMatching(/^put=/u), 'backup', 'prod', 'bytes=3'],
      },
      { hostname: 'test', paths: ['/db-app.sql'], time: '2026-11-22T01:00:00Z' },
    ])
    expect(await repository.restic('dump', '--path', '/db-app.sql', 'latest', '/db-app.sql')).toBe(
      'two',
    )
    await repository.restic('forget', '--keep-last', '1', '--prune')
    expect((await store.list(signal)).map(({ path }) => path)).toEqual([second])
    expect(await store.listRecords(signal)).toHaveLength(1)
  })

  test('holds what two dumps have in common once', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    const dump = randomBytes(12_000_000)
    const next = Buffer.concat([dump.subarray(0, 6_000_000), randomBytes(50), dump.subarray(6e6)])

    await store.put(first, sourceOf(dump), signal)
    await store.put(second, sourceOf(next), signal)

    const stats = await repository.restic('stats', '--mode', 'raw-data', '--json')
    expect(JSON.parse(stats)).toMatchObject({ total_size: expect.any(Number) })
    expect((JSON.parse(stats) as { total_size: number }).total_size).toBeLessThan(18_000_000)
  })

  test('tags with an odd path are taken as they are', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    const odd = '2026-11-20/a,b %2C "ä"\n_2026-11-20_01-00-00.sql'

    await store.put(odd, sourceOf(Buffer.from('x')), signal)

    expect((await store.list(signal)).map(({ path }) => path)).toEqual([odd])
    expect(String(await buffer(await store.open(odd, signal)))).toBe('x')
  })

  test(`makes no trouble with ${count(1_050, 5_000)} snapshots`, async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    await store.put(first, sourceOf(Buffer.from('x')), signal)
    const [template] = await repository.snapshots()
    const paths = Array.from({ length: count(1_050, 5_000) }, (_, at) => `flat/${at}`)

    await repository.writeSnapshots(
      paths.map((path) => ({
        ...template,
        tags: [`path=${path}`, `put=${new Date().toISOString()}`, 'backup', 'bytes=1'],
      })),
    )

    const listed = (await store.list(signal)).map(({ path }) => path)
    expect(listed.toSorted()).toEqual([first, ...paths].toSorted())
  })

  test('of other hosts is not ours', async () => {
    await using repository = await emptyRepository()
    await repository.open({ host: 'other' }).put(first, sourceOf(Buffer.from('x')), signal)
    const store = repository.open()

    await store.remove(first)

    expect(await store.list(signal)).toEqual([])
    expect(await repository.snapshots()).toHaveLength(1)
  })
})

describe('an interrupted copy', () => {
  const tries = count(10, 100)

  test(`leaves no snapshot, wherever it is cut (${tries} times)`, async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    const all = randomBytes(3_000_000)

    for (let attempt = 0; attempt < tries; attempt += 1) {
      const at = Math.floor(Math.random() * all.length)
      const controller = new AbortController()
      const end = attempt % 2 === 0 ? 'broken' : 'stopped'
      const source = cutAt(all, at, () => {
        if (end === 'broken') throw new Error(end)
        controller.abort(new Error(end))
      })
      await expect(store.put(first, source, controller.signal)).rejects.toThrow(end)
    }

    expect(await repository.snapshots()).toEqual([])
    await store.put(first, sourceOf(all), signal)
    expect(await buffer(await store.open(first, signal))).toEqual(all)
  }, 300_000)

  test('by a kill of ourselves is no file of the store, and goes with the next', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    for (const path of [first, second]) {
      await using child = startTestChild(putChild, [path, JSON.stringify(repository.environment)])
      expect([await child.line(), await child.line()]).toEqual(['begins', 'waits'])

      await killWithOrphans(child)

      expect(await store.list(signal)).toEqual([])
      await expect(store.open(path, signal)).rejects.toThrow(path)
    }
    // Nobody may ask for the status of the dead: to restic they live, and hold their locks.
    await repository.restic('unlock', '--remove-all')
    // Its input ended like any other, and restic knows no better than to save it.
    await saveUnmarked(repository, first)
    await saveUnmarked(repository, second)

    await store.put(first, sourceOf(Buffer.from('whole')), signal)
    expect(await store.list(signal)).toMatchObject([{ path: first, bytes: 5 }])
    expect(pathsOf(await repository.snapshots(), first)).toHaveLength(1)
    expect(pathsOf(await repository.snapshots(), second)).not.toHaveLength(0)
    await store.prune(signal)
    expect(await repository.snapshots()).toHaveLength(1)
    expect(String(await buffer(await store.open(first, signal)))).toBe('whole')
  })

  test('by a kill at any moment leaves all of the file or none', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    const outcomes = new Set<string>()
    for (let kill = 0; kill < count(3, 60); kill += 1) {
      const path = `2026-11-20/db-app_2026-11-20_01-00-${String(kill).padStart(2, '0')}.sql`
      const args = [path, JSON.stringify(repository.environment), '3', 'whole']
      await using child = startTestChild(putChild, args)
      await child.line()
      // Anywhere in what takes about a second; the moment is the point.
      await Promise.race([child.ended, pause(Math.random() * 1_500)])

      await killWithOrphans(child)

      await repository.restic('unlock', '--remove-all')
      const [listed] = await store.list(signal)
      outcomes.add(listed === undefined ? 'nothing' : `${listed.bytes} bytes`)
      await store.remove(path)
      expect(await repository.snapshots()).toEqual([])
    }

    expect(['nothing', '3000000 bytes']).toEqual(expect.arrayContaining([...outcomes]))
  }, 600_000)

  test('of a replacement keeps what was there', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    await store.put(first, sourceOf(Buffer.from('old')), signal)
    await saveUnmarked(repository, first)

    expect(await store.list(signal)).toMatchObject([{ path: first, bytes: 3 }])
    expect(String(await buffer(await store.open(first, signal)))).toBe('old')
  })

  test('by a source that fails says what the source says', async () => {
    await using repository = await emptyRepository()
    const ending = { exitCode: 1, signal: null, startError: null, stderr: ['already locked'] }
    const failure = new ProcessFailure({ program: 'zstd', ...ending })
    const source = cutAt(Buffer.from('xx'), 1, () => {
      throw failure
    })

    await expect(repository.open().put(first, source, signal)).rejects.toBe(failure)
  })
})

describe('reading', () => {
  test('ends with an error when the data is damaged, and a check tells', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    await store.put(first, sourceOf(randomBytes(9_000_000)), signal)
    await store.check({ signal, readDataSubset: '100%' })
    await flipByteOfLargestPack(repository)

    const reading = buffer(await store.open(first, signal))

    await expect(reading).rejects.toThrow(`Reading ${first} from the restic repository failed.`)
    await store.check({ signal })
    const refusal = await refusalOf(store.check({ signal, readDataSubset: '100%' }))
    expect(refusal.message).toBe('The check of the restic repository failed.')
    expect(refusal.mayPass).toBe(false)
  })

  test('stops when it is told to', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    await store.put(first, sourceOf(randomBytes(9_000_000)), signal)
    const controller = new AbortController()
    const bytes = await store.open(first, controller.signal)

    const reading = (async () => {
      for await (const _ of bytes) controller.abort(new Error('asked to stop'))
    })()

    await expect(reading).rejects.toThrow('asked to stop')
  })
})

describe('a repository', () => {
  test('is made by the first copy where there is none, and not before', async () => {
    await using repository = noRepository()
    const store = repository.open()

    expect(await store.list(signal)).toEqual([])
    await store.remove(first)
    await expect(store.open(first, signal)).rejects.toThrow(first)
    await expect(stat(repository.path)).rejects.toThrow('ENOENT')
    await store.put(first, sourceOf(Buffer.from('x')), signal)

    expect(await store.list(signal)).toMatchObject([{ path: first, bytes: 1 }])
  })

  test('with another password is refused, not made anew', async () => {
    await using repository = await emptyRepository()
    const keys = await readdir(join(repository.path, 'keys'))
    const environment = { ...repository.environment, RESTIC_PASSWORD: 'not that one' }
    const store = repository.open({ environment })

    const refusals = await refusalsOf(store)

    for (const { reason, advice, mayPass, concernsStore } of refusals) {
      expect(reason).toContain('The password is not that of the repository.')
      expect(advice).toContain('RESTIC_PASSWORD')
      expect([mayPass, concernsStore]).toEqual([false, true])
    }
    expect(await readdir(join(repository.path, 'keys'))).toEqual(keys)
  })

  test.each(['rest:http://u:hidden-12345@127.0.0.1:1/', 's3:http://127.0.0.1:1/bucket'])(
    'that cannot be reached is refused for now, and no secret is told: %s',
    async (place) => {
      await using repository = noRepository()
      const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hidden-67890' }
      const environment = { ...repository.environment, ...keys, RESTIC_REPOSITORY: place }

      for (const refusal of await refusalsOf(repository.open({ environment }))) {
        expect(refusal.reason).toContain('could not be reached')
        expect(refusal.mayPass).toBe(true)
        expect(`${refusal.message} ${refusal.reason} ${String(refusal.cause)}`).not.toContain(
          'hidden-',
        )
      }
    },
  )

  test.each([
    ['rest', 401, 'does not let us in'],
    ['rest', 403, 'does not let us in'],
    ['rest', 503, 'could not be reached'],
    ['s3', 403, 'does not let us in'],
    ['s3', 503, 'could not be reached'],
    ['s3', 404, 'The bucket of the repository does not exist.'],
  ] as const)('whose %s server answers %i is refused, not made', async (kind, status, why) => {
    await using repository = noRepository()
    await using server = await serverThatSays(status)
    const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hidden-67890' }
    const place = `${kind}:http://127.0.0.1:${server.port}/bucket`
    const environment = { ...repository.environment, ...keys, RESTIC_REPOSITORY: place }

    const refusal = await refusalOf(
      repository.open({ environment }).put(first, sourceOf(Buffer.from('x')), signal),
    )

    expect(refusal.reason).toContain(why)
    expect(refusal.mayPass).toBe(status === 503)
    expect(server.methods).not.toHaveLength(0)
    expect(server.methods).not.toContain('POST')
    expect(server.methods).not.toContain('PUT')
  })

  test('behind a folder that is not ours to enter is refused, not made', async () => {
    await using repository = await emptyRepository()
    await using folder = temporaryFolder()
    const environment = await asNobody(repository, folder.path)

    for (const { reason, mayPass } of await refusalsOf(repository.open({ environment }))) {
      expect(reason).toContain('does not let us in')
      expect(mayPass).toBe(false)
    }
  })

  test('that lost its config is refused, not made anew', async () => {
    await using repository = await emptyRepository()
    const config = join(repository.path, 'config')
    await rename(config, `${config}-lost`)

    const putting = repository.open().put(first, sourceOf(Buffer.from('x')), signal)

    const refusal = await refusalOf(putting)
    expect(refusal.message).toContain('is not empty, and no repository')
    expect(refusal.concernsStore).toBe(true)
    await expect(stat(config)).rejects.toThrow('ENOENT')
  })

  test('without restic is explained', async () => {
    await using repository = await emptyRepository()
    const environment = { ...repository.environment, PATH: '/nowhere' }

    const [refusal] = await refusalsOf(repository.open({ environment }))

    expect(refusal?.reason).toContain('restic is not installed')
    const putting = repository.open({ environment }).put(first, sourceOf(Buffer.from('x')), signal)
    expect(await refusalOf(putting)).toMatchObject({ mayPass: false, concernsStore: true })
  })

  test.each([
    ['takes no byte', { stallMs: 300 }, 'put'],
    ['does not answer', { answerMs: 300 }, 'list'],
  ] as const)('that %s is given up for now', async (_what, options, action) => {
    await using repository = await emptyRepository()
    await using folder = temporaryFolder()
    const wrapped = `case $1 in backup|snapshots) ;; *) PATH=$REAL exec restic "$@";; esac`
    const hang = action === 'put' ? wrapped.replace('|snapshots', '') : wrapped
    await program(folder.join('restic'), `${hang}\nPATH=$REAL exec sleep 600`)
    const REAL = process.env['PATH'] ?? ''
    const environment = { ...repository.environment, REAL, PATH: `${folder.path}:${REAL}` }
    const store = repository.open({ environment, ...options })
    const big = sourceOf(randomBytes(1_000_000))

    const refusal = await refusalOf(
      action === 'put' ? store.put(first, big, signal) : store.list(signal),
    )

    expect(refusal.reason).toContain('sent nothing for too long and was stopped')
    expect(refusal.mayPass).toBe(true)
  })

  test.skipIf(cannotMount)(`that is full is refused${cannotMountNote}`, async () => {
    await using volume = smallVolume(6_000)
    await using repository = await emptyRepository(volume.join('restic'))
    const putting = repository.open().put(first, sourceOf(randomBytes(20_000_000)), signal)

    const refusal = await refusalOf(putting)

    expect(refusal.reason).toContain('There is no space left')
    expect(refusal.mayPass).toBe(false)
    expect(await repository.open().list(signal)).toEqual([])
  })
})

describe('a lock', () => {
  test('of somebody else lets read, but changes nothing, and passes', async () => {
    await using repository = await emptyRepository()
    const store = repository.open({ lockWaitMs: 0 })
    await store.put(first, sourceOf(Buffer.from('x')), signal)
    const other = await holdLock(repository)

    const removing = await refusalOf(store.remove(first))
    const putting = await refusalOf(store.put(second, sourceOf(Buffer.from('y')), signal))

    for (const { reason, mayPass } of [removing, putting]) {
      expect(reason).toContain('Another process or host has locked the repository.')
      expect(mayPass).toBe(true)
    }
    expect(await store.list(signal)).toMatchObject([{ path: first }])
    expect(String(await buffer(await store.open(first, signal)))).toBe('x')
    await letGo(other)
    await store.put(second, sourceOf(Buffer.from('y')), signal)
    expect(await store.list(signal)).toHaveLength(2)
  })

  test('is waited for', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    await store.put(first, sourceOf(Buffer.from('x')), signal)
    const other = await holdLock(repository)

    const removing = store.remove(first)
    await Promise.all([removing, letGo(other)])

    expect(await store.list(signal)).toEqual([])
  })

  test('is waited for no longer than one is told to', async () => {
    await using repository = await emptyRepository()
    const store = repository.open()
    const controller = new AbortController()
    const other = await holdLock(repository)

    const putting = store.put(first, sourceOf(Buffer.from('x')), controller.signal)
    const outcome = putting.catch((error: unknown) => error)
    await waitUntil('the snapshot is there, not marked', async () => {
      return (await repository.snapshots()).length > 0
    })
    controller.abort(new Error('asked to stop'))
    expect(String(await outcome)).toContain('asked to stop')
    await letGo(other)

    expect(await store.list(signal)).toEqual([])
  })

  test('of a process that was killed is in nobody’s way', async () => {
    await using repository = await emptyRepository()
    const store = repository.open({ lockWaitMs: 0 })
    await store.put(first, sourceOf(Buffer.from('x')), signal)
    const other = await holdLock(repository)
    other.kill('SIGKILL')
    await once(other, 'close')
    expect(await readdir(join(repository.path, 'locks'))).toHaveLength(1)

    await store.remove(first)

    expect(await store.list(signal)).toEqual([])
  })
})

test('removing frees space when the repository is pruned', async () => {
  await using repository = await emptyRepository()
  const store = repository.open()
  await store.put(first, sourceOf(randomBytes(5_000_000)), signal)
  await store.remove(first)
  expect(await bytesOfData(repository)).toBeGreaterThan(5_000_000)

  await store.prune(signal)

  expect(await bytesOfData(repository)).toBe(0)
})

test('no secret is an argument of restic', async () => {
  await using repository = await emptyRepository()
  await using folder = temporaryFolder()
  const log = folder.join('arguments')
  await program(folder.join('restic'), `echo "$@" >>'${log}'; PATH=$REAL exec restic "$@"`)
  const PATH = `${folder.path}:${process.env['PATH']}`
  const environment = { ...repository.environment, PATH, REAL: process.env['PATH'] ?? '' }
  const store = repository.open({ environment })

  await store.put(first, sourceOf(Buffer.from('x')), signal)
  await store.remove(first)

  const file = await openFile(log)
  const said = await file.readFile('utf8')
  await file.close()
  expect(said).toContain('backup')
  expect(said).not.toContain(repository.environment['RESTIC_PASSWORD'])
  expect(said).not.toContain(repository.path)
})

/** A stream that gives the bytes before `at`, and then does something instead of the rest. */
function cutAt(bytes: Buffer, at: number, then: () => void): Source {
  return {
    bytes: null,
    async *open() {
      for (let from = 0; from < at; from += 65_536) {
        yield bytes.subarray(from, Math.min(at, from + 65_536))
      }
      then()
      await Promise.withResolvers<void>().promise
    },
  }
}

function byPathAndTime(one: RawSnapshot, other: RawSnapshot): number {
  const [left, right] = [one, other].map(({ paths, time }) => `${paths.join()} ${time}`)
  return (left ?? '').localeCompare(right ?? '', 'en')
}

/** Kills it for good, and waits until restic has ended by itself. */
async function killWithOrphans({ process }: TestChild): Promise<void> {
  if (process.exitCode !== null) return
  // Held still, so that it starts no other meanwhile.
  process.kill('SIGSTOP')
  const { pid } = process
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  const orphans = children === '' ? [] : children.split(' ').map(Number)

  process.kill('SIGKILL')

  await waitUntil('restic has ended', () => !orphans.some(isAlive), 60_000)
}

function pathsOf(snapshots: readonly RawSnapshot[], path: string): readonly RawSnapshot[] {
  return snapshots.filter(({ tags = [] }) => tags.includes(`path=${path}`))
}

/** What a copy leaves that ended before its snapshot was found whole. */
async function saveUnmarked(repository: TestRepository, path: string): Promise<void> {
  const tags = [`path=${path}`, `put=${new Date().toISOString()}`, 'backup']
  const empty = await repository.restic(
    'backup',
    '/dev/null',
    '--host=test',
    ...tags.map((tag) => `--tag=${tag}`),
  )
  expect(empty).toContain('saved')
}

async function flipByteOfLargestPack({ path }: TestRepository): Promise<void> {
  const packs = await packsIn(path)
  const [largest] = packs.toSorted((one, other) => other.bytes - one.bytes)
  if (largest === undefined) throw new Error('There is no data.')
  await chmod(largest.file, 0o600)
  await using file = await openFile(largest.file, 'r+')
  const at = Math.floor(largest.bytes / 2)
  const { buffer: byte } = await file.read(Buffer.alloc(1), 0, 1, at)
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at)
}

async function packsIn(path: string): Promise<{ file: string; bytes: number }[]> {
  const entries = await readdir(join(path, 'data'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name)
      return { file, bytes: (await stat(file)).size }
    }),
  )
}

async function bytesOfData({ path }: TestRepository): Promise<number> {
  return (await packsIn(path)).reduce((sum, { bytes }) => sum + bytes, 0)
}

async function refusalsOf(store: ResticStore): Promise<readonly Refusal[]> {
  return [
    await refusalOf(store.put(first, sourceOf(Buffer.from('x')), signal)),
    await refusalOf(store.list(signal)),
    await refusalOf(store.open(first, signal)),
    await refusalOf(store.remove(first)),
  ]
}

interface UnwillingServer extends AsyncDisposable {
  readonly port: number
  /** Of all requests so far. */
  readonly methods: readonly string[]
}

/** An HTTP server with one answer to everything, which no real one can be made to give at will. */
async function serverThatSays(status: number): Promise<UnwillingServer> {
  const methods: string[] = []
  const noBucket = '<Error><Code>NoSuchBucket</Code></Error>'
  const server = createServer(({ method = '' }, response) => {
    methods.push(method)
    response.writeHead(status).end(status === 404 && method !== 'HEAD' ? noBucket : '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    methods,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  await chmod(path, 0o755)
}

/** The environment in which restic may not enter the repository. */
async function asNobody(
  { environment, path }: TestRepository,
  folder: string,
): Promise<Record<string, string>> {
  const user = serverUser()
  if (user === null) {
    await chmod(path, 0)
    onTestFinished(() => chmod(path, 0o700))
    return environment
  }
  const { uid, gid } = user
  const drop = `setpriv --reuid ${uid} --regid ${gid} --clear-groups`
  await program(join(folder, 'restic'), `PATH=$REAL exec ${drop} restic "$@"`)
  const REAL = process.env['PATH'] ?? ''
  return { ...environment, REAL, PATH: `${folder}:${REAL}`, RESTIC_CACHE_DIR: '/nonexistent' }
}

/** Another restic that is at work, and holds its lock as long as its input is open. */
async function holdLock(repository: TestRepository): Promise<ChildProcess> {
  const args = ['backup', '--stdin', '--stdin-filename', 'other', '--host', 'other']
  const child = spawn('restic', args, {
    env: { ...repository.environment },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const locks = join(repository.path, 'locks')
  await waitUntil('the other restic has its lock', async () => (await readdir(locks)).length > 0)
  return child
}

async function letGo(child: ChildProcess): Promise<void> {
  child.stdin?.end('done')
  await once(child, 'close')
}
