import { randomBytes, randomUUID } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import { exitStatus, parseBackupName, Refusal, type WrittenBackup } from '../../src/model/index.ts'
import { openS3Primary, type S3Primary } from '../../src/stores/index.ts'
import { type Ceph, cephStarts, sharedCeph } from '../support/ceph.ts'
import { startHttpProxy } from '../support/http-proxy.ts'
import { refusalOf } from '../support/refusal.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { fakeManifest } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const clock = { now: () => new Date() }
const { signal } = new AbortController()
const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const mib = 1024 * 1024

let ceph: Ceph
let bucket: string

beforeAll(async () => {
  ceph = await sharedCeph()
  bucket = await ceph.createBucket()
}, cephStarts)

async function primaryAt(prefix: string, endpoint = ceph.endpoint): Promise<S3Primary> {
  return await openS3Primary({ ...ceph.options(bucket, { prefix, endpoint }), scratch: '/none' })
}

const wish = { what: 'a test', waitMs: 0, signal, clock }

async function keysBelow(prefix: string): Promise<string[]> {
  const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/` })
  const { Contents = [] } = await ceph.client.send(list)
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length + 1))
}

async function uploadsBelow(prefix: string): Promise<string[]> {
  const list = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: `${prefix}/` })
  return ((await ceph.client.send(list)).Uploads ?? []).map(({ Key = '' }) => Key)
}

/** The lock with this number, as some other machine would have written it. */
async function writeLock(prefix: string, number: number, text: string): Promise<void> {
  const Key = `${prefix}/.catalog/locks/${String(number).padStart(12, '0')}`
  await ceph.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: text }))
}

const stranger = {
  host: 'elsewhere',
  pid: 1,
  bootId: 'another',
  pidNamespace: null,
  processStart: null,
  token: 'x',
  what: 'backup.sh -s',
  since: '2026-11-20T01:00:00.000Z',
}

describe('the lock of a bucket', () => {
  test('is held by one of many that want it at the same time, one after the other', async () => {
    const prefix = randomUUID()
    const inside = { now: 0, most: 0, turns: 0 }
    const contender = async (): Promise<void> => {
      const primary = await primaryAt(prefix)
      for (let turn = 0; turn < 3; turn += 1) {
        await using lock = await primary.acquireLock({ ...wish, waitMs: 60_000 })
        inside.now += 1
        inside.most = Math.max(inside.most, inside.now)
        inside.turns += 1
        // A request, so that the others have their chance.
        await primary.list(signal)
        expect(lock.lost.aborted).toBe(false)
        inside.now -= 1
      }
    }

    await Promise.all(Array.from({ length: 6 }, contender))

    expect(inside).toEqual({ now: 0, most: 1, turns: 18 })
    expect(await keysBelow(prefix)).toEqual(['.catalog/locks/000000000018'])
  })

  test('is refused with the name of who has it, and free after that', async () => {
    const prefix = randomUUID()
    const [one, other] = await Promise.all([primaryAt(prefix), primaryAt(prefix)])
    const lock = await one.acquireLock({ ...wish, what: 'backup.sh -1' })

    const refusal = await refusalOf(other.acquireLock(wish))
    const holder = await other.readLock()
    await lock.release()
    await lock.release()

    expect(refusal.exitStatus).toBe(exitStatus.locked)
    expect(refusal.message).toContain(`backup.sh -1 on `)
    expect(holder?.record?.what).toBe('backup.sh -1')
    expect(await other.readLock()).toBeNull()
    await using _next = await other.acquireLock(wish)
  })

  test('of another machine is believed for as long as it shows signs of life', async () => {
    const prefix = randomUUID()
    const primary = await primaryAt(prefix)
    await writeLock(prefix, 7, JSON.stringify(stranger))

    const refusal = await refusalOf(primary.acquireLock(wish))
    // The server tells its times in whole seconds.
    const timing = { heartbeatMs: 60_000, staleMs: 2_000 }
    await using lock = await primary.acquireLock({ ...wish, waitMs: 30_000, timing })

    expect(refusal.message).toContain('backup.sh -s on elsewhere (process 1)')
    expect(lock.lost.aborted).toBe(false)
    expect(await keysBelow(prefix)).toEqual(['.catalog/locks/000000000008'])
  })

  test('is lost, and known to be, when somebody took over', async () => {
    const prefix = randomUUID()
    const primary = await primaryAt(prefix)
    const timing = { heartbeatMs: 20, staleMs: 60_000 }
    await using lock = await primary.acquireLock({ ...wish, timing })

    await writeLock(prefix, 2, JSON.stringify(stranger))
    await waitUntil('it is known', () => lock.lost.aborted)
    await lock.release()

    expect(lock.lost.reason).toMatchObject({
      message: 'This run has lost its lock on the volume.',
    })
    expect((await primary.readLock())?.record?.host).toBe('elsewhere')
  })

  test('is ours when only the answer to our request was lost', async () => {
    const prefix = randomUUID()
    let lost = 0
    await using proxy = await startHttpProxy(ceph, ({ method, headers }) => {
      const isFirst = method === 'PUT' && headers['if-none-match'] !== undefined && lost === 0
      if (isFirst) lost += 1
      return { loseAnswer: isFirst }
    })
    const primary = await primaryAt(prefix, proxy.endpoint)

    await using lock = await primary.acquireLock(wish)

    expect(lost).toBe(1)
    expect(lock.lost.aborted).toBe(false)
  })

  test('is refused by a server that does not keep conditions', async () => {
    const prefix = randomUUID()
    let puts = 0
    await using proxy = await startHttpProxy(ceph, ({ method, headers }) => {
      if (method !== 'PUT' || headers['if-none-match'] === undefined) return {}
      puts += 1
      return puts === 1 ? {} : { answer: { status: 200, headers: { ETag: '"x"' } } }
    })
    const primary = await primaryAt(prefix, proxy.endpoint)

    const refusal = await refusalOf(primary.acquireLock(wish))

    expect(refusal.message).toContain('cannot keep the lock')
    expect(await primary.readLock()).toBeNull()
  })
})

describe('a new backup in a bucket', () => {
  async function writing(primary: S3Primary, bytes: number): Promise<WrittenBackup> {
    const name = parseBackupName(path)
    if (name === null) throw new Error('That is no name of a backup.')
    const open = await primary.begin(name)
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (let left = bytes; left > 0; left -= mib) yield randomBytes(Math.min(left, mib))
    }
    return await primary.write(open, source(), { signal })
  }

  function manifestOf({ path: of, bytes, sha256 }: WrittenBackup) {
    return { ...fakeManifest(of, clock.now(), Buffer.alloc(0)), bytes, sha256 }
  }

  test.each([1000, 20 * mib])('of %i bytes is no object before it is sealed', async (bytes) => {
    const prefix = randomUUID()
    const primary = await primaryAt(prefix)
    const written = await writing(primary, bytes)
    expect(await primary.list(signal)).toEqual([])

    let seenAtSave: unknown = null
    await primary.seal(written, manifestOf(written), async () => {
      seenAtSave = await primary.list(signal)
    })

    expect(seenAtSave).toEqual([])
    expect(await primary.list(signal)).toMatchObject([{ path, bytes }])
    expect(await uploadsBelow(prefix)).toEqual([])
    // The same name again gives the next second.
    expect((await writing(primary, 10)).path).toBe(path.replace('01-00-00', '01-00-01'))
  })

  test('replaces nothing that came in between', async () => {
    const prefix = randomUUID()
    const primary = await primaryAt(prefix)
    const written = await writing(primary, 10)
    const other = { Bucket: bucket, Key: `${prefix}/${path}`, Body: 'of somebody else' }
    await ceph.client.send(new PutObjectCommand(other))

    const refusal = await refusalOf(primary.seal(written, manifestOf(written), async () => {}))
    await primary.discard(written)

    expect(refusal.message).toBe(`${path} exists already.`)
    const { Body } = await ceph.client.send(
      new GetObjectCommand({ Bucket: bucket, Key: other.Key }),
    )
    expect(await Body?.transformToString()).toBe('of somebody else')
  })

  test('leaves nothing when its dump fails, is told to stop, or loses its server', async () => {
    const prefix = randomUUID()
    await using proxy = await startTcpProxy(ceph)
    const primary = await primaryAt(prefix, `http://${proxy.host}:${proxy.port}`)
    const name = parseBackupName(path)
    if (name === null) throw new Error('That is no name of a backup.')
    const open = await primary.begin(name)
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 20; part += 1) yield randomBytes(mib)
      throw new Error('pg_dump failed')
    }
    const stop = new AbortController()
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (let part = 0; ; part += 1) {
        if (part === 20) stop.abort(new Error('asked to stop'))
        yield randomBytes(mib)
      }
    }

    await expect(primary.write(open, failing(), { signal })).rejects.toThrow('pg_dump failed')
    await expect(primary.write(open, endless(), { signal: stop.signal })).rejects.toThrow(
      'asked to stop',
    )
    expect(await uploadsBelow(prefix)).toEqual([])
    proxy.refuseAfterSent(12 * mib)
    await expect(primary.write(open, endlessly(), { signal })).rejects.toThrow(Refusal)

    expect(await keysBelow(prefix)).toEqual([])
    // With the server away, its parts can only be removed later: by the next that holds the lock.
    const next = await primaryAt(prefix)
    const left = await uploadsBelow(prefix)
    const removed = await next.removeLeftovers((core) => core === 'db-app')
    expect(removed).toEqual(left.length === 0 ? [] : [`${path}.in_progress`])
    expect(await next.removeLeftovers(() => true)).toEqual([])
    expect(await uploadsBelow(prefix)).toEqual([])
  })
})

