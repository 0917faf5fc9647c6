import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Catalog, describeBackups, openCatalog } from '../../src/catalog/index.ts'
import type { Manifest } from '../../src/model/index.ts'
import { openVolume } from '../../src/stores/index.ts'
import {
  fakeBackup,
  fakeManifest,
  listFiles,
  manifestPathOf,
  temporaryFolder,
} from '../support/volume.ts'

const at = new Date('2026-11-20T01:00:00Z')
const now = new Date('2026-11-21T00:00:00Z')
const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const other = 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const manifest = manifestOf(path)

describe('a manifest', () => {
  test('is read as it was saved', async () => {
    const { catalog, problems } = catalogOfTest()
    const full: Manifest = {
      ...manifest,
      fingerprint: {
        mode: 'content',
        tables: [{ schema: 'public', table: 'wörter "x"', rows: 3, digest: 'ab' }],
        problem: null,
      },
      roles: ['app'],
      extensions: [{ name: 'postgis', version: '3.4' }],
      database: { ...manifest.database, settings: [{ role: null, setting: 'a=b' }], acl: '{}' },
      copies: [{ store: 's3', path, bytes: 1, sha256: 'ab', checkedAt: at.toISOString() }],
      verifications: [{ verdict: 'failed', at: at.toISOString(), differences: ['x'] }],
      check: { ok: false, at: at.toISOString(), problem: 'cut' },
    }

    await catalog.save(full)

    expect(await catalog.read(path)).toEqual(full)
    expect(await catalog.read(other)).toBeNull()
    expect(problems).toEqual([])
  })

  test('lies where no name of a database occurs, readable by nobody else', async () => {
    const { catalog, root } = catalogOfTest()

    await catalog.save(manifest)

    expect(await listFiles(root)).toEqual([manifestPathOf(path)])
    expect((await stat(`${root}/${manifestPathOf(path)}`)).mode & 0o777).toBe(0o600)
    expect((await stat(`${root}/.catalog/manifests`)).mode & 0o777).toBe(0o700)
  })

  test('can be replaced and removed, and removed again', async () => {
    const { catalog } = catalogOfTest()
    await catalog.save(manifest)
    await catalog.save({ ...manifest, warnings: ['new'] })
    expect((await catalog.read(path))?.warnings).toEqual(['new'])

    await catalog.remove(path)
    await catalog.remove(path)

    expect(await catalog.read(path)).toBeNull()
  })

  test('keeps what a later version added', async () => {
    const { catalog } = catalogOfTest()
    const later = { ...manifest, pinned: true } as Manifest
    await catalog.save(later)

    await catalog.update(path, (known) => ({ ...known, warnings: ['changed'] }))

    expect(await catalog.read(path)).toEqual({ ...later, warnings: ['changed'] })
  })

  test('takes many updates at once without losing one', async () => {
    const { catalog } = catalogOfTest()
    await catalog.save(manifest)

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        catalog.update(path, (known) => ({
          ...known,
          warnings: [...known.warnings, String(index)],
        })),
      ),
    )

    expect((await catalog.read(path))?.warnings).toHaveLength(20)
  })

  test('that is not there is not updated, and a failed update blocks no other', async () => {
    const { catalog } = catalogOfTest()
    await catalog.save(manifest)
    const broken = catalog.update(path, () => {
      throw new Error('no idea')
    })
    const missing = catalog.update(other, (known) => known)
    const fine = catalog.update(path, (known) => ({ ...known, warnings: ['fine'] }))

    await expect(broken).rejects.toThrow('no idea')
    expect(await missing).toBeNull()
    expect((await fine)?.warnings).toEqual(['fine'])
  })
})

