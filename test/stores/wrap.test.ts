import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Refusal, type Store, sourceOf } from '../../src/model/index.ts'
import { openVolume, withRate, withTries } from '../../src/stores/index.ts'
import { temporaryFolder } from '../support/volume.ts'

const { signal } = new AbortController()
const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const outage = new Refusal('It is down.', { advice: 'Wait.', mayPass: true })
const wrongKey = new Refusal('The key is wrong.', { advice: 'Correct it.' })

/** A store whose first calls of `list` and `put` fail with these, the others work. */
function failing(...errors: readonly Error[]): { readonly store: Store; readonly calls: string[] } {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const volume = openVolume(folder.path, { modes: { file: 0o600, folder: 0o700 } })
  const calls: string[] = []
  const left = [...errors]
  const first = async (call: string): Promise<void> => {
    calls.push(call)
    const error = left.shift()
    if (error !== undefined) throw error
  }
  return {
    calls,
    store: {
      ...volume,
      list: async (at) => first('list').then(() => volume.list(at)),
      put: async (to, source, at) => first('put').then(() => volume.put(to, source, at)),
    },
  }
}

describe('tries', () => {
  const tries = { most: 3, firstPauseMs: 1 }

  test('are made again of what may pass', async () => {
    const { store, calls } = failing(outage, outage)

    await withTries(store, tries).put(path, sourceOf(Buffer.from('x')), signal)

    expect(calls).toEqual(['put', 'put', 'put'])
    expect(await store.list(signal)).toMatchObject([{ path, bytes: 1 }])
  })

  test('come to an end', async () => {
    const { store, calls } = failing(outage, outage, outage)

    await expect(withTries(store, tries).list(signal)).rejects.toBe(outage)

    expect(calls).toHaveLength(3)
  })

  test.each([
    ['what somebody has to put right', wrongKey],
    ['a defect', new TypeError('defect')],
  ])('are not made of %s', async (_what, error) => {
    const { store, calls } = failing(error)

    await expect(withTries(store, tries).list(signal)).rejects.toBe(error)

    expect(calls).toHaveLength(1)
  })

  test('end when they are told to', async () => {
    const { store } = failing(outage, outage)
    const controller = new AbortController()
    const slow = { most: 3, firstPauseMs: 3_600_000 }

    const listing = withTries(store, slow).list(controller.signal)
    controller.abort(new Error('asked to stop'))

    await expect(listing).rejects.toThrow('asked to stop')
  })
})

test('a rate slows both directions down, and changes nothing', async () => {
  const { store } = failing()
  const slow = withRate(store, 1_000_000)
  const bytes = Buffer.alloc(100_000, 'x')
  const started = performance.now()

  await slow.put(path, sourceOf(bytes), signal)
  const between = performance.now()
  const back = await buffer(await slow.open(path, signal))

  expect(back).toEqual(bytes)
  // Never faster than that; how much slower is the machine's business.
  expect(between - started).toBeGreaterThan(90)
  expect(performance.now() - between).toBeGreaterThan(90)
})
