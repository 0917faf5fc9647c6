import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  type BackupName,
  inProgressPathOf,
  type Manifest,
  parseBackupName,
  Refusal,
  sourceOf,
  type WrittenBackup,
} from '../../src/model/index.ts'
import { openVolume, type Primary } from '../../src/stores/index.ts'
import { fakeBackup, fakeManifest, listFiles, temporaryFolder } from '../support/volume.ts'

const at = new Date(2026, 10, 20, 1, 0, 0)
const app = nameOf('2026-11-20/db-app_2026-11-20_01-00-00.sql.gz')
const path = '2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'
const { signal } = new AbortController()

describe('a new backup', () => {
  test('has its final name only when it is sealed', async () => {
    const volume = volumeOfTest()

    const begun = await volume.begin(app)
    expect(begun).toEqual({ state: 'open', path, partialPath: inProgressPathOf(path) })
    expect(await listFiles(volume.root)).toEqual([inProgressPathOf(path)])

    const written = await volume.write(begun, chunks('SELECT', ' 1;'), { signal })
    expect(await volume.list(signal)).toEqual([])

    const sealed = await volume.seal(written, manifestOf(written), doNothing)
    expect(sealed).toEqual({ state: 'sealed', path, manifest: manifestOf(written) })
    expect(await listFiles(volume.root)).toEqual([path])
    expect(await readFile(volume.absolute(path), 'utf8')).toBe('SELECT 1;')
  })

  test('is measured while it is written', async () => {
    const volume = volumeOfTest()
    const content = randomBytes(1_000_000)
    const progress: number[] = []

    const written = await volume.write(await volume.begin(app), chunksOf(content, 300_000), {
      signal,
      onBytes: (bytes) => progress.push(bytes),
    })

    expect(written.bytes).toBe(1_000_000)
    expect(written.sha256).toBe(createHash('sha256').update(content).digest('hex'))
    expect(progress).toEqual([300_000, 600_000, 900_000, 1_000_000])
  })

  test('D-52: can be read by nobody else unless BACKUP_UMASK says so, whatever the umask', async () => {
    const before = process.umask(0)
    onTestFinished(() => void process.umask(before))
    const volume = volumeOfTest()

    await volume.begin({ ...app, tier: 'daily' })

    const modes = ['daily', 'daily/2026-11-20', inProgressPathOf(`daily/${path}`)].map(
      async (part) => (await stat(volume.absolute(part))).mode & 0o777,
    )
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o600])
  })

  test('D-31: lies in the same tree with or without a slash at the end of the root', async () => {
    const folder = temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())

    await openVolume(`${folder.path}/`, options).begin(app)
    await openVolume(folder.path, options).begin({ ...app, core: 'other' })

    expect(await listFiles(folder.path)).toEqual([
      inProgressPathOf(path),
      inProgressPathOf(path.replace('db-app', 'other')),
    ])
  })

  test.each([
    path,
    inProgressPathOf(path),
    path.replace('.sql.gz', '.sql.zst'),
    inProgressPathOf(path.replace('.sql.gz', '.sql')),
  ])('takes the next second when its name is taken by %s', async (taken) => {
    const volume = volumeOfTest()
    await mkdir(volume.absolute('2026-11-20'))
    await writeFile(volume.absolute(taken), 'kept')

    const { path: given } = await volume.begin(app)

    expect(given).toBe('2026-11-20/db-app_2026-11-20_01-00-01.sql.gz')
    expect(await readFile(volume.absolute(taken), 'utf8')).toBe('kept')
    expect(await volume.freeName(app)).toEqual(
      nameOf('2026-11-20/db-app_2026-11-20_01-00-02.sql.gz'),
    )
  })

  test('takes the next second over midnight, and stays in the folder of its cycle', async () => {
    const volume = volumeOfTest()
    const late = nameOf('2026-12-31/db-app_2026-12-31_23-59-59.sql.gz')
    await volume.begin(late)

    const { path: given } = await volume.begin(late)

    expect(given).toBe('2026-12-31/db-app_2027-01-01_00-00-00.sql.gz')
  })

  test('never shares its name with those that begin at the same time', async () => {
    const volume = volumeOfTest()

    const begun = await Promise.all(Array.from({ length: 10 }, () => volume.begin(app)))

    expect(new Set(begun.map(({ partialPath }) => partialPath)).size).toBe(10)
  })

  test('D-10: begins although others remove their last file, and the folder with it', async () => {
    const volume = volumeOfTest()
    const beginAndDiscard = async (_: unknown, index: number): Promise<void> => {
      for (let round = 0; round < 30; round += 1) {
        await volume.discard(await volume.begin({ ...app, core: `db-${index}` }))
      }
    }

    await Promise.all(Array.from({ length: 4 }, beginAndDiscard))

    expect(await listFiles(volume.root)).toEqual([])
  })

  test('is refused behind a link, where no listing would find it', async () => {
    const volume = volumeOfTest()
    await mkdir(volume.absolute('elsewhere'))
    await symlink(volume.absolute('elsewhere'), volume.absolute('daily'))

    await expect(volume.begin({ ...app, tier: 'daily' })).rejects.toThrow('not a folder of its own')
  })

  test('is refused a name that the file system cannot take, with the way out', async () => {
    const volume = volumeOfTest()

    const beginning = volume.begin({ ...app, core: 'x'.repeat(240) })

    await expect(beginning).rejects.toThrow('takes no name as long as this')
  })

  test('leaves nothing when the dump breaks', async () => {
    const volume = volumeOfTest()
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('half')
      throw new Error('the dump broke')
    }

    const writing = volume.write(await volume.begin(app), broken(), { signal })

    await expect(writing).rejects.toThrow('the dump broke')
    expect(await listFiles(volume.root)).toEqual([])
  })

  test('leaves nothing when it is stopped while the dump hangs', async () => {
    const volume = volumeOfTest()
    const controller = new AbortController()
    const hanging = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('half')
      controller.abort(new Error('asked to stop'))
      await Promise.withResolvers<void>().promise
    }

    const writing = volume.write(await volume.begin(app), hanging(), {
      signal: controller.signal,
    })

    await expect(writing).rejects.toThrow('asked to stop')
    expect(await listFiles(volume.root)).toEqual([])
  })

  test('tells its source to stop when it fails', async () => {
    const volume = volumeOfTest()
    let stopped = false
    const endless = async function* (): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.alloc(1000)
      } finally {
        stopped = true
      }
    }
    const begun = await volume.begin(app)

    const writing = volume.write(begun, endless(), {
      signal,
      onBytes: (bytes) => {
        if (bytes > 10_000) throw new Error('enough')
      },
    })

    await expect(writing).rejects.toThrow('enough')
    expect(stopped).toBe(true)
  })

  test.each(['sync', 'datasync'] as const)(
    'fails when the disk reports a lost write at %s',
    async (step) => {
      const volume = volumeOfTest()
      const begun = await volume.begin(app)
      await failOnce(step)
      // Enough for an early flush, and more after it.
      const content = Array.from({ length: 34 }, () => Buffer.alloc(1024 * 1024))

      const writing = volume.write(begun, iterate(content), { signal })

      await expect(writing).rejects.toThrow('failed: the volume has an input/output error')
      expect(await listFiles(volume.root)).toEqual([])
    },
  )

  test('fails when the volume holds fewer bytes than it took', async () => {
    const volume = volumeOfTest()
    const begun = await volume.begin(app)

    const writing = volume.write(begun, chunks('SELECT', ' 1;'), {
      signal,
      onBytes: () => void cut(volume.absolute(begun.partialPath)),
    })

    await expect(writing).rejects.toThrow(/The volume kept \d of 9 bytes/u)
    expect(await listFiles(volume.root)).toEqual([])
  })
})

