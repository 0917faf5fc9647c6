import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { recordsFolder, type Source, type Store, sourceOf } from '../../src/model/index.ts'
import { count } from '../support/counts.ts'

const { signal } = new AbortController()
const flat = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const tiered = 'weekly/2026-11-20/db-app_2026-11-20_01-00-01.sql.zst'
const encoded = '2026-11-20/db-%C3%A4%20b%2F..%24(x)_2026-11-20_01-00-02.sql'

const mib = 1024 * 1024
/** More than one page of any listing. */
const moreThanAPage = count(1_050, 2_100)

interface Allowance {
  /** How many backups to list, where every `put` starts several programs. */
  readonly many?: number
}

/** What every store must do. A new one adds a file beside this one, and keeps `open` empty. */
export function describeStore(
  label: string,
  open: () => Promise<Store>,
  { many = moreThanAPage }: Allowance = {},
): void {
  describe(`the store ${label}`, () => {
    test('is empty at first', async () => {
      const store = await open()

      expect(await store.list(signal)).toEqual([])
    })

    test.each([flat, tiered, encoded])('lists and gives back what was put: %s', async (path) => {
      const store = await open()
      const bytes = randomBytes(300_000)

      await store.put(path, sourceOf(bytes), signal)

      expect(await store.list(signal)).toEqual([
        { path, bytes: bytes.length, modifiedAt: expect.any(Date) },
      ])
      expect(await contentOf(store, path)).toEqual(bytes)
    })

    test('takes and gives back a file without a byte', async () => {
      const store = await open()

      await store.put(flat, sourceOf(Buffer.alloc(0)), signal)

      expect((await store.list(signal)).map(({ bytes }) => bytes)).toEqual([0])
      expect(await contentOf(store, flat)).toEqual(Buffer.alloc(0))
    })

    test('takes several at once', async () => {
      const store = await open()
      const paths = [flat, tiered, encoded]

      await Promise.all(paths.map((path) => store.put(path, sourceOf(Buffer.from(path)), signal)))

      expect(await pathsIn(store)).toEqual(paths.toSorted())
      expect(String(await contentOf(store, tiered))).toBe(tiered)
    })

    test('replaces a file as a whole', async () => {
      const store = await open()
      await store.put(flat, sourceOf(Buffer.from('old and longer')), signal)

      await store.put(flat, sourceOf(Buffer.from('new')), signal)

      expect(String(await contentOf(store, flat))).toBe('new')
      expect(await pathsIn(store)).toEqual([flat])
    })

    test('stores nothing when the bytes end with an error', async () => {
      const store = await open()
      const broken = streaming(async function* () {
        yield randomBytes(100_000)
        throw new Error('the source broke')
      })

      await expect(store.put(flat, broken, signal)).rejects.toThrow('the source broke')

      expect(await store.list(signal)).toEqual([])
    })

    test('keeps the old file when a new one ends with an error', async () => {
      const store = await open()
      await store.put(flat, sourceOf(Buffer.from('old')), signal)
      const broken = streaming(async function* () {
        yield Buffer.from('new')
        throw new Error('the source broke')
      })

      await expect(store.put(flat, broken, signal)).rejects.toThrow('the source broke')

      expect(String(await contentOf(store, flat))).toBe('old')
    })

    test('stores nothing when it is told to stop, even if no more bytes come', async () => {
      const store = await open()
      const controller = new AbortController()
      const hanging = streaming(async function* () {
        yield randomBytes(100_000)
        controller.abort(new Error('asked to stop'))
        await Promise.withResolvers<void>().promise
      })

      const putting = store.put(flat, hanging, controller.signal)

      await expect(putting).rejects.toThrow('asked to stop')
      expect(await store.list(signal)).toEqual([])
    })

    test('does not open what is not there', async () => {
      const store = await open()

      await expect(store.open(flat, signal)).rejects.toThrow(flat)
    })

    test('removes a file, and one that is not there without complaint', async () => {
      const store = await open()
      await store.put(flat, sourceOf(Buffer.from('x')), signal)
      await store.put(tiered, sourceOf(Buffer.from('y')), signal)

      await store.remove(flat)
      await store.remove(flat)

      expect(await pathsIn(store)).toEqual([tiered])
    })

    test('stores nothing when fewer bytes came than were promised', async () => {
      const store = await open()
      const short = { ...sourceOf(randomBytes(1000)), bytes: 1001 }

      await expect(store.put(flat, short, signal)).rejects.toThrow()

      expect(await store.list(signal)).toEqual([])
    })

    test('takes a stream whose length nobody knows', async () => {
      const store = await open()
      const bytes = randomBytes(200_000)
      const stream = streaming(async function* () {
        yield bytes.subarray(0, 70_000)
        yield bytes.subarray(70_000)
      })

      await store.put(flat, stream, signal)

      expect(await contentOf(store, flat)).toEqual(bytes)
    })

    test('keeps records apart from backups', async () => {
      const store = await open()
      const record = `${recordsFolder}/0123456789abcdef0123456789abcdef.json`
      await store.put(flat, sourceOf(Buffer.from('x')), signal)
      await store.put(record, sourceOf(Buffer.from('{}')), signal)

      expect(await pathsIn(store)).toEqual([flat])
      expect(await store.listRecords(signal)).toEqual([
        { path: record, bytes: 2, modifiedAt: expect.any(Date) },
      ])
      expect(String(await contentOf(store, record))).toBe('{}')
      await store.remove(record)
      expect(await store.listRecords(signal)).toEqual([])
    })

    test('has no record at first', async () => {
      const store = await open()

      expect(await store.listRecords(signal)).toEqual([])
    })

    test(
      `lists ${many} backups`,
      async () => {
        const store = await open()
        const paths = Array.from({ length: many }, (_, at) => numbered(at))
        await inTurns(paths, 16, (path) => store.put(path, sourceOf(Buffer.from('x')), signal))

        expect(await pathsIn(store)).toEqual(paths.toSorted())
      },
      Math.max(60_000, many * 500),
    )

    test('takes and gives back 300 MB in memory that does not grow with them', async () => {
      const store = await open()
      const before = process.memoryUsage().arrayBuffers
      const peak = { bytes: 0 }

      await store.put(flat, large(peak), signal)
      const back = createHash('sha256')
      for await (const chunk of await store.open(flat, signal)) {
        back.update(chunk)
        peak.bytes = Math.max(peak.bytes, process.memoryUsage().arrayBuffers)
      }

      expect(await store.list(signal)).toMatchObject([{ bytes: 300 * mib }])
      expect(back.digest('hex')).toBe(await sumOf(large(peak).open(0)))
      expect(peak.bytes - before).toBeLessThan(150 * mib)
    }, 300_000)
  })
}

