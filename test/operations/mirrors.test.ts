import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openCatalog } from '../../src/catalog/index.ts'
import {
  type Copy,
  type Manifest,
  Refusal,
  type RunEvent,
  type StoredFile,
  sourceOf,
} from '../../src/model/index.ts'
import {
  type Appliance,
  checkAll,
  copiesOf,
  countOf,
  type Mirror,
  type MirrorOutcome,
  type MirrorStore,
  mirrorAll,
  missingCopies,
  planPruning,
  pruneAll,
  viewOfStore,
} from '../../src/operations/index.ts'
import { takeInventory } from '../../src/operations/inventory.ts'
import { listBackups } from '../../src/operations/list.ts'
import { MirrorRun } from '../../src/operations/mirrors/mirror-run.ts'
import { openVolume } from '../../src/stores/index.ts'
import { ageKey, type KeyPair } from '../support/age-keys.ts'
import { applianceHere, type HereOptions } from '../support/appliance-here.ts'
import { noRepository } from '../support/restic.ts'
import {
  fakeBackup,
  listFiles,
  manifestPathOf,
  type TemporaryFolder,
  temporaryFolder,
} from '../support/volume.ts'

const now = new Date(2026, 10, 20, 12)
const modes = { file: 0o600, folder: 0o700 }
const spec = 'postgres=localhost:5432/app'
const core = 'localhost-app'
const { signal } = new AbortController()

/** A folder is as good a mirror as any: what a network may do to one is asked of each store. */
interface FolderMirror extends Mirror {
  readonly folder: TemporaryFolder
  readonly store: MirrorStore
  /** Calls of the store, such as `put 2026-…`. */
  readonly calls: string[]
  /** Set, it is thrown by every call. */
  problem: Error | null
}

function folderMirror(changes: Partial<Mirror> = {}): FolderMirror {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const volume = openVolume(folder.join('mirror'), { modes })
  const calls: string[] = []
  const name = changes.name ?? 's3'
  const asked = <Result>(call: string, work: () => Promise<Result>): Promise<Result> => {
    calls.push(call)
    return mirror.problem === null ? work() : Promise.reject(mirror.problem)
  }
  const store: MirrorStore = {
    name,
    list: (at) => asked('list', () => volume.list(at)),
    listRecords: (at) => asked('records', () => volume.listRecords(at)),
    open: (path, at) => asked(`open ${path}`, () => volume.open(path, at)),
    put: (path, source, at) => asked(`put ${path}`, () => volume.put(path, source, at)),
    remove: (path) => asked(`remove ${path}`, () => volume.remove(path)),
  }
  const mirror: FolderMirror = {
    name,
    keeps: 'archives',
    readBackEvery: 1,
    encryption: null,
    prunes: false,
    ...changes,
    open: async () => store,
    folder,
    store,
    calls,
    problem: null,
  }
  return mirror
}

interface Here {
  readonly root: string
  readonly appliance: Appliance
  readonly told: RunEvent[]
  /** A good backup, so many days old. */
  backup(daysAgo: number): Promise<string>
  mirror(): Promise<MirrorOutcome>
  copiesOf(path: string): Promise<readonly Copy[]>
}

async function here(mirror: Mirror, options: Partial<HereOptions> = {}): Promise<Here> {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const root = folder.path
  const told: RunEvent[] = []
  const clock = { now: () => now }
  const appliance = await applianceHere({
    root,
    lines: [spec],
    clock,
    mirrors: [mirror],
    tell: (event) => told.push(event),
    ...options,
  })
  const catalog = openCatalog(root, { modes, clock })
  return {
    root,
    appliance,
    told,
    backup: (daysAgo) => {
      const at = new Date(now.getTime() - daysAgo * 86_400_000)
      return fakeBackup(root, { core, at, sql: dumpOf(daysAgo), manifest: { spec } })
    },
    mirror: async () => {
      const { databases } = appliance.configuration
      const request = { databases, store: null, trigger: 'user', patient: false } as const
      const [outcome] = await mirrorAll(appliance, request)
      if (outcome === undefined) throw new Error('There is no outcome.')
      return outcome
    },
    copiesOf: async (path) => (await catalog.read(path))?.copies ?? [],
  }
}

async function pathsIn({ store }: FolderMirror): Promise<readonly string[]> {
  return (await store.list(signal)).map(({ path }: StoredFile) => path).toSorted()
}

