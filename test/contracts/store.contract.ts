import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/model/index.ts'

const { signal } = new AbortController()
const flat = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const tiered = 'weekly/2026-11-20/db-app_2026-11-20_01-00-01.sql.zst'
const encoded = '2026-11-20/db-%C3%A4%20b%2F..%24(x)_2026-11-20_01-00-02.sql'

/** What every store must do. A new one adds one line in stores.test.ts, and keeps `open` empty. */
export function describeStore(label: string, open: () => Promise<Store>): void {
  describe(`the store ${label}`, () => {
    test('is empty at first', async () => {
      const store = await open()

      expect(await store.list(signal)).toEqual([])
    })

    test.each([flat, tiered, encoded])('lists and gives back what was put: %s', async (path) => {
      const store = await open()
      const bytes = randomBytes(300_000)

      await store.put(path, inChunks(bytes), signal)

      expect(await store.list(signal)).toEqual([
        { path, bytes: bytes.length, modifiedAt: expect.any(Date) },
      ])
      expect(await contentOf(store, path)).toEqual(bytes)
    })

    test('takes and gives back a file without a byte', async () => {
      const store = await open()

      await store.put(flat, inChunks(Buffer.alloc(0)), signal)

      expect((await store.list(signal)).map(({ bytes }) => bytes)).toEqual([0])
      expect(await contentOf(store, flat)).toEqual(Buffer.alloc(0))
    })

    test('takes several at once', async () => {
      const store = await open()
      const paths = [flat, tiered, encoded]

      await Promise.all(paths.map((path) => store.put(path, inChunks(Buffer.from(path)), signal)))

      expect(await pathsIn(store)).toEqual(paths.toSorted())
      expect(String(await contentOf(store, tiered))).toBe(tiered)
    })

    test('replaces a file as a whole', async () => {
      const store = await open()
      await store.put(flat, inChunks(Buffer.from('old and longer')), signal)

      await store.put(flat, inChunks(Buffer.from('new')), signal)

      expect(String(await contentOf(store, flat))).toBe('new')
      expect(await pathsIn(store)).toEqual([flat])
    })

    test('stores nothing when the bytes end with an error', async () => {
      const store = await open()
      const broken = async function* (): AsyncGenerator<Buffer> {
        yield randomBytes(100_000)
        throw new Error('the source broke')
      }

      await expect(store.put(flat, broken(), signal)).rejects.toThrow('the source broke')

      expect(await store.list(signal)).toEqual([])
    })

    test('keeps the old file when a new one ends with an error', async () => {
      const store = await open()
      await store.put(flat, inChunks(Buffer.from('old')), signal)
      const broken = async function* (): AsyncGenerator<Buffer> {
        yield Buffer.from('new')
        throw new Error('the source broke')
      }

      await expect(store.put(flat, broken(), signal)).rejects.toThrow('the source broke')

      expect(String(await contentOf(store, flat))).toBe('old')
    })

    test('stores nothing when it is told to stop, even if no more bytes come', async () => {
      const store = await open()
      const controller = new AbortController()
      const hanging = async function* (): AsyncGenerator<Buffer> {
        yield randomBytes(100_000)
        controller.abort(new Error('asked to stop'))
        await Promise.withResolvers<void>().promise
      }

      const putting = store.put(flat, hanging(), controller.signal)

      await expect(putting).rejects.toThrow('asked to stop')
      expect(await store.list(signal)).toEqual([])
    })

    test('does not open what is not there', async () => {
      const store = await open()

      await expect(store.open(flat, signal)).rejects.toThrow(flat)
    })

    test('removes a file, and one that is not there without complaint', async () => {
      const store = await open()
      await store.put(flat, inChunks(Buffer.from('x')), signal)
      await store.put(tiered, inChunks(Buffer.from('y')), signal)

      await store.remove(flat)
      await store.remove(flat)

      expect(await pathsIn(store)).toEqual([tiered])
    })
  })
}

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65_536) {
    yield bytes.subarray(start, start + 65_536)
  }
}

async function contentOf(store: Store, path: string): Promise<Buffer> {
  return await buffer(await store.open(path, signal))
}

async function pathsIn(store: Store): Promise<string[]> {
  return (await store.list(signal)).map(({ path }) => path).toSorted()
}
