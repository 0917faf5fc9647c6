import { hash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { createServer } from 'node:tls'
import {
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Refusal, Secret, type Source, type Store, sourceOf } from '../../src/model/index.ts'
import { openS3Store, type S3Options } from '../../src/stores/index.ts'
import { type Ceph, cephStarts, sharedCeph } from '../support/ceph.ts'
import { makeAuthority } from '../support/certificates.ts'
import { startHttpProxy, type Treatment } from '../support/http-proxy.ts'
import { freePort } from '../support/postgres-server.ts'
import { refusalOf } from '../support/refusal.ts'
import { startBlackHole, startTcpProxy } from '../support/tcp-proxy.ts'
import { temporaryFolder } from '../support/volume.ts'

const { signal } = new AbortController()
const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const mib = 1024 * 1024
/** Three parts. */
const large = randomBytes(17 * mib)

let ceph: Ceph
let bucket: string

beforeAll(async () => {
  ceph = await sharedCeph()
  bucket = await ceph.createBucket()
}, cephStarts)

/** A store below a prefix of its own. */
async function storeWith(others: Partial<S3Options> = {}): Promise<Store & { prefix: string }> {
  const { prefix = randomUUID() } = others
  return { ...(await openS3Store(ceph.options(bucket, { ...others, prefix }))), prefix }
}

async function keysBelow(prefix: string): Promise<string[]> {
  const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/` })
  return ((await ceph.client.send(list)).Contents ?? []).map(({ Key }) => Key ?? '')
}

async function uploadsBelow(prefix: string): Promise<string[]> {
  const list = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: `${prefix}/` })
  return ((await ceph.client.send(list)).Uploads ?? []).map(({ Key }) => Key ?? '')
}

async function contentOf(store: Store, of = path): Promise<Buffer> {
  return await buffer(await store.open(of, signal))
}

function streaming(open: () => AsyncIterable<Uint8Array>): Source {
  return { bytes: null, open }
}

describe('an object', () => {
  test('has the path as its key, below the prefix', async () => {
    const store = await storeWith({ prefix: `team ${randomUUID()}/databases` })

    await store.put(path, sourceOf(Buffer.from('x')), signal)

    expect(await keysBelow(store.prefix)).toEqual([`${store.prefix}/${path}`])
  })

  test.each(['daily/2026-11-20/ä b%20+&?#\'"<>*.sql', 'a b', '~(x)/$&,;=@:'])(
    'may have any name: %s',
    async (name) => {
      const store = await storeWith()

      await store.put(name, sourceOf(Buffer.from(name)), signal)

      expect(await keysBelow(store.prefix)).toEqual([`${store.prefix}/${name}`])
      expect(String(await contentOf(store, name))).toBe(name)
      await store.remove(name)
      expect(await keysBelow(store.prefix)).toEqual([])
    },
  )

  test('in parts is whole, of a known length and of an unknown one', async () => {
    const store = await storeWith()
    const inPieces = streaming(async function* () {
      for (let at = 0; at < large.length; at += 70_001) yield large.subarray(at, at + 70_001)
    })

    await store.put('known', sourceOf(large), signal)
    await store.put('unknown', inPieces, signal)
    await store.put('one part', sourceOf(large.subarray(0, 8 * mib)), signal)
    await store.put('two parts', sourceOf(large.subarray(0, 16 * mib)), signal)

    expect(large.equals(await contentOf(store, 'known'))).toBe(true)
    expect(large.equals(await contentOf(store, 'unknown'))).toBe(true)
    expect((await contentOf(store, 'one part')).length).toBe(8 * mib)
    expect((await contentOf(store, 'two parts')).length).toBe(16 * mib)
    expect(await uploadsBelow(store.prefix)).toEqual([])
  })

  test('of a prefix is not seen from one that begins alike, nor what else is in the bucket', async () => {
    const store = await storeWith()
    const neighbour = await storeWith({ prefix: `${store.prefix}2` })
    const foreign = { Bucket: bucket, Key: `${store.prefix}/a note+\u0001.txt`, Body: 'x' }
    await ceph.client.send(new PutObjectCommand(foreign))

    await neighbour.put(path, sourceOf(Buffer.from('x')), signal)

    expect(await store.list(signal)).toEqual([])
    expect(await neighbour.list(signal)).toHaveLength(1)
  })

  test('has the tags that are set, from one request and from parts', async () => {
    const tags = [
      ['team', 'data & more'],
      ['cost', '17'],
    ] as const
    const store = await storeWith({ tags })

    await store.put('small', sourceOf(Buffer.from('x')), signal)
    await store.put('large', sourceOf(large), signal)

    for (const name of ['small', 'large']) {
      const Key = `${store.prefix}/${name}`
      const answer = await ceph.client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }))
      const kept = new Map(answer.TagSet?.map(({ Key: key = '', Value = '' }) => [key, Value]))
      expect(kept).toEqual(new Map(tags))
    }
  })

  test('is asked to be encrypted and kept as it is set, in every request that makes one', async () => {
    const answers: Record<string, Treatment['answer']> = {
      PUT: { status: 200 },
      HEAD: { status: 200, headers: { 'content-length': '1' } },
      GET: { status: 200, body: '<ListMultipartUploadsResult/>' },
      POST: { status: 400 },
    }
    await using server = await startHttpProxy(ceph, ({ method }) => ({ answer: answers[method] }))
    const store = await storeWith({
      endpoint: server.endpoint,
      encryption: { algorithm: 'aws:kms', keyId: 'a key' },
      storageClass: 'STANDARD_IA',
      tags: [['team', 'data & more']],
    })
    const expected = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'a key',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-tagging': 'team=data%20%26%20more',
    }

    await store.put('small', sourceOf(Buffer.from('x')), signal)
    await refusalOf(store.put('large', sourceOf(large), signal))

    const [put, , , post] = server.seen
    expect(server.seen.map(({ method }) => method)).toEqual(['PUT', 'HEAD', 'GET', 'POST'])
    expect(put?.headers).toMatchObject({ ...expected, 'content-md5': hash('md5', 'x', 'base64') })
    expect(post?.headers).toMatchObject(expected)
  })
})

describe('an upload', () => {
  test('is repeated where a connection is lost on the way', async () => {
    await using proxy = await startTcpProxy(ceph)
    const store = await storeWith({ endpoint: `http://127.0.0.1:${proxy.port}` })
    const source = streaming(async function* () {
      for (let at = 0; at < large.length; at += mib) {
        if (at % (4 * mib) === 0) proxy.cut()
        yield large.subarray(at, at + mib)
      }
    })

    await store.put(path, source, signal)

    expect(large.equals(await contentOf(store))).toBe(true)
    expect(await uploadsBelow(store.prefix)).toEqual([])
  })

  test('that the server loses at any point leaves nothing, and the next one succeeds', async () => {
    const twoParts = large.subarray(0, 9 * mib)
    const points = Array.from({ length: 10 }, () => randomInt(twoParts.length))
    const tryAt = async (point: number): Promise<void> => {
      await using proxy = await startTcpProxy(ceph)
      const store = await storeWith({ endpoint: `http://127.0.0.1:${proxy.port}` })
      proxy.refuseAfterSent(point)

      const refusal = await refusalOf(store.put(path, sourceOf(twoParts), signal))

      expect(refusal, `cut at ${point}`).toMatchObject({ mayPass: true })
      expect(await keysBelow(store.prefix), `cut at ${point}`).toEqual([])
      await proxy.accept()
      await store.put(path, sourceOf(twoParts), signal)
      expect(twoParts.equals(await contentOf(store)), `cut at ${point}`).toBe(true)
      expect(await uploadsBelow(store.prefix), `cut at ${point}`).toEqual([])
    }

    await Promise.all(points.map(tryAt))
  }, 120_000)

  test('that is told to stop leaves no part behind, even if no more bytes come', async () => {
    const store = await storeWith()
    const controller = new AbortController()
    const hanging = streaming(async function* () {
      yield large
      controller.abort(new Error('asked to stop'))
      await Promise.withResolvers<void>().promise
    })

    await expect(store.put(path, hanging, controller.signal)).rejects.toThrow('asked to stop')

    expect(await keysBelow(store.prefix)).toEqual([])
    expect(await uploadsBelow(store.prefix)).toEqual([])
  })

  test('whose source breaks leaves no part behind and keeps the old object', async () => {
    const store = await storeWith()
    await store.put(path, sourceOf(Buffer.from('old')), signal)
    const broken = streaming(async function* () {
      yield large
      throw new Error('the source broke')
    })

    await expect(store.put(path, broken, signal)).rejects.toThrow('the source broke')

    expect(String(await contentOf(store))).toBe('old')
    expect(await uploadsBelow(store.prefix)).toEqual([])
  })

  test('lets go of a source that it could not use', async () => {
    const store = await storeWith({ bucket: 'no-such-bucket' })
    let isLetGo = false
    const source = streaming(async function* () {
      try {
        for (;;) yield large
      } finally {
        isLetGo = true
      }
    })

    await refusalOf(store.put(path, source, signal))

    expect(isLetGo).toBe(true)
  })

  test('gives up what dead ones of its key have left, and of other keys after a day', async () => {
    const store = await storeWith()
    const begin = async (key: string): Promise<string> => {
      await ceph.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))
      return key
    }
    await begin(`${store.prefix}/${path}`)
    const other = await begin(`${store.prefix}/another`)
    const outside = await begin(`${store.prefix}2/another`)

    await store.put(path, sourceOf(large), signal)
    expect(await uploadsBelow(store.prefix)).toEqual([other])

    const inTwoDays = { now: () => new Date(Date.now() + 2 * 86_400_000) }
    const later = await storeWith({ prefix: store.prefix, clock: inTwoDays })
    await later.put(path, sourceOf(large), signal)
    expect(await uploadsBelow(store.prefix)).toEqual([])
    expect(await uploadsBelow(`${store.prefix}2`)).toEqual([outside])
  })

  test('works for a key that may not look for what dead ones have left', async () => {
    const denied = '<Error><Code>AccessDenied</Code></Error>'
    await using proxy = await startHttpProxy(ceph, ({ method, url }) =>
      method === 'GET' && url.includes('uploads') ? { answer: { status: 403, body: denied } } : {},
    )
    const store = await storeWith({ endpoint: proxy.endpoint })

    await store.put(path, sourceOf(large), signal)

    expect(await keysBelow(store.prefix)).toHaveLength(1)
  })

  test('is good when only the last answer was lost', async () => {
    let losses = 0
    await using proxy = await startHttpProxy(ceph, ({ method, url }) => {
      const isLast = method === 'POST' && url.includes('uploadId=')
      return { loseAnswer: isLast && (losses += 1) === 1 }
    })
    const store = await storeWith({ endpoint: proxy.endpoint })

    await store.put(path, sourceOf(large), signal)

    expect(losses).toBeGreaterThan(1)
    expect(large.equals(await contentOf(store))).toBe(true)
    expect(await uploadsBelow(store.prefix)).toEqual([])
  })

  test.each([
    ['one request', 1000],
    ['parts', large.length],
  ])('whose bytes are spoilt on the way is refused: in %s', async (_way, length) => {
    await using proxy = await startHttpProxy(ceph, ({ method, body }) => {
      if (method !== 'PUT') return {}
      const spoilt = Buffer.from(body)
      spoilt.writeUInt8(spoilt.readUInt8(500) ^ 1, 500)
      return { body: spoilt }
    })
    const store = await storeWith({ endpoint: proxy.endpoint })

    const refusal = await refusalOf(store.put(path, sourceOf(large.subarray(0, length)), signal))

    expect(refusal.message).toBe(
      `Storing ${path} failed: the bytes did not arrive as they were sent.`,
    )
    expect(refusal.mayPass).toBe(true)
    expect(await keysBelow(store.prefix)).toEqual([])
    expect(await uploadsBelow(store.prefix)).toEqual([])
  })

  test('of which the server keeps something else is refused, and that is removed', async () => {
    await using proxy = await startHttpProxy(ceph, ({ method }) =>
      method === 'HEAD' ? { answer: { status: 200, headers: { 'content-length': '999' } } } : {},
    )
    const store = await storeWith({ endpoint: proxy.endpoint })

    const refusal = await refusalOf(store.put(path, sourceOf(randomBytes(1000)), signal))

    expect(refusal.reason).toContain('It keeps 999 bytes of 1000.')
    expect(await keysBelow(store.prefix)).toEqual([])
  })
})

