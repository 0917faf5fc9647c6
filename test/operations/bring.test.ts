import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type Store, sourceOf } from '../../src/model/index.ts'
import { type Bringing, bringing, Gone } from '../../src/operations/bring.ts'
import { openVolume } from '../../src/stores/index.ts'
import { listFiles, temporaryFolder } from '../support/volume.ts'

const modes = { file: 0o600, folder: 0o700 }
const { signal } = new AbortController()
const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const other = '2026-11-20/db-other_2026-11-20_01-00-00.sql.gz'

interface Fixture {
  readonly store: Store
  readonly scratch: string
  readonly lists: () => number
  readonly brought: Bringing
  readonly fetch: (path: string) => Promise<AsyncDisposable>
}

/** A store with two backups of 1 000 bytes, and the folder to which they are brought. */
async function fixture(): Promise<Fixture> {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const volume = openVolume(folder.join('store'), { modes })
  let lists = 0
  const store: Store = {
    ...volume,
    list: async (at) => {
      lists += 1
      return await volume.list(at)
    },
  }
  for (const each of [path, other]) {
    await store.put(each, sourceOf(Buffer.alloc(1000, each)), signal)
  }
  const scratch = folder.join('scratch')
  const brought = bringing(
    { modes, clock: { now: () => new Date() } },
    { store, label: 'the store', listing: 'backup.sh -l', scratch },
  )
  return {
    store,
    scratch,
    lists: () => lists,
    brought,
    fetch: (each) => brought.fetch({ path: each, bytes: 1000 }, { signal, tell: () => {} }),
  }
}

test('a backup is here until the last who asked for it has gone', async () => {
  const { brought, scratch, fetch } = await fixture()
  const [one, two] = await Promise.all([fetch(path), fetch(path)])
  await one[Symbol.asyncDispose]()
  expect(await readFile(brought.absolute(path))).toEqual(Buffer.alloc(1000, path))
  await two[Symbol.asyncDispose]()
  expect(await listFiles(scratch)).toEqual([])
})

test('a backup is brought without a list of the store; one that is gone is told', async () => {
  const { store, scratch, lists, fetch } = await fixture()
  const held = await fetch(path)
  expect(lists()).toBe(0)
  await held[Symbol.asyncDispose]()

  await store.remove(other)
  const error = await fetch(other).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Gone)
  expect(error).toMatchObject({ message: `${other} is not in the store any more.` })
  expect(lists()).toBe(1)
  expect(await listFiles(scratch)).toEqual([])
})

test('what cannot be read though it is there keeps its own account', async () => {
  const { store, fetch } = await fixture()
  const broken = { ...store, open: () => Promise.reject(new Error('The cable is broken.')) }
  Object.assign(store, broken)
  await expect(fetch(path)).rejects.toThrow('The cable is broken.')
})