describe('a mirror', () => {
  test('gets what it lacks, oldest first, each with its manifest, and nothing twice', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const paths = [await at.backup(3), await at.backup(2), await at.backup(1)]

    const first = await at.mirror()
    const puts = mirror.calls.filter((call) => call.startsWith('put 2026'))
    mirror.calls.length = 0
    const second = await at.mirror()
    const callsOfSecond = [...mirror.calls]

    expect(first).toMatchObject({ store: 's3', copied: paths, failures: [] })
    expect(puts).toEqual(paths.map((path) => `put ${path}`))
    expect(await pathsIn(mirror)).toEqual(paths.toSorted())
    expect(await mirror.store.listRecords(signal)).toHaveLength(3)
    expect(second).toMatchObject({ copied: [], failures: [] })
    expect(callsOfSecond).toEqual(['list', 'records'])
    const bytes = await readFile(`${at.root}/${paths[0]}`)
    expect(await at.copiesOf(paths[0] ?? '')).toMatchObject([
      {
        store: 's3',
        path: paths[0],
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        checkedAt: now.toISOString(),
        isReadBack: true,
      },
    ])
  })

  test('that lacks much holds no cycle up: the next one goes on', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    for (const days of [3, 2, 1]) await at.backup(days)
    const run = new MirrorRun(at.appliance, mirror, -1)

    const outcome = await run.finish(at.appliance.configuration.databases)

    expect(outcome).toMatchObject({ copied: [], failures: [] })
    expect(at.told).toMatchObject([
      { kind: 'warning', text: expect.stringMatching(/^s3 still lacks 3 older backups/u) },
    ])
  })

  test('tells how far each copy is, to its last byte', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    const { size } = await stat(`${at.root}/${path}`)

    await at.mirror()

    const grown = at.told.filter(({ kind }) => kind === 'mirror-grew')
    expect(grown.at(-1)).toMatchObject({ store: 's3', bytes: size, expectedBytes: size })
    expect(at.told.at(-1)).toMatchObject({ kind: 'mirrored' })
  })

  test('that is down loses nothing: everything arrives when it is back', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    await at.backup(2)
    mirror.problem = new Refusal('It is down.', { advice: 'Wait.', mayPass: true })

    const during = await at.mirror()
    await at.backup(1)
    mirror.problem = null
    const after = await at.mirror()

    expect(during.copied).toEqual([])
    expect(during.failures).toMatchObject([{ path: null, error: { message: 'It is down.' } }])
    expect(at.told.filter(({ kind }) => kind === 'mirror-failed')).toHaveLength(1)
    expect(after).toMatchObject({ failures: [] })
    expect(await pathsIn(mirror)).toHaveLength(2)
  })

  test('that lets us not in is told of once, however much was to go there', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    for (const days of [2, 1]) await at.backup(days)
    const account = { advice: 'Correct the password.', concernsStore: true }
    mirror.problem = new Refusal('It does not let us in.', account)
    const run = new MirrorRun(at.appliance, mirror, 1_000)
    const { of } = await takeInventory(at.appliance)

    for (const [database, backups] of of) for (const each of backups) run.add(database, each)
    const outcome = await run.finish(at.appliance.configuration.databases)

    expect(outcome).toMatchObject({ copied: [], failures: [{ error: mirror.problem }] })
    expect(at.told.map(({ kind }) => kind)).toEqual(['mirror-failed'])
  })

  test('whose file is gone or of another size gets it again', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const paths = [await at.backup(2), await at.backup(1)]
    await at.mirror()
    await rm(mirror.folder.join('mirror', paths[0] ?? ''))
    await writeFile(mirror.folder.join('mirror', paths[1] ?? ''), 'cut')

    const outcome = await at.mirror()

    expect(outcome.copied).toEqual(paths)
    expect((await at.copiesOf(paths[1] ?? ''))[0]?.bytes).toBeGreaterThan(3)
  })

  test('that gives back other bytes has no copy', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    const { store } = mirror
    const lying: MirrorStore = {
      ...store,
      async open() {
        return (async function* () {
          yield Buffer.from('something else')
        })()
      },
    }

    const outcome = await (
      await here({ ...mirror, open: async () => lying }, { root: at.root })
    ).mirror()

    expect(outcome.failures).toMatchObject([
      { path, error: { message: `The copy of ${path} in s3 is not what was sent.` } },
    ])
    expect(await pathsIn(mirror)).toEqual([])
    expect(await at.copiesOf(path)).toEqual([])
  })

  test('is not given what the volume has lost a bit of', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await flip(`${at.root}/${path}`)

    const outcome = await at.mirror()

    expect(outcome.failures).toMatchObject([
      {
        path,
        error: { message: expect.stringContaining('its bytes are not those that were sealed') },
      },
    ])
    expect(await pathsIn(mirror)).toEqual([])
  })

  test('mends what the volume has lost since', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    const good = await readFile(`${at.root}/${path}`)
    await writeFile(`${at.root}/${path}`, good.subarray(0, 10))

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ repaired: [path], failures: [] })
    expect(await readFile(`${at.root}/${path}`)).toEqual(good)
  })

  test('is told what a check found about its own copy, not about the file of the volume', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    const check = { ok: false, at: now.toISOString(), problem: 'it has lost bytes' }
    const failed = { verdict: 'failed', at: now.toISOString(), differences: ['rows'] } as const
    await at.appliance.catalog.update(path, (manifest) => ({
      ...manifest,
      check,
      verifications: [failed],
      pinnedAt: now.toISOString(),
    }))
    await writeFile(`${at.root}/${path}`, 'rotten')
    // It would be mended from any other mirror.
    const copies = await at.copiesOf(path)
    await at.appliance.catalog.update(path, (manifest) => ({
      ...manifest,
      copies: copies.map((copy) => ({ ...copy, sha256: 'of other bytes' })),
    }))

    await at.mirror()

    const view = await viewOfStore(at.appliance, 's3')
    const { inventory } = await listBackups(view, { live: false })
    expect([...inventory.of.values()].flat()).toMatchObject([{ path, quality: 'good' }])
  })

  test('gets what has no manifest, too, once; its copy is known, and sent again when it is rotten', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const bare = await bareBackup(at)
    const { databases } = at.appliance.configuration
    const good = await readFile(`${at.root}/${bare}`)
    const there = mirror.folder.join('mirror', bare)

    const outcomes = [await at.mirror(), await at.mirror()]
    const known = await storesOf(at)
    await flip(there)
    const view = await viewOfStore(at.appliance, 's3')
    const [checked] = await checkAll(view, databases)
    const afterCheck = await storesOf(at)
    const mended = await at.mirror()
    const content = await readFile(there)
    await rm(there)
    const missing = await missingCopies(at.appliance, databases, 's3')

    expect(outcomes).toMatchObject([{ copied: [bare] }, { copied: [] }])
    expect(known).toEqual([
      { store: 'volume', ok: true },
      { store: 's3', ok: true },
    ])
    expect(checked).toMatchObject({ ok: false })
    expect(afterCheck).toContainEqual({ store: 's3', ok: false })
    expect(mended).toMatchObject({ copied: [bare], failures: [] })
    expect(content).toEqual(good)
    expect(missing).toMatchObject([{ store: 's3', path: bare }])
    expect(await at.mirror()).toMatchObject({ copied: [bare] })
    expect(await storesOf(at)).toEqual(known)
  })

  test('is compared with what was sent where nobody can look inside', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const bare = `${await bareBackup(at)}.enc`
    await writeFile(`${at.root}/${bare}`, `Salted__${dumpOf(1)}`)
    await rm(`${at.root}/${bare.slice(0, -'.enc'.length)}`)
    await at.mirror()

    const before = await checkedIn(at, 's3')
    await flip(mirror.folder.join('mirror', bare))
    const rotten = await checkedIn(at, 's3')
    const mended = await at.mirror()
    await flip(`${at.root}/${bare}`)
    const ofVolume = await checkedIn(at, null)

    expect(before).toMatchObject([{ ok: true, limits: expect.stringContaining('checksum') }])
    expect(rotten).toMatchObject([{ ok: false }])
    expect(mended).toMatchObject({ copied: [bare] })
    expect(ofVolume).toMatchObject([
      { ok: false, problem: expect.stringContaining('not the one that it was copied with') },
    ])
    expect(await at.mirror()).toMatchObject({ repaired: [bare], failures: [] })
  })

  test('has no copy of what has no manifest in a file of the same size with other bytes', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const bare = await bareBackup(at)
    const good = await readFile(`${at.root}/${bare}`)
    await mirror.store.put(bare, sourceOf(Buffer.alloc(good.length)), signal)

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ copied: [bare], failures: [] })
    expect(await readFile(mirror.folder.join('mirror', bare))).toEqual(good)
  })

  test('keeps what is perhaps the better one when a file without a manifest was cut', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const bare = await bareBackup(at)
    const good = await readFile(`${at.root}/${bare}`)
    await at.mirror()
    await writeFile(`${at.root}/${bare}`, good.subarray(0, good.length / 2))

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ copied: [], failures: [{ path: bare }] })
    expect(await readFile(mirror.folder.join('mirror', bare))).toEqual(good)
    await writeFile(`${at.root}/${bare}`, good)
    expect(await at.mirror()).toMatchObject({ failures: [] })
  })

  test('mends what has no manifest from a copy of its own bytes, and spreads no rot', async () => {
    const mirror = folderMirror()
    const second = folderMirror({ name: 'ftp' })
    const at = await here(mirror)
    const bare = await bareBackup(at)
    const good = await readFile(`${at.root}/${bare}`)
    await at.mirror()
    await flip(`${at.root}/${bare}`)

    const spread = await (await here(second, { root: at.root })).mirror()
    const mended = await at.mirror()

    expect(spread).toMatchObject({ copied: [], failures: [{ path: bare }] })
    expect(await pathsIn(second)).toEqual([])
    expect(mended).toMatchObject({ repaired: [bare], failures: [] })
    expect(await readFile(`${at.root}/${bare}`)).toEqual(good)
    expect(await storesOf(at)).toEqual([
      { store: 'volume', ok: true },
      { store: 's3', ok: true },
    ])
  })

  test('gets its manifests again when they are gone there, or others', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    const [record] = await mirror.store.listRecords(signal)

    await mirror.store.remove(record?.path ?? '')
    await at.mirror()

    expect(await mirror.store.listRecords(signal)).toMatchObject([{ path: record?.path }])
    const view = await viewOfStore(at.appliance, 's3')
    expect(await view.catalog.read(path)).toMatchObject({ path, spec })
  })

  test('is read back every which time, also where each run makes one copy', async () => {
    const mirror = folderMirror({ readBackEvery: 2 })
    let ticks = now.getTime()
    const clock = { now: () => new Date((ticks += 1_000)) }
    const at = await here(mirror, { clock })
    const isReadBack: (boolean | undefined)[] = []

    for (const days of [4, 3, 2, 1]) {
      const path = await at.backup(days)
      await at.mirror()
      isReadBack.push((await at.copiesOf(path))[0]?.isReadBack)
    }

    expect(isReadBack).toEqual([false, true, false, true])
  })

  test('that lost a copy is found out until it gets it again', async () => {
    const mirror = folderMirror()
    let ticks = now.getTime()
    const at = await here(mirror, { clock: { now: () => new Date((ticks += 1_000)) } })
    const [path] = [await at.backup(2), await at.backup(1)]
    await at.mirror()
    await mirror.store.remove(path)
    const { databases } = at.appliance.configuration
    const checked = async (): Promise<unknown> => {
      const missing = await missingCopies(at.appliance, databases, 's3')
      const view = await viewOfStore(at.appliance, 's3')
      const results = await checkAll(view, databases, { missing })
      const [run] = await at.appliance.catalog.recentRuns({ limit: 1 })
      return {
        missing,
        of: countOf(results, missing),
        result: run?.result,
        databases: run?.databases,
      }
    }

    const found = [await checked(), await checked()]
    const again = await at.mirror()

    const problem = 'it is on record as a copy, and not there'
    const error = { message: '1 of 2 backups failed their check.', reason: `${path}: ${problem}` }
    const failed = {
      missing: [{ store: 's3', spec, path, problem }],
      of: 2,
      result: 'failed',
      databases: [{ error }],
    }
    expect(found).toMatchObject([failed, failed])
    expect(again).toMatchObject({ copied: [path] })
    expect(await checked()).toMatchObject({ missing: [], of: 2, result: 'succeeded' })
  })

  test('is rid of what an interrupted copy has left there', async () => {
    const mirror = folderMirror()
    const asked: boolean[] = []
    const removeLeftovers: MirrorStore['removeLeftovers'] = async (isOurs) => {
      asked.push(isOurs(core), isOurs('other'))
      return ['2026-11-01/left.in_progress']
    }
    const store = { ...mirror.store, removeLeftovers }
    const at = await here({ ...mirror, open: async () => store })

    await at.mirror()

    expect(asked).toEqual([true, false])
    expect(textsOf(at)).toEqual([
      'Removed s3:2026-11-01/left.in_progress, the left-over of a copy that was interrupted.',
    ])
  })

  test('that lost all of them may be the wrong place, which is told', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const paths = [await at.backup(2), await at.backup(1)]
    await at.mirror()
    await mirror.store.remove(paths[0] ?? '')
    await at.mirror()
    const before = textsOf(at)
    await rm(mirror.folder.join('mirror'), { recursive: true })

    const outcome = await at.mirror()

    expect(before).toEqual([])
    expect(outcome.copied).toEqual(paths)
    expect(textsOf(at)).toMatchObject([
      expect.stringMatching(/^s3 has lost all copies that are on record there \(2 copies\)/u),
    ])
  })

  test('takes a file of the right bytes that is there already for its copy', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await mirror.store.put(
      path,
      { bytes: null, open: () => chunks(readFile(`${at.root}/${path}`)) },
      signal,
    )
    mirror.calls.length = 0

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ copied: [], failures: [] })
    expect(mirror.calls).not.toContain(`put ${path}`)
    expect(await at.copiesOf(path)).toMatchObject([{ store: 's3', isReadBack: true }])
  })

  test('that removes duplicates itself gets dumps decompressed', async () => {
    const mirror = folderMirror({ name: 'restic', keeps: 'contents' })
    const at = await here(mirror)
    const path = await at.backup(1)

    await at.mirror()
    const again = await at.mirror()

    const plain = path.replace(/\.gz$/u, '')
    expect(await pathsIn(mirror)).toEqual([plain])
    expect(String(await readFile(mirror.folder.join('mirror', plain)))).toBe(dumpOf(1))
    expect(again.copied).toEqual([])
    const view = await viewOfStore(at.appliance, 'restic')
    const { inventory } = await listBackups(view, { live: false })
    expect([...inventory.of.values()].flat()).toMatchObject([{ path: plain, quality: 'good' }])
  })

  test('gives a lost catalog back, and what the volume has lost with it', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const [same, rotten, other] = [await at.backup(3), await at.backup(2), await at.backup(1)]
    await at.mirror()
    const good = await readFile(`${at.root}/${rotten}`)
    await rm(`${at.root}/.catalog`, { recursive: true })
    await writeFile(`${at.root}/${rotten}`, good.subarray(0, 10))
    await writeFile(`${at.root}/${other}`, gzipSync(dumpOf(99)))

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ repaired: [rotten], failures: [] })
    for (const path of [same, rotten]) {
      expect(await at.copiesOf(path)).toMatchObject([{ store: 's3', path, isReadBack: true }])
      expect(await at.appliance.catalog.read(path)).toMatchObject({ spec, path })
    }
    expect(await readFile(`${at.root}/${rotten}`)).toEqual(good)
    // What can be read is left as it is, and told of.
    expect(await at.appliance.catalog.read(other)).toBeNull()
    expect(textsOf(at)).toContainEqual(
      expect.stringMatching(new RegExp(`${other} has no manifest, and that in s3 .* other bytes`)),
    )
  })

  test('gives a lost catalog back from copies of other bytes, and gets none of them again', async () => {
    const mirror = folderMirror({ name: 'restic', keeps: 'contents' })
    const at = await here(mirror)
    const [same, rotten] = [await at.backup(2), await at.backup(1)]
    await at.mirror()
    const before = await at.appliance.catalog.read(same)
    await rm(`${at.root}/.catalog`, { recursive: true })
    await flip(`${at.root}/${rotten}`)
    mirror.calls.length = 0

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ copied: [], repaired: [], failures: [] })
    expect(mirror.calls.filter((call) => call.startsWith('put 2026'))).toEqual([])
    const { copies, ...recovered } = (await at.appliance.catalog.read(same)) ?? fail()
    const { copies: ofBefore, ...manifest } = before ?? fail()
    expect(recovered).toEqual(manifest)
    expect(copies).toMatchObject([{ store: 'restic', sha256: ofBefore[0]?.sha256 }])
    expect(textsOf(at)).toContainEqual(
      expect.stringMatching(new RegExp(`${rotten} has lost bytes, and its copy in restic cannot`)),
    )
    // Older ones do not say what they are of.
    await rm(`${at.root}/.catalog`, { recursive: true })
    const plain = same.replace(/\.gz$/u, '')
    const beside = mirror.folder.join('mirror', manifestPathOf(plain))
    const { original: _, ...older } = JSON.parse(await readFile(beside, 'utf8')) as Manifest
    await writeFile(beside, JSON.stringify(older))
    at.told.length = 0
    expect(await at.mirror()).toMatchObject({ copied: [same], failures: [] })
    expect(textsOf(at)).toContainEqual(
      expect.stringMatching(new RegExp(`${same} has no manifest, and that in restic does not`)),
    )
  })

  test('gives a lost catalog back before any of them gets what it seems to lack', async () => {
    const slow = folderMirror({ name: 'ftp' })
    const quick = folderMirror()
    // As long as the other one takes to be done, if it does not wait for this one.
    const isDone = (): boolean => quick.calls.filter((call) => call.startsWith('open')).length > 5
    const list: MirrorStore['list'] = async (at) => {
      for (let turn = 0; turn < 50 && !isDone(); turn += 1) await pause(10)
      return await slow.store.list(at)
    }
    const slowly = { ...slow, open: async () => ({ ...slow.store, list }) }
    const at = await here(quick, { mirrors: [quick, slowly] })
    const paths = [await at.backup(3), await at.backup(2), await at.backup(1)]
    await at.mirror()
    await rm(`${at.root}/.catalog`, { recursive: true })
    for (const { calls } of [slow, quick]) calls.length = 0

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ copied: [], failures: [] })
    const calls = [...slow.calls, ...quick.calls]
    expect(calls.filter((call) => call.startsWith('put 2026'))).toEqual([])
    for (const path of paths) {
      const stores = (await at.copiesOf(path)).map(({ store }) => store)
      expect(stores.toSorted()).toEqual(['ftp', 's3'])
    }
  })

  test('whose copy is found to be rotten gets it again', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    await flip(mirror.folder.join('mirror', path))

    const view = await viewOfStore(at.appliance, 's3')
    const [checked] = await checkAll(view, view.configuration.databases)
    const outcome = await at.mirror()
    const again = await viewOfStore(at.appliance, 's3')
    const [checkedAgain] = await checkAll(again, again.configuration.databases)

    expect(checked).toMatchObject({ ok: false })
    expect(outcome).toMatchObject({ copied: [path], failures: [] })
    expect(checkedAgain).toMatchObject({ ok: true })
  })

  test('gets the manifest again when it says more than before', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    await at.appliance.catalog.update(path, (manifest) => ({
      ...manifest,
      pinnedAt: now.toISOString(),
    }))

    await at.mirror()

    const view = await viewOfStore(at.appliance, 's3')
    expect(await view.catalog.read(path)).toMatchObject({ pinnedAt: now.toISOString() })
  })
})