/** A source that does not know how much will come. */
function streaming(open: () => AsyncIterable<Uint8Array>): Source {
  return { bytes: null, open }
}

async function contentOf(store: Store, path: string): Promise<Buffer> {
  return await buffer(await store.open(path, signal))
}

async function pathsIn(store: Store): Promise<string[]> {
  return (await store.list(signal)).map(({ path }) => path).toSorted()
}

function numbered(at: number): string {
  const [minute, second] = [Math.floor(at / 60), at % 60].map((n) => String(n).padStart(2, '0'))
  return `2026-11-20/db-app_2026-11-20_01-${minute}-${second}.sql.gz`
}

async function inTurns<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** 300 MiB that differ from block to block, and notes how much memory buffers take meanwhile. */
function large(peak: { bytes: number }): Source {
  const block = createHash('sha512').update('block').digest().toString('hex').repeat(8192)
  return {
    bytes: 300 * mib,
    async *open(start) {
      for (let at = Math.floor(start / mib); at < 300; at += 1) {
        const chunk = Buffer.from(block).fill(String(at), 0, 3)
        peak.bytes = Math.max(peak.bytes, process.memoryUsage().arrayBuffers)
        yield chunk.subarray(Math.max(0, start - at * mib))
      }
    },
  }
}

async function sumOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = createHash('sha256')
  for await (const chunk of bytes) sum.update(chunk)
  return sum.digest('hex')
}