describe('sealing', () => {
  test('saves the manifest while the backup still has its partial name', async () => {
    const volume = volumeOfTest()
    const written = await writtenOf(volume)
    let seen: string[] = []

    await volume.seal(written, manifestOf(written), async () => {
      seen = await listFiles(volume.root)
    })

    expect(seen).toEqual([inProgressPathOf(path)])
  })

  test('leaves nothing when the manifest cannot be saved', async () => {
    const volume = volumeOfTest()
    const written = await writtenOf(volume)

    const sealing = volume.seal(written, manifestOf(written), () =>
      Promise.reject(new Error('not saved')),
    )

    await expect(sealing).rejects.toThrow('not saved')
    expect(await listFiles(volume.root)).toEqual([])
  })

  test('never replaces a file that came in the meantime', async () => {
    const volume = volumeOfTest()
    const written = await writtenOf(volume)
    await writeFile(volume.absolute(path), 'somebody else’s')
    const save = vi.fn(doNothing)

    await expect(volume.seal(written, manifestOf(written), save)).rejects.toThrow('exists already')

    expect(await readFile(volume.absolute(path), 'utf8')).toBe('somebody else’s')
    expect(await listFiles(volume.root)).toEqual([path])
    expect(save).not.toHaveBeenCalled()
  })

  test.each([{ path: `daily/${path}` }, { bytes: 1 }, { sha256: 'other' }])(
    'takes no manifest of another file: %o',
    async (change) => {
      const volume = volumeOfTest()
      const written = await writtenOf(volume)

      const sealing = volume.seal(written, { ...manifestOf(written), ...change }, doNothing)

      await expect(sealing).rejects.toThrow(TypeError)
    },
  )
})