describe('encryption', () => {
  async function keys(): Promise<KeyPair> {
    const folder = temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    return ageKey(folder.join('identity'))
  }

  test('of mirrors alone leaves the volume in clear, and the age program opens a copy', async () => {
    const { recipient, identityFile } = await keys()
    const encryption = { kind: 'recipients', recipients: [recipient] } as const
    const mirror = folderMirror({ encryption })
    const { PATH = '' } = process.env
    const environment = {
      PATH,
      ENCRYPTION_RECIPIENTS: recipient,
      DECRYPTION_IDENTITY_FILE: identityFile,
      ENCRYPT: 'mirrors',
    }
    const at = await here(mirror, { environment })
    const path = await at.backup(1)

    const clear = await readFile(`${at.root}/${path}`)
    const outcome = await at.mirror()
    const again = await at.mirror()
    const view = await viewOfStore(at.appliance, 's3')
    const [checked] = await checkAll(view, view.configuration.databases)

    await rm(`${at.root}/.catalog`, { recursive: true })
    await writeFile(`${at.root}/${path}`, clear.subarray(0, 10))
    const recovered = await at.mirror()

    expect([outcome, again]).toMatchObject([{ copied: [path] }, { copied: [] }])
    expect(recovered).toMatchObject({ copied: [], repaired: [path], failures: [] })
    expect(await readFile(`${at.root}/${path}`)).toEqual(clear)
    expect(await pathsIn(mirror)).toEqual([`${path}.age`])
    const copy = mirror.folder.join('mirror', `${path}.age`)
    expect(execFileSync('age', ['-d', '-i', identityFile, copy])).toEqual(clear)
    expect(checked).toMatchObject({ ok: true, limits: null, backup: { quality: 'good' } })
    expect(checked?.backup.manifest?.encryption).toEqual({ kind: 'age', recipients: [recipient] })
  })

  test('lets rotten copies be sent again, and mends the volume with the key at hand', async () => {
    const { recipient, identityFile } = await keys()
    const encryption = { kind: 'recipients', recipients: [recipient] } as const
    const mirror = folderMirror({ encryption })
    const { PATH = '' } = process.env
    const environment = { PATH, DECRYPTION_IDENTITY_FILE: identityFile }
    const at = await here(mirror, { environment })
    const path = await at.backup(1)
    await at.mirror()
    await flip(mirror.folder.join('mirror', `${path}.age`))

    const view = await viewOfStore(at.appliance, 's3')
    const [checked] = await checkAll(view, view.configuration.databases)
    const resent = await at.mirror()
    const good = await readFile(`${at.root}/${path}`)
    await writeFile(`${at.root}/${path}`, good.subarray(0, 10))
    const mended = await at.mirror()

    expect(checked).toMatchObject({ ok: false })
    expect(resent).toMatchObject({ copied: [path] })
    expect(mended).toMatchObject({ repaired: [path], failures: [] })
    expect(await readFile(`${at.root}/${path}`)).toEqual(good)
  })

  test('leaves a warning where the volume cannot be mended', async () => {
    const mirror = folderMirror({ name: 'restic', keeps: 'contents' })
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    await writeFile(`${at.root}/${path}`, 'rotten')

    await at.mirror()

    expect(at.told).toContainEqual({
      kind: 'warning',
      database: null,
      text: expect.stringContaining('its copy in restic cannot take its place here'),
    })
  })

  test('spreads nothing that the volume has lost a bit of', async () => {
    const { recipient } = await keys()
    const encryption = { kind: 'recipients', recipients: [recipient] } as const
    const mirror = folderMirror({ encryption })
    const { PATH = '' } = process.env
    const at = await here(mirror, { environment: { PATH } })
    const path = await at.backup(1)
    await flip(`${at.root}/${path}`)

    const outcome = await at.mirror()

    expect(outcome.failures).toMatchObject([
      { error: { message: expect.stringContaining('not those that were sealed') } },
    ])
    expect(await pathsIn(mirror)).toEqual([])
  })
})

