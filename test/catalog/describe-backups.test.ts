import { describe, expect, test } from 'vitest'
import { describeBackups } from '../../src/catalog/index.ts'
import type { Manifest, StoredFile } from '../../src/model/index.ts'
import { fakeManifest } from '../support/volume.ts'

const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const startedAt = new Date('2026-11-20T01:00:00.123Z')
const manifest = fakeManifest(path, startedAt, Buffer.alloc(100))

describe('a file with a manifest', () => {
  test('is good while its size agrees', () => {
    expect(describeOne({ bytes: 100, manifest })).toMatchObject({
      path,
      bytes: 100,
      manifest,
      quality: 'good',
      problem: null,
      takenAt: startedAt,
      name: { core: 'db-app', tier: null, folder: '2026-11-20' },
    })
  })

  test('is bad when its size does not agree', () => {
    expect(describeOne({ bytes: 99, manifest })).toMatchObject({
      quality: 'bad',
      problem: 'it has 99 bytes, but 100 were sealed',
    })
  })

  test.each([
    [true, 'good', null],
    [false, 'bad', 'it failed its last check: the checksum differs'],
  ])('is judged by its last check: %s', (ok, quality, problem) => {
    const check = { ok, at: startedAt.toISOString(), problem: ok ? null : 'the checksum differs' }

    expect(describeOne({ bytes: 100, manifest: { ...manifest, check } })).toMatchObject({
      quality,
      problem,
    })
  })

  test('D-40: is dated by its manifest, which knows what an ambiguous local time meant', () => {
    const second = { ...manifest, startedAt: '2026-11-20T02:00:00.000Z' }

    expect(describeOne({ bytes: 100, manifest: second }).takenAt.toISOString()).toBe(
      second.startedAt,
    )
  })
})

describe('a file without a manifest', () => {
  test('is unchecked, and dated by its name, never by its mtime (D-14)', () => {
    expect(describeOne({ bytes: 100 })).toMatchObject({
      manifest: null,
      quality: 'unchecked',
      problem: null,
      takenAt: new Date(2026, 10, 20, 1, 0, 0),
    })
  })

  test.each([
    ['.sql.gz', 0, 'bad'],
    ['.sql.gz', 20, 'bad'],
    ['.sql.gz', 21, 'unchecked'],
    ['.sql', 0, 'bad'],
    ['.sql', 1, 'unchecked'],
    ['.sql.zst', 0, 'bad'],
    ['.sql.zst', 14, 'unchecked'],
  ])('D-01: %s with %i bytes is %s', (ending, bytes, quality) => {
    const backup = describeOne({ bytes, path: path.replace('.sql.gz', ending) })

    expect(backup.quality).toBe(quality)
    expect(backup.problem?.includes('empty archive') ?? false).toBe(quality === 'bad')
  })
})

test('files that are no backups are left out', () => {
  const files = ['2026-11-20/wiki.tar.gz', `${path}.in_progress`, 'daily/db.sql.gz'].map(fileAt)

  expect(describeBackups(files, new Map())).toEqual([])
})

interface Case {
  readonly bytes: number
  readonly path?: string
  readonly manifest?: Manifest
}

function describeOne({ bytes, path: at = path, manifest: known }: Case) {
  const manifests = new Map(known === undefined ? [] : [[at, known]])
  const [backup, ...others] = describeBackups([{ ...fileAt(at), bytes }], manifests)
  expect(others).toEqual([])
  if (backup === undefined) throw new Error('It is not described at all.')
  return backup
}

function fileAt(at: string): StoredFile {
  return { path: at, bytes: 100, modifiedAt: new Date('2020-01-01T00:00:00Z') }
}