describe('a reading', () => {
  test('goes on from where it was, whenever the connection is lost', async () => {
    await using proxy = await startTcpProxy(ceph)
    const store = await storeWith({ endpoint: `http://127.0.0.1:${proxy.port}` })
    await store.put(path, sourceOf(large), signal)
    const start = proxy.bytes

    proxy.cutAfter(randomInt(mib))
    const chunks: Uint8Array[] = []
    let cuts = 0
    for await (const chunk of await store.open(path, signal)) {
      chunks.push(chunk)
      if (chunks.length % 64 === 0 && cuts < 3) proxy.cutAfter(randomInt(mib))
      if (chunks.length % 64 === 0) cuts += 1
    }

    expect(large.equals(Buffer.concat(chunks))).toBe(true)
    expect(proxy.bytes - start).toBeGreaterThan(large.length)
  })

  test('does not go on in another object', async () => {
    await using proxy = await startTcpProxy(ceph)
    const store = await storeWith({ endpoint: `http://127.0.0.1:${proxy.port}` })
    await store.put(path, sourceOf(large), signal)
    const items = (await store.open(path, signal))[Symbol.asyncIterator]()
    await items.next()

    await store.put(path, sourceOf(large.subarray(1)), signal)
    proxy.cut()

    const refusal = await refusalOf(
      (async () => {
        while ((await items.next()).done !== true);
      })(),
    )
    expect(refusal.message).toContain('the object was replaced in the meantime')
  })

  test('ends with what is wrong when the server stays away', async () => {
    await using proxy = await startTcpProxy(ceph)
    const store = await storeWith({ endpoint: `http://127.0.0.1:${proxy.port}` })
    await store.put(path, sourceOf(large), signal)
    const bytes = await store.open(path, signal)
    await proxy.refuse()

    const refusal = await refusalOf(buffer(bytes))

    expect(refusal.message).toContain(`Reading ${path} failed: `)
    expect(refusal.mayPass).toBe(true)
  })

  test('stops when it is told to, even if no more bytes come', async () => {
    await using proxy = await startTcpProxy(ceph)
    const store = await storeWith({ endpoint: `http://127.0.0.1:${proxy.port}` })
    await store.put(path, sourceOf(large), signal)
    const controller = new AbortController()
    const bytes = await store.open(path, controller.signal)
    proxy.stallAfter(0)

    const reading = buffer(bytes)
    controller.abort(new Error('asked to stop'))

    await expect(reading).rejects.toThrow('asked to stop')
  })
})