describe('retention', () => {
  const environment = { NUM_BACKUPS: '1', S3_NUM_BACKUPS: '2' }

  test('of a mirror is its own', async () => {
    const mirror = folderMirror({ prunes: true })
    const at = await here(mirror, { environment })
    const paths = [await at.backup(3), await at.backup(2), await at.backup(1)]
    await mirror.store.put(paths[0] ?? '', chunkSource(`${at.root}/${paths[0]}`), signal)

    const outcome = await at.mirror()

    expect(outcome).toMatchObject({ copied: paths.slice(1), removed: [paths[0]], failures: [] })
    expect(await pathsIn(mirror)).toEqual(paths.slice(1).toSorted())
  })

  test('tells of what it deletes by its name there, as the original sent it', async () => {
    const mirror = folderMirror({ prunes: true })
    const at = await here(mirror, { environment })
    const [old] = [await at.backup(3), await at.backup(2), await at.backup(1)]
    await at.mirror()
    await mirror.store.put(old, chunkSource(`${at.root}/${old}`), signal)
    const storedAs = basename(old)
    const list: MirrorStore['list'] = async (within) =>
      (await mirror.store.list(within)).map((file) =>
        file.path === old ? { ...file, storedAs } : file,
      )
    const store = { ...mirror.store, list }
    const flat = { ...mirror, open: async () => store }

    const outcome = await (await here(flat, { root: at.root, environment })).mirror()

    expect(outcome).toMatchObject({ removed: [storedAs], failures: [] })
    expect(await pathsIn(mirror)).not.toContain(old)
  })

  test('deletes nothing in a mirror unless it is asked to', async () => {
    const mirror = folderMirror()
    const at = await here(mirror, { environment })
    const paths = [await at.backup(3), await at.backup(2), await at.backup(1)]
    await mirror.store.put(paths[0] ?? '', chunkSource(`${at.root}/${paths[0]}`), signal)

    const outcome = await at.mirror()

    expect(outcome.removed).toEqual([])
    expect(await pathsIn(mirror)).toEqual(paths.toSorted())
  })

  test('never deletes the only proved one of a mirror, which only its manifest there knows', async () => {
    const mirror = folderMirror({ prunes: true })
    const at = await here(mirror, { environment })
    const proved = await at.backup(9)
    await at.appliance.catalog.update(proved, (manifest) => ({
      ...manifest,
      verifications: [{ verdict: 'verified', at: now.toISOString(), differences: [] }],
    }))
    await at.mirror()
    await at.appliance.volume.remove(proved)
    await at.appliance.catalog.remove(proved)
    for (const days of [3, 2, 1]) await at.backup(days)

    const outcome = await at.mirror()

    expect(outcome.failures).toEqual([])
    expect(await pathsIn(mirror)).toContain(proved)
  })

  test('keeps on the volume what a mirror still lacks, until MIRROR_GRACE is over', async () => {
    const mirror = folderMirror()
    // Nothing is ever deleted there: it should have all of them, whatever the policy says.
    const at = await here(mirror, { environment: { NUM_BACKUPS: '1' } })
    const paths = [await at.backup(9), await at.backup(2), await at.backup(1)]

    const [plan] = await planPruning(at.appliance, at.appliance.configuration.databases)
    await pruneAll(at.appliance, at.appliance.configuration.databases, { scheduled: false })

    expect(plan?.decisions.map(({ keep }) => keep)).toEqual([true, true, false])
    expect(plan?.decisions[1]?.reasons).toEqual(['not yet in s3 (MIRROR_GRACE)'])
    expect(await listFiles(at.root, { catalog: false })).toEqual(paths.slice(1).toSorted())
    expect(at.told).toContainEqual(
      expect.objectContaining({ kind: 'copy-given-up', stores: ['s3'] }),
    )
    await at.mirror()
    await pruneAll(at.appliance, at.appliance.configuration.databases, { scheduled: false })
    expect(await listFiles(at.root, { catalog: false })).toEqual(paths.slice(2))
  })
})