describe('a manifest file that cannot be used', () => {
  test.each([
    ['is empty', ''],
    ['is cut', JSON.stringify(manifest).slice(0, 200)],
    ['is none', '[]'],
    ['is null', 'null'],
    ['is of a version that we do not know', JSON.stringify({ ...manifest, version: 2 })],
    ['lacks a field', JSON.stringify({ ...manifest, sha256: undefined })],
    ['has a wrong field', JSON.stringify({ ...manifest, bytes: '10' })],
    ['has a negative size', JSON.stringify({ ...manifest, bytes: -1 })],
    ['has a wrong time', JSON.stringify({ ...manifest, startedAt: 'yesterdayZ' })],
    ['has a time in no zone', JSON.stringify({ ...manifest, startedAt: '2026-11-20T01:00:00' })],
    ['has a wrong item deep inside', JSON.stringify({ ...manifest, extensions: [{ name: 1 }] })],
    ['is of another backup', JSON.stringify(manifestOf(other))],
  ])('counts as absent, with a reason, when it %s', async (_, text) => {
    const { catalog, root, problems } = catalogOfTest()
    await putRaw(root, path, text)

    expect(await catalog.read(path)).toBeNull()
    expect((await catalog.recordsOf([path])).manifests.size).toBe(0)

    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain(`${manifestPathOf(path)} is not used: `)
  })

  test('is explained down to the value', async () => {
    const { catalog, root, problems } = catalogOfTest()
    const settings = [
      { role: null, setting: 'a' },
      { role: 7, setting: 'b' },
    ]
    const wrong = { ...manifest, database: { ...manifest.database, settings } }
    await putRaw(root, path, JSON.stringify(wrong))

    await catalog.read(path)

    expect(problems.join()).toContain('in it, the value.database.settings.1.role is no text.')
  })

  test('may be a folder', async () => {
    const { catalog, root, problems } = catalogOfTest()
    await mkdir(`${root}/${manifestPathOf(path)}`, { recursive: true })

    expect(await catalog.read(path)).toBeNull()
    expect(problems).toHaveLength(1)
  })

  test('leaves its backup listed and unchecked', async () => {
    const { catalog, root } = catalogOfTest()
    const file = await fakeBackup(root, { core: 'db-app', at, bytes: 100 })
    await putRaw(root, file, '{')
    const files = await openVolume(root, { modes }).list(new AbortController().signal)

    const { manifests } = await catalog.recordsOf([file])

    expect(describeBackups(files, manifests)).toMatchObject([{ path: file, quality: 'unchecked' }])
  })
})

describe('reading many', () => {
  test('gives those that there are', async () => {
    const { catalog } = catalogOfTest()
    await catalog.save(manifest)
    await catalog.save(manifestOf(other))

    const { manifests } = await catalog.recordsOf([path, 'weekly/none', other])

    expect([...manifests.keys()]).toEqual([path, other])
  })

  test('sees the manifest of a backup that came while the catalog was listed', async () => {
    const { catalog } = catalogOfTest()
    const listing = async (): Promise<readonly string[]> => {
      await catalog.save(manifest)
      return [path]
    }

    const { manifests } = await catalog.recordsOf(listing())

    expect([...manifests.keys()]).toEqual([path])
  })

  test('needs no catalog at all', async () => {
    const { catalog, root } = catalogOfTest()

    expect((await catalog.recordsOf([path])).manifests.size).toBe(0)
    expect(await readdir(root)).toEqual([])
  })
})

describe('removing orphans', () => {
  test('removes manifests whose backup is gone, and nothing else', async () => {
    const { catalog, root } = catalogOfTest()
    await catalog.save(manifest)
    await catalog.save(manifestOf(other))
    await writeFile(`${root}/.catalog/manifests/notes.txt`, 'of somebody else')

    expect(await catalog.removeOrphans(new Set([other]))).toMatchObject([{ path }])

    expect(await catalog.read(path)).toBeNull()
    expect(await catalog.read(other)).not.toBeNull()
    expect(await readdir(`${root}/.catalog/manifests`)).toContain('notes.txt')
  })

  test('removes halves that a killed run left long ago, not those of a live one', async () => {
    const { catalog, root } = catalogOfTest()
    await catalog.save(manifest)
    const folder = `${root}/.catalog/manifests`
    await writeFile(`${folder}/.new-old.json`, '')
    await writeFile(`${folder}/.new-young.json`, '')
    await utimes(`${folder}/.new-old.json`, at, at)
    await utimes(`${folder}/.new-young.json`, now, now)

    await catalog.removeOrphans(new Set([path]))

    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([
      '.new-young.json',
    ])
  })

  test('finds none where there is no catalog', async () => {
    expect(await catalogOfTest().catalog.removeOrphans(new Set())).toEqual([])
  })
})

const modes = { file: 0o600, folder: 0o700 }

function catalogOfTest(): { catalog: Catalog; root: string; problems: string[] } {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const problems: string[] = []
  const catalog = openCatalog(folder.path, {
    modes,
    clock: { now: () => now },
    onProblem: (text) => problems.push(text),
  })
  return { catalog, root: folder.path, problems }
}

function manifestOf(of: string): Manifest {
  return fakeManifest(of, at, Buffer.alloc(100))
}

async function putRaw(root: string, of: string, text: string): Promise<void> {
  const file = `${root}/${manifestPathOf(of)}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
