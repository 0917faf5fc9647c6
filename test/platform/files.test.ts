import { chmod, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  createFile,
  isCode,
  makeFolder,
  modesOf,
  syncFolder,
  writeFileDurably,
} from '../../src/platform/index.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/volume.ts'

describe('modes', () => {
  test.each([
    [0o077, 0o600, 0o700],
    [0o007, 0o660, 0o770],
    [0o022, 0o644, 0o755],
    [0, 0o666, 0o777],
  ])('D-52: of BACKUP_UMASK %o', (umask, file, folder) => {
    expect(modesOf(umask)).toEqual({ file, folder })
  })
})

describe('a folder', () => {
  test.each([0, 0o022, 0o077])('gets its mode on every level under umask %o', async (umask) => {
    const parent = folderOfTest()
    useUmask(umask)

    await makeFolder(parent.join('daily', '2026-11-20', 'deep'), 0o770)

    for (const path of ['daily', 'daily/2026-11-20', 'daily/2026-11-20/deep']) {
      expect((await stat(parent.join(path))).mode & 0o7777).toBe(0o770)
    }
  })

  test('fails where none can be made, and does not try for ever', async () => {
    await expect(makeFolder('/proc/nope/deeper', 0o700)).rejects.toMatchObject({
      name: 'Refusal',
      message: 'Creating /proc/nope failed: no folder can be made in /proc.',
      advice: expect.stringContaining('BACKUP_DIR'),
    })
  })

  test('that is there already keeps its mode', async () => {
    const parent = folderOfTest()
    await mkdir(parent.join('daily'))
    await chmod(parent.join('daily'), 0o755)

    await makeFolder(parent.join('daily'), 0o700)

    expect((await stat(parent.join('daily'))).mode & 0o777).toBe(0o755)
  })

  test('keeps the group that its parent hands on', async () => {
    const parent = folderOfTest()
    await chmod(parent.path, 0o2770)

    await makeFolder(parent.join('daily'), 0o777)

    expect((await stat(parent.join('daily'))).mode & 0o7777).toBe(0o2777)
  })

  test('may be a link to one elsewhere', async () => {
    const parent = folderOfTest()
    await mkdir(parent.join('real'))
    await symlink(parent.join('real'), parent.join('backups'))

    await makeFolder(parent.join('backups', 'daily'), 0o700)

    expect(await readdir(parent.join('real'))).toEqual(['daily'])
  })

  test('cannot be made below a file', async () => {
    const parent = folderOfTest()
    await writeFile(parent.join('file'), '')

    await expect(makeFolder(parent.join('file', 'daily'), 0o700)).rejects.toThrow('ENOTDIR')
  })
})

describe('a new file', () => {
  test.each([0, 0o077])('gets its mode under umask %o', async (umask) => {
    const folder = folderOfTest()
    useUmask(umask)

    await using file = await createFile(folder.join('file'), 0o660)

    expect((await file.stat()).mode & 0o777).toBe(0o660)
  })

  test('never replaces one that is there', async () => {
    const folder = folderOfTest()
    await writeFile(folder.join('file'), 'kept')

    await expect(createFile(folder.join('file'), 0o600)).rejects.toThrow('EEXIST')

    expect(await readFile(folder.join('file'), 'utf8')).toBe('kept')
  })
})

describe('writing durably', () => {
  test('replaces the file and leaves nothing else', async () => {
    const folder = folderOfTest()
    useUmask(0)
    await writeFile(folder.join('a.json'), 'old and longer')

    await writeFileDurably(folder.join('a.json'), 'new', modesOf(0o077))

    expect(await readFile(folder.join('a.json'), 'utf8')).toBe('new')
    expect((await stat(folder.join('a.json'))).mode & 0o777).toBe(0o600)
    expect(await readdir(folder.path)).toEqual(['a.json'])
  })

  test('flushes the file before it gets its name, and its name after that', async () => {
    const folder = folderOfTest()
    const flushed: string[][] = []
    const handle = await open(folder.path)
    const prototype = Object.getPrototypeOf(handle) as typeof handle
    await handle.close()
    const sync = vi.spyOn(prototype, 'sync').mockImplementation(async () => {
      flushed.push(await readdir(folder.path))
    })
    onTestFinished(() => sync.mockRestore())

    await writeFileDurably(folder.join('a.json'), 'text', modesOf(0o077))

    expect(flushed).toEqual([[expect.stringMatching(/^\.new-.*a\.json$/u)], ['a.json']])
  })

  test.skipIf(cannotMount)(
    `keeps the old file on a full volume, and leaves no half one${cannotMountNote}`,
    async () => {
      await using volume = smallVolume(64)
      await writeFile(volume.join('a.json'), 'old')

      const writing = writeFileDurably(volume.join('a.json'), 'x'.repeat(100_000), modesOf(0o077))

      await expect(writing).rejects.toThrow('ENOSPC')
      expect(await readdir(volume.path)).toEqual(['a.json'])
      expect(await readFile(volume.join('a.json'), 'utf8')).toBe('old')
    },
  )
})

test('flushing a folder that is not there fails', async () => {
  const folder = folderOfTest()

  await expect(syncFolder(folder.join('nowhere'))).rejects.toThrow('ENOENT')
})

test('a code is recognised only on errors', () => {
  const error = Object.assign(new Error('full'), { code: 'ENOSPC' })

  expect(isCode(error, 'EROFS', 'ENOSPC')).toBe(true)
  expect(isCode(error, 'EROFS')).toBe(false)
  expect(isCode({ code: 'ENOSPC' }, 'ENOSPC')).toBe(false)
  expect(isCode(null, 'ENOSPC')).toBe(false)
})

function folderOfTest(): TemporaryFolder {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return folder
}

function useUmask(umask: number): void {
  const before = process.umask(umask)
  onTestFinished(() => void process.umask(before))
}