describe('a view of a store', () => {
  test('lists and brings what is there when the volume is lost', async () => {
    const mirror = folderMirror()
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    const content = await readFile(`${at.root}/${path}`)
    const lost = await here(mirror)

    const view = await viewOfStore(lost.appliance, 's3')
    const { inventory } = await listBackups(view, { live: false })
    const [backup] = [...inventory.of.values()].flat()
    {
      await using _brought = await view.fetch?.({ path, bytes: content.length }, view)
      expect(await readFile(view.volume.absolute(path))).toEqual(content)
    }

    expect(backup).toMatchObject({ path, quality: 'good', manifest: { spec, path } })
    expect(view.volume.label(path)).toBe(`s3:${path}`)
    expect(await listFiles(lost.root)).toEqual([])
  })

  test('is refused where there is no repository, and takes no copy for lost then', async () => {
    const repository = noRepository()
    onTestFinished(() => repository[Symbol.asyncDispose]())
    const mirror = folderMirror({ name: 'restic', keeps: 'contents' })
    const at = await here(mirror)
    const path = await at.backup(1)
    await at.mirror()
    const store = { ...repository.open(), check: async () => undefined }
    const elsewhere: Mirror = { ...mirror, open: async () => store }
    const { appliance } = await here(elsewhere, { root: at.root })
    const { databases } = appliance.configuration
    const none = { reason: expect.stringContaining('There is no restic repository at this place.') }

    const view = await viewOfStore(appliance, 'restic')

    await expect(listBackups(view, { live: false })).rejects.toMatchObject(none)
    await expect(missingCopies(appliance, databases, 'restic')).rejects.toMatchObject(none)
    expect((await at.copiesOf(path))[0]).not.toHaveProperty('lostAt')
  })

  test('is refused for a store that is not there', async () => {
    const at = await here(folderMirror())

    await expect(viewOfStore(at.appliance, 'ftp')).rejects.toMatchObject({
      message: 'There is no store "ftp".',
      reason: 'This configuration has: volume, s3.',
      exitStatus: 2,
    })
  })
})