describe('a refusal says what is wrong', () => {
  async function listing(others: Partial<S3Options>): Promise<Refusal> {
    return await refusalOf((await storeWith(others)).list(signal))
  }

  const wrongPassword = new Secret('a-wrong-password')

  test('with a key that there is not', async () => {
    const credentials = { user: 'nobody', password: wrongPassword, sessionToken: null }

    expect(await listing({ credentials })).toMatchObject({
      message: `Listing the backups failed: ${ceph.endpoint} does not accept the key.`,
      reason: expect.stringContaining('InvalidAccessKeyId'),
      advice: expect.stringContaining('S3_USER'),
      mayPass: false,
    })
  })

  test('with a wrong secret of the key', async () => {
    const credentials = { user: ceph.user, password: wrongPassword, sessionToken: null }
    const store = await storeWith({ credentials })

    const refusals = await Promise.all([
      refusalOf(store.list(signal)),
      refusalOf(store.put(path, sourceOf(Buffer.from('x')), signal)),
      refusalOf(store.put(path, sourceOf(large), signal)),
      refusalOf(store.open(path, signal)),
      refusalOf(store.remove(path)),
    ])

    for (const { message, reason, advice, mayPass, concernsStore } of refusals) {
      expect(message).toContain('does not accept the key')
      expect(message + reason + advice).not.toContain('a-wrong-password')
      expect([mayPass, concernsStore]).toEqual([false, true])
      expect(reason).toMatch(/[A-Z].*\.$/u)
    }
  })

  test('with a bucket that there is not', async () => {
    const store = await storeWith({ bucket: 'no-such-bucket' })
    const what = `there is no bucket no-such-bucket at ${ceph.endpoint}.`

    expect((await refusalOf(store.list(signal))).message).toContain(what)
    const small = await refusalOf(store.put(path, sourceOf(Buffer.from('x')), signal))
    expect(small.message).toBe(`Storing ${path} failed: ${what}`)
    const inParts = await refusalOf(store.put(path, sourceOf(large), signal))
    expect(inParts.message).toBe(`Storing ${path} failed: ${what}`)
    expect(inParts.mayPass).toBe(false)
  })

  test('with a bucket of somebody else', async () => {
    const { user, password } = await ceph.createUser(mib)
    const credentials = { user, password: new Secret(password), sessionToken: null }

    expect(await listing({ credentials })).toMatchObject({
      message: expect.stringContaining(`the key has no right to do this in the bucket ${bucket}`),
      mayPass: false,
    })
  })

  test('with no space left', async () => {
    const { user, password, bucket: full } = await ceph.createUser(mib)
    const credentials = { user, password: new Secret(password), sessionToken: null }
    const store = await storeWith({ credentials, bucket: full })

    for (const length of [2 * mib, large.length]) {
      const source = sourceOf(large.subarray(0, length))
      expect(await refusalOf(store.put(path, source, signal))).toMatchObject({
        message: `Storing ${path} failed: there is no space left for it at ${ceph.endpoint}.`,
        mayPass: false,
      })
    }
    expect(await store.list(signal)).toEqual([])
  })

  test('with a host that there is not, and a port on which nobody listens', async () => {
    expect(await listing({ endpoint: 'https://nowhere.invalid' })).toMatchObject({
      message: expect.stringContaining('no host answers to the name of https://nowhere.invalid'),
      mayPass: true,
    })
    const endpoint = `http://127.0.0.1:${await freePort()}`
    expect(await listing({ endpoint })).toMatchObject({
      message: `Listing the backups failed: ${endpoint} cannot be reached.`,
      mayPass: true,
    })
  })

  test('with a server that never answers', async () => {
    await using hole = await startBlackHole()
    const endpoint = `http://127.0.0.1:${hole.port}`

    expect(await listing({ endpoint, timeoutSeconds: 0.2 })).toMatchObject({
      message: `Listing the backups failed: ${endpoint} does not answer.`,
      mayPass: true,
    })
  })

  test('with a server that has trouble of its own', async () => {
    await using proxy = await startHttpProxy(ceph, () => ({ answer: { status: 503 } }))

    expect(await listing({ endpoint: proxy.endpoint })).toMatchObject({
      message: expect.stringContaining('has trouble of its own'),
      mayPass: true,
    })
  })

  test('with an authority of our own that it does not know', async () => {
    const store = await storeWith({ endpoint: ceph.tlsEndpoint, caFile: ceph.caFile })
    await store.put(path, sourceOf(large), signal)

    expect(large.equals(await contentOf(store))).toBe(true)
    expect(await listing({ endpoint: ceph.tlsEndpoint })).toMatchObject({
      message: expect.stringContaining(`the certificate of ${ceph.tlsEndpoint} is not trusted`),
      reason: expect.not.stringContaining('Node.js'),
      advice: expect.stringContaining('S3_CA_FILE'),
      mayPass: false,
    })
  })

  test('with a certificate of another host', async () => {
    const endpoint = `https://localhost:${ceph.tlsPort}`

    expect(await listing({ endpoint, caFile: ceph.caFile })).toMatchObject({
      message: expect.stringContaining('is for another host'),
      mayPass: false,
    })
  })

  test('with a certificate that has expired', async () => {
    const authority = await makeAuthority()
    const files = await authority.issue('expired', new Date(Date.now() - 100 * 86_400_000))
    const [cert, key] = [await readFile(files.certificate), await readFile(files.key)]
    const server = createServer({ cert, key }, (socket) => socket.end())
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`

    const refusal = await listing({ endpoint, caFile: authority.certificate })

    server.close()
    expect(refusal).toMatchObject({
      message: `Listing the backups failed: the certificate of ${endpoint} has expired.`,
      mayPass: false,
    })
  })

  test('with TLS where the server speaks none', async () => {
    const endpoint = ceph.endpoint.replace('http:', 'https:')

    expect(await listing({ endpoint })).toMatchObject({
      message: expect.stringContaining('does not speak TLS'),
      mayPass: false,
    })
  })

  test('with a file of authorities that is none', async () => {
    await using folder = temporaryFolder()
    const caFile = folder.join('ca.pem')

    const refusal = await refusalOf(openS3Store(ceph.options(bucket, { caFile })))

    expect(refusal).toMatchObject({ exitStatus: 2, advice: expect.stringContaining('S3_CA_FILE') })
  })
})

describe('flat names, as the original sent them', () => {
  const file = 'db-app_2026-11-20_01-00-00.sql.gz'

  async function putFlat(prefix: string, name: string): Promise<void> {
    const Key = `${prefix}/${name}`
    await ceph.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'flat' }))
  }

  test('are listed, read and removed under the folder of their date', async () => {
    const store = await storeWith()
    await putFlat(store.prefix, file)
    await putFlat(store.prefix, 'notes.txt')

    expect(await store.list(signal)).toEqual([
      { path, storedAs: file, bytes: 4, modifiedAt: expect.any(Date) },
    ])
    expect(String(await contentOf(store))).toBe('flat')
    await store.remove(path)

    expect(await keysBelow(store.prefix)).toEqual([`${store.prefix}/notes.txt`])
  })

  test('give way to an object that really has that path, and go with it', async () => {
    const store = await storeWith()
    await putFlat(store.prefix, file)
    await store.put(path, sourceOf(Buffer.from('dated')), signal)

    expect(await store.list(signal)).toMatchObject([{ path, bytes: 5 }])
    expect(String(await contentOf(store))).toBe('dated')
    await store.remove(path)

    expect(await store.list(signal)).toEqual([])
  })
})