describe('discarding', () => {
  test('removes the partial file and its folder if nothing else is in it, and no more', async () => {
    const volume = volumeOfTest()
    const first = await volume.begin({ ...app, tier: 'daily' })
    const second = await volume.begin({ ...app, tier: 'daily' })

    await volume.discard(first)
    expect(await listFiles(volume.root)).toEqual([second.partialPath])
    await volume.discard(second)
    await volume.discard(second)

    expect((await stat(volume.absolute('daily'))).isDirectory()).toBe(true)
    await expect(stat(volume.absolute('daily/2026-11-20'))).rejects.toThrow('ENOENT')
  })

  test('leaves a backup alone that has been sealed', async () => {
    const volume = volumeOfTest()
    const written = await writtenOf(volume)
    await volume.seal(written, manifestOf(written), doNothing)

    await volume.discard(written)

    expect(await listFiles(volume.root)).toEqual([path])
  })
})

describe('listing', () => {
  test('D-08: shows what lies exactly where backups lie, and looks nowhere else', async () => {
    const folder = temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const volume = openVolume(folder.join('backups'), options)
    const expected = [
      await fakeBackup(volume.root, { core: 'db-app', at }),
      await fakeBackup(volume.root, { core: 'db-app', at, tier: 'daily' }),
      await fakeBackup(volume.root, { core: 'db-app', at, tier: 'monthly', codec: 'none' }),
    ]
    await fakeBackup(folder.join('backups-old'), { core: 'db-app', at })
    await fakeBackup(folder.join('backups2'), { core: 'db-app', at, tier: 'daily' })
    for (const elsewhere of [
      '.snapshot',
      'lost+found',
      'daily/weekly',
      'yearly',
      'daily/.hidden',
    ]) {
      await fakeBackup(volume.absolute(elsewhere), { core: 'db-app', at })
    }
    await fakeBackup(volume.absolute('2026-11-20'), { core: 'deep', at })
    await writeFile(volume.absolute('db-app_2026-11-20_01-00-00.sql.gz'), 'in no folder')
    await mkdir(volume.absolute('2026-11-20/db-dir_2026-11-20_01-00-00.sql.gz'))
    await writeFile(volume.absolute('2026-11-20/.db-app_2026-11-20_01-00-00.sql.gz'), 'hidden')
    await writeFile(volume.absolute('2026-11-20/wiki.tar.gz'), 'of somebody else')

    const listed = (await volume.list(signal)).map((file) => file.path)

    expect(listed.toSorted()).toEqual(expected.toSorted())
  })

  test('follows no links', async () => {
    const volume = volumeOfTest()
    const other = temporaryFolder()
    onTestFinished(() => other[Symbol.asyncDispose]())
    const real = await fakeBackup(other.path, { core: 'db-app', at })
    await fakeBackup(other.path, { core: 'db-app', at, tier: 'daily' })
    await mkdir(volume.absolute('2026-11-21'))
    await symlink(other.join('2026-11-20'), volume.absolute('2026-11-20'))
    await symlink(other.join('daily'), volume.absolute('daily'))
    await symlink(other.join(real), volume.absolute('2026-11-21/db-app_2026-11-21_01-00-00.sql.gz'))

    expect(await volume.list(signal)).toEqual([])
  })

  test('D-09: keeps what is in progress apart', async () => {
    const volume = volumeOfTest()
    const finished = await fakeBackup(volume.root, { core: 'db-app', at })
    const begun = await volume.begin({ ...app, core: 'db-other', tier: 'weekly' })
    await writeFile(volume.absolute('2026-11-20/movie.mkv.in_progress'), 'of somebody else')

    expect((await volume.list(signal)).map((file) => file.path)).toEqual([finished])
    expect(await volume.listPartials(signal)).toEqual([begun.partialPath])
  })

  test('D-14: shows sizes and times of files as they are', async () => {
    const volume = volumeOfTest()
    const modifiedAt = new Date('2020-01-01T00:00:00Z')
    const file = await fakeBackup(volume.root, { core: 'db-app', at, bytes: 5, modifiedAt })

    expect(await volume.list(signal)).toEqual([{ path: file, bytes: 5, modifiedAt }])
  })

  test('shows nothing where there is no root', async () => {
    const volume = openVolume('/nowhere/at/all', options)

    expect(await volume.list(signal)).toEqual([])
    expect(await volume.listPartials(signal)).toEqual([])
  })

  test('can be stopped', async () => {
    const volume = volumeOfTest()
    await fakeBackup(volume.root, { core: 'db-app', at })

    await expect(volume.list(AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  })
})

describe('removing', () => {
  test('D-15: takes an empty dated folder along, never a tier or the root', async () => {
    const volume = volumeOfTest()
    const daily = await fakeBackup(volume.root, { core: 'db-app', at, tier: 'daily' })
    const only = await fakeBackup(volume.root, { core: 'db-app', at })

    await volume.remove(daily)
    await volume.remove(only)

    expect((await stat(volume.absolute('daily'))).isDirectory()).toBe(true)
    await expect(stat(volume.absolute('daily/2026-11-20'))).rejects.toThrow('ENOENT')
    await expect(stat(volume.absolute('2026-11-20'))).rejects.toThrow('ENOENT')
    expect((await stat(volume.root)).isDirectory()).toBe(true)
  })

  test('leaves alone what others keep in the same folder', async () => {
    const volume = volumeOfTest()
    const doomed = await fakeBackup(volume.root, { core: 'db-app', at })
    await writeFile(volume.absolute('2026-11-20/wiki.tar.gz'), 'kept')

    await volume.remove(doomed)

    expect(await listFiles(volume.root)).toEqual(['2026-11-20/wiki.tar.gz'])
  })

  test.each(['../outside', '/etc/passwd', 'daily/../../outside', 'a//b', '', '.'])(
    'takes no way out of the root: %j',
    async (outside) => {
      const volume = volumeOfTest()

      await expect(volume.remove(outside)).rejects.toThrow(TypeError)
      await expect(volume.open(outside, signal)).rejects.toThrow(TypeError)
      await expect(volume.put(outside, sourceOf(Buffer.from('x')), signal)).rejects.toThrow(
        TypeError,
      )
    },
  )
})

describe('left-overs', () => {
  test('of dead runs are removed, with a folder that holds nothing else', async () => {
    const volume = volumeOfTest()
    const sealed = await fakeBackup(volume.root, { core: 'db-app', at })
    const beside = await volume.begin(app)
    const alone = await volume.begin({ ...app, tier: 'weekly' })

    const removed = await volume.removeLeftovers((core) => core === 'db-app')

    expect([...removed].toSorted()).toEqual([beside.partialPath, alone.partialPath].toSorted())
    expect(await listFiles(volume.root)).toEqual([sealed])
    await expect(stat(volume.absolute('weekly/2026-11-20'))).rejects.toThrow('ENOENT')
  })

  test('D-05: of other databases stay, however alike the names', async () => {
    const volume = volumeOfTest()
    const other = await volume.begin({ ...app, core: 'db-app_test' })
    const foreign = `2026-11-20/db-app.in_progress`
    await writeFile(volume.absolute(foreign), '')

    expect(await volume.removeLeftovers((core) => core === 'db-app')).toEqual([])
    expect(await listFiles(volume.root)).toEqual([foreign, other.partialPath].toSorted())
  })

  test('that a live process has open stay', async () => {
    const volume = volumeOfTest()
    const begun = await volume.begin(app)
    await using _writer = await open(volume.absolute(begun.partialPath), 'r+')

    expect(await volume.removeLeftovers(() => true)).toEqual([])
    expect(await listFiles(volume.root)).toEqual([begun.partialPath])
  })
})

test('what is opened can be read although it is removed meanwhile', async () => {
  const volume = volumeOfTest()
  const file = await fakeBackup(volume.root, { core: 'db-app', at, bytes: 100_000 })
  const content = await readFile(volume.absolute(file))

  const reading = await volume.open(file, signal)
  await volume.remove(file)

  expect(await buffer(reading)).toEqual(content)
})

test('a folder that may not be read is a clear refusal, not a shorter list', async () => {
  const volume = volumeOfTest()
  await mkdir(volume.absolute('2026-11-20'))
  await chmod(volume.absolute('2026-11-20'), 0)
  await chmod(volume.root, 0o755)
  beNobody()

  const error: unknown = await volume.list(signal).catch((reason: unknown) => reason)

  expect(error).toBeInstanceOf(Refusal)
  expect((error as Refusal).message).toContain('does not let us in')
})

const options = { modes: { file: 0o600, folder: 0o700 } }

function volumeOfTest(): Primary {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return openVolume(folder.path, options)
}

function nameOf(text: string): BackupName {
  const name = parseBackupName(text)
  if (name === null) throw new Error(`Not a backup: ${text}`)
  return name
}

async function writtenOf(volume: Primary): Promise<WrittenBackup> {
  return await volume.write(await volume.begin(app), chunks('SELECT 1;'), { signal })
}

function manifestOf({ path: of, bytes, sha256 }: WrittenBackup): Manifest {
  return { ...fakeManifest(of, at, Buffer.alloc(0)), bytes, sha256 }
}

async function doNothing(): Promise<void> {}

async function* iterate(items: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* items
}

function chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  return iterate(texts.map((text) => Buffer.from(text)))
}

function chunksOf(content: Buffer, size: number): AsyncGenerator<Buffer> {
  const count = Math.ceil(content.length / size)
  return iterate(
    Array.from({ length: count }, (_, index) => content.subarray(index * size, (index + 1) * size)),
  )
}

/** The next call of this step on any file fails as it would on a broken disk. */
async function failOnce(step: 'sync' | 'datasync'): Promise<void> {
  const handle = await open('/dev/null')
  const prototype = Object.getPrototypeOf(handle) as typeof handle
  await handle.close()
  const original = prototype[step]
  const broken = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
  const spy = vi.spyOn(prototype, step).mockImplementationOnce(async function (
    this: typeof handle,
  ) {
    await original.call(this)
    throw broken
  })
  onTestFinished(() => spy.mockRestore())
}

function cut(file: string): Promise<void> {
  return writeFile(file, '')
}

/** Root may read everything; so for the rest of the test, it is not root any more. */
function beNobody(): void {
  if (process.geteuid?.() !== 0) return
  process.seteuid?.(65_534)
  onTestFinished(() => process.seteuid?.(0))
}
