import { randomBytes } from 'node:crypto'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { openCatalog } from '../../src/catalog/index.ts'
import { type Manifest, parseBackupName } from '../../src/model/index.ts'
import { openVolume, type Primary } from '../../src/stores/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import { fakeBackup, fakeManifest, listFiles, type TemporaryFolder } from '../support/volume.ts'

const at = new Date(2026, 10, 20, 1, 0, 0)
const modes = { file: 0o600, folder: 0o700 }
const { signal } = new AbortController()

describe.skipIf(cannotMount)(`a full volume${cannotMountNote}`, () => {
  test('ends the dump with a clear refusal, loses nothing and keeps no partial file', async () => {
    await using folder = smallVolume(512)
    const { volume, before, content } = await withOneBackup(folder)

    const begun = await volume.begin(nameAt(1))
    const refusal = await refusalOf(volume.write(begun, endless(), { signal }))

    expect(refusal.message).toContain('failed: the volume is full.')
    expect(refusal.reason).toContain('ENOSPC')
    expect(refusal.reason).toContain('No part of it was left behind.')
    expect(refusal.advice).toContain('backup.sh -p')
    expect(await listFiles(folder.path)).toEqual([before])
    expect(await readFile(folder.join(before))).toEqual(content)
  })

  test('can refuse the manifest, too; then the backup goes, and neither is left', async () => {
    await using folder = smallVolume(512)
    const { volume, before } = await withOneBackup(folder)
    const written = await volume.write(await volume.begin(nameAt(1)), some(), { signal })
    const { path, bytes, sha256 } = written
    const manifest: Manifest = { ...fakeManifest(path, at, Buffer.alloc(0)), bytes, sha256 }
    const catalog = openCatalog(folder.path, { modes, clock: { now: () => at } })
    await fill(folder)

    const refusal = await refusalOf(volume.seal(written, manifest, (it) => catalog.save(it)))

    expect(refusal.message).toContain('the volume is full')
    await rm(folder.join('ballast'))
    expect(await listFiles(folder.path)).toEqual([before])
  })

  test('can be pruned', async () => {
    await using folder = smallVolume(512)
    const { volume, before } = await withOneBackup(folder)
    await fill(folder)

    await volume.remove(before)

    expect(await listFiles(folder.path)).toEqual(['ballast'])
    await expect(stat(folder.join('2026-11-20'))).rejects.toThrow('ENOENT')
  })
})

interface Prepared {
  readonly volume: Primary
  readonly before: string
  readonly content: Buffer
}

async function withOneBackup(folder: TemporaryFolder): Promise<Prepared> {
  const before = await fakeBackup(folder.path, { core: 'db-app', at, bytes: 100_000 })
  const content = await readFile(folder.join(before))
  return { volume: openVolume(folder.path, { modes }), before, content }
}

function nameAt(second: number) {
  const name = parseBackupName(`2026-11-20/db-app_2026-11-20_01-00-0${second}.sql.gz`)
  if (name === null) throw new Error('Not a name of a backup.')
  return name
}

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield randomBytes(64 * 1024)
}

async function* some(): AsyncGenerator<Buffer> {
  yield randomBytes(64 * 1024)
}

async function fill(folder: TemporaryFolder): Promise<void> {
  await expect(writeFile(folder.join('ballast'), Buffer.alloc(1 << 20))).rejects.toThrow('ENOSPC')
}