function textsOf({ told }: Here): readonly string[] {
  return told.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))
}

function fail(): never {
  throw new Error('There is no manifest.')
}

/** Of another tool, a day old. */
async function bareBackup({ root }: Here): Promise<string> {
  const day = new Date(now.getTime() - 86_400_000)
  return await fakeBackup(root, { core, at: day, sql: dumpOf(1) })
}

async function checkedIn({ appliance }: Here, store: string | null): Promise<unknown> {
  const view = await viewOfStore(appliance, store)
  return await checkAll(view, view.configuration.databases)
}

/** Where its only backup is, by the records. */
async function storesOf({ appliance }: Here): Promise<unknown> {
  const { of } = await takeInventory(appliance)
  const [backup, ...others] = [...of.values()].flat()
  if (backup === undefined || others.length > 0) throw new Error('There is not one backup.')
  return copiesOf(backup)
}

function dumpOf(daysAgo: number): string {
  return `--\n-- PostgreSQL database dump\n--\n-- ${daysAgo}\n--\n-- PostgreSQL database dump complete\n--\n\n`
}

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes[12] = (bytes[12] ?? 0) ^ 1
  await writeFile(file, bytes)
}

function chunkSource(file: string) {
  return { bytes: null, open: () => chunks(readFile(file)) }
}

async function* chunks(bytes: Promise<Buffer>): AsyncGenerator<Buffer> {
  yield await bytes
}