async function* endlessly(): AsyncGenerator<Uint8Array> {
  for (;;) yield randomBytes(mib)
}

describe('records in a bucket', () => {
  test('are read anew only when they have changed, and from anywhere', async () => {
    const prefix = randomUUID()
    let reads = 0
    await using proxy = await startHttpProxy(ceph, ({ method, url }) => {
      if (method === 'GET' && url.includes('.json')) reads += 1
      return {}
    })
    const [here, there] = await Promise.all([primaryAt(prefix, proxy.endpoint), primaryAt(prefix)])
    const paths = ['a', 'b', 'c'].map((name) => `manifests/${name}.json`)
    const readAll = async (): Promise<readonly unknown[]> => {
      await here.records.names('manifests')
      const found: unknown[] = []
      for await (const reading of here.records.readMany(paths)) found.push(reading)
      return found
    }
    for (const each of paths) await there.records.write(each, each)

    expect(await readAll()).toEqual(paths.map((each) => [each, { text: each }]))
    await readAll()
    expect(reads).toBe(3)
    await there.records.write('manifests/b.json', 'new')
    await there.records.remove('manifests/c.json')

    expect(await readAll()).toEqual([
      ['manifests/a.json', { text: 'manifests/a.json' }],
      ['manifests/b.json', { text: 'new' }],
    ])
    await there.records.write('runs/2026-11/x.json', '{}')
    expect(await here.records.folders('runs')).toEqual(['2026-11'])
  })

  test('keep signs for as long as their holders live', async () => {
    const prefix = randomUUID()
    const { records } = await primaryAt(prefix)
    const signs = records.signs('shields')
    const Key = `${prefix}/.catalog/shields/dead.json`
    const ended = JSON.stringify({ ...stranger, what: 'y' })
    await ceph.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: ended }))
    {
      await using _held = await signs.hold('x')
      // One of another machine counts until it has been silent for two minutes.
      expect(await signs.read()).toEqual(new Set(['x', 'y']))
    }
    await ceph.client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))

    expect(await signs.read()).toEqual(new Set())
    expect(await keysBelow(prefix)).toEqual([])
  })
})
