import { spawn } from 'node:child_process'
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exitStatus, Refusal } from '../../src/model/index.ts'
import {
  acquireLock,
  type HeldLock,
  type LockHolder,
  type LockOptions,
  readLock,
} from '../../src/platform/lock.ts'
import { type LockRecord, recordOfThisProcess } from '../../src/platform/lock-holder.ts'
import { describeHolder } from '../../src/platform/lock-patience.ts'
import { startTestChild, type TestChild } from '../support/child.ts'
import { count } from '../support/counts.ts'
import { refusalOf } from '../support/refusal.ts'
import { cannotMount, cannotMountNote, smallVolume } from '../support/small-volume.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/volume.ts'
import { waitUntil } from '../support/wait-until.ts'

const script = fileURLToPath(new URL('lock-child.ts', import.meta.url))
const preload = fileURLToPath(new URL('../support/kill-at-step.ts', import.meta.url))
const withoutLinks = fileURLToPath(new URL('../support/without-links.ts', import.meta.url))
const aMinute = 60_000

describe('a held lock', () => {
  test('D-10: refuses a second run, and says who holds it since when', async () => {
    const folder = folderOfTest()
    const since = new Date('2026-11-20T01:00:00Z')
    await using _held = await take(folder, { what: 'backup.sh -s', clock: { now: () => since } })

    const refusal = await refusalOf(take(folder))

    expect(refusal.exitStatus).toBe(exitStatus.locked)
    expect(refusal.message).toContain('backup.sh -s on ')
    expect(refusal.message).toContain(`(process ${process.pid}), since 2026-11-20 01:00:00`)
    expect(refusal.reason).toContain('last sign of life was at 2')
    expect(refusal.advice).toContain('LOCK_WAIT')
  })

  test('is free again after its release, and nothing of it is left', async () => {
    const folder = folderOfTest()
    const first = await take(folder)
    await first.release()
    await first.release()

    await using _second = await take(folder)

    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  test('is given to one that waits, who hears once of the holder', async () => {
    const folder = folderOfTest()
    const held = await take(folder, { what: 'the first' })
    const heard: LockHolder[] = []
    const waiting = take(folder, { waitMs: aMinute, onWait: (holder) => heard.push(holder) })
    await waitUntil('the second waits', () => heard.length > 0)

    await held.release()

    await using second = await waiting
    expect(second.lost.aborted).toBe(false)
    expect(heard.map(describeHolder)).toEqual([expect.stringContaining('the first on ')])
  })

  test('is refused when the wait is over', async () => {
    const folder = folderOfTest()
    await using _held = await take(folder)
    const start = performance.now()

    const refusal = await refusalOf(take(folder, { waitMs: 200 }))

    expect(refusal.exitStatus).toBe(exitStatus.locked)
    expect(performance.now() - start).toBeGreaterThanOrEqual(200)
  })

  test('can be waited for until something else ends the wait', async () => {
    const folder = folderOfTest()
    await using _held = await take(folder)
    const controller = new AbortController()
    const reason = new Error('asked to stop')

    const waiting = take(folder, {
      waitMs: aMinute,
      signal: controller.signal,
      onWait: () => controller.abort(reason),
    })

    await expect(waiting).rejects.toBe(reason)
  })

  test('shows signs of life by the clock of the volume', async () => {
    const folder = folderOfTest()
    await using _held = await take(folder, { timing: { heartbeatMs: 10, staleMs: aMinute } })
    const longAgo = new Date('2020-01-01T00:00:00Z')
    await utimes(folder.join('lock'), longAgo, longAgo)

    const { mtimeMs } = await waitUntil('a sign of life', async () => {
      const seen = await stat(folder.join('lock'))
      return seen.mtime > longAgo && seen
    })

    expect(Math.abs(Date.now() - mtimeMs)).toBeLessThan(aMinute)
  })

  test('does not keep its process running', async () => {
    const folder = folderOfTest()
    await using child = startTestChild(script, [folder.path, 'forget'])

    expect(await child.ended).toMatchObject({ status: 0, stderr: '' })
  })

  test('has the permissions that were asked for, whatever the umask', async () => {
    const folder = folderOfTest()
    const before = process.umask(0o077)
    onTestFinished(() => void process.umask(before))

    const options = { ...optionsOfTest, modes: { file: 0o660, folder: 0o770 } }
    await using _held = await acquireLock(folder.join('.catalog'), options)

    expect((await stat(folder.join('.catalog'))).mode & 0o7777).toBe(0o770)
    expect((await stat(folder.join('.catalog', 'lock'))).mode & 0o7777).toBe(0o660)
  })
})

describe('the lock of a dead holder', () => {
  test('is taken over at once when it was killed on this machine', async () => {
    const folder = folderOfTest()
    await using child = await startHolder(folder)
    expect((await refusalOf(take(folder))).message).toContain(`process ${child.process.pid}`)

    child.process.kill('SIGKILL')
    await child.ended

    await using _held = await take(folder)
    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  test('is taken over at once when the holder is a zombie that nobody asks for its status', async () => {
    const folder = folderOfTest()
    // The shell becomes a program that never waits for the child it was given.
    const shell = spawn('sh', [
      '-c',
      `${process.execPath} ${script} ${folder.path} forget & exec sleep 600`,
    ])
    onTestFinished(() => void shell.kill('SIGKILL'))
    const pid = await waitUntil('the lock', async () => (await recordIn(folder))?.pid ?? null)
    await waitUntil('the zombie', async () =>
      (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z '),
    )

    await using held = await take(folder)

    expect(held.lost.aborted).toBe(false)
  })

  test('is taken over at once when its process number belongs to a later process', async () => {
    const folder = folderOfTest()
    await leaveLock(folder, { processStart: '1' })

    await using held = await take(folder)

    expect(held.lost.aborted).toBe(false)
  })

  test.each([
    ['another machine', { bootId: 'another', host: 'elsewhere' }],
    ['another container', { pidNamespace: 'pid:[1]' }],
  ])('on %s is taken over after two minutes without a sign of life', async (_, record) => {
    const folder = folderOfTest()
    await leaveLock(folder, record)
    await expect(take(folder)).rejects.toThrow('Another run holds the lock')

    await age(folder, 119_000)
    await expect(take(folder)).rejects.toThrow('Another run holds the lock')

    await age(folder, 121_000)
    await using _held = await take(folder)
  })

  test('is not believed because of a time in the future', async () => {
    const folder = folderOfTest()
    await leaveLock(folder, { bootId: 'another' })
    await age(folder, -3_600_000)

    await using held = await take(folder)

    expect(held.lost.aborted).toBe(false)
  })

  test.each([
    ['is empty', ''],
    ['holds half a record', '{"host":"x","pid":'],
    ['holds something else', 'null'],
  ])('counts as held by somebody unknown while it is young and %s', async (_, text) => {
    const folder = folderOfTest()
    await writeFile(folder.join('lock'), text)
    await expect(take(folder)).rejects.toThrow('a run that left no name')

    await age(folder, 121_000)

    await using held = await take(folder)
    expect(held.lost.aborted).toBe(false)
  })

  test('can be taken over even when a process died while it did just that', async () => {
    const folder = folderOfTest()
    await leaveLock(folder, { processStart: '1' })
    await rename(folder.join('lock'), folder.join('lock.guard'))
    await leaveLock(folder, { processStart: '1' })

    await using _held = await take(folder)

    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  test('is refused as held while another process is busy taking it over', async () => {
    const folder = folderOfTest()
    await leaveLock(folder, {})
    await rename(folder.join('lock'), folder.join('lock.guard'))
    await leaveLock(folder, { processStart: '1' })

    const refusal = await refusalOf(take(folder))

    expect(refusal.exitStatus).toBe(exitStatus.locked)
  })

  test.each([
    ['a free lock', false],
    ['the lock of a dead holder', true],
  ])('is taken over at once wherever it was killed while it took %s', async (_, isLeft) => {
    let step = 1
    for (let status: unknown = 'SIGKILL'; status !== 0; step += 1) {
      const folder = folderOfTest()
      if (isLeft) await leaveLock(folder, { processStart: '1' })
      const env = { KILL_AT_STEP: String(step) }
      await using child = startTestChild(script, [folder.path, 'forget'], { preload, env })
      status = (await child.ended).status
      expect([0, 'SIGKILL']).toContain(status)

      await using held = await take(folder)
      expect(held.lost.aborted).toBe(false)
    }
    expect(step).toBeGreaterThan(10)
  })

  test('leaves nothing behind for long, wherever processes were killed', async () => {
    const folder = folderOfTest()
    const young = folder.join('lock.new-0123456789ab')
    const old = folder.join('lock.aside-0123456789ab')
    for (const file of [young, old]) await writeFile(file, '')
    await utimes(old, new Date(0), new Date(0))

    await using _held = await take(folder)

    expect((await readdir(folder.path)).toSorted()).toEqual(['lock', 'lock.new-0123456789ab'])
  })

  test('goes to one at a time even where the volume has no links', async () => {
    const folder = folderOfTest()
    await leaveLock(folder, { processStart: '1' })
    const preloaded = { preload: withoutLinks }

    const children = Array.from({ length: 5 }, () =>
      startTestChild(script, [folder.path, 'work', '3'], preloaded),
    )
    for (const child of children) child.letGo()
    const endings = await Promise.all(children.map((child) => child.ended))

    const stdout = 'ready\ninside\ninside\ninside\n'
    expect(endings).toEqual(endings.map(() => ({ status: 0, stdout, stderr: '' })))
  })

  test('goes to one at a time of many who want it', async () => {
    const folder = folderOfTest()
    const many = count(20, 60)
    await leaveLock(folder, { processStart: '1' })

    const children = Array.from({ length: many }, () =>
      startTestChild(script, [folder.path, 'work', '1']),
    )
    await Promise.all(children.map((child) => child.line()))
    for (const child of children) child.letGo()
    const endings = await Promise.all(children.map((child) => child.ended))

    const stdout = 'ready\ninside\n'
    expect(endings).toEqual(endings.map(() => ({ status: 0, stdout, stderr: '' })))
    expect(await readdir(folder.path)).toEqual([])
  }, 300_000)

  test('goes to one at a time while holders are being killed', async () => {
    const folder = folderOfTest()
    const kills = count(15, 300)
    let violations = ''
    const busy = Array.from({ length: 3 }, async () => {
      for (let kill = 0; kill < kills; kill += 3) {
        await using child = startTestChild(script, [folder.path, 'work', '1000000'])
        child.letGo()
        for (let rounds = Math.ceil(Math.random() * 20); rounds > 0; rounds -= 1) await child.line()
        child.process.kill('SIGKILL')
        const { stdout, stderr } = await child.ended
        if (stdout.includes('VIOLATION') || stderr !== '') violations += stdout + stderr
      }
    })

    await Promise.all(busy)

    expect(violations).toBe('')
  }, 300_000)
})

describe('a lock that somebody took over', () => {
  test('is noticed by its former holder, who leaves it alone', async () => {
    const folder = folderOfTest()
    const held = await take(folder, { timing: { heartbeatMs: 10, staleMs: aMinute } })
    await rm(folder.join('lock'))
    await leaveLock(folder, { bootId: 'another' })

    await waitUntil('the loss', () => held.lost.aborted)
    await held.release()

    expect(held.lost.reason).toBeInstanceOf(Refusal)
    expect((await recordIn(folder))?.bootId).toBe('another')
  })

  test('is noticed at the release at the latest', async () => {
    const folder = folderOfTest()
    const held = await take(folder)
    await rm(folder.join('lock'))
    await leaveLock(folder, { bootId: 'another' })

    await held.release()

    expect((await recordIn(folder))?.bootId).toBe('another')
  })
})

describe('reading the lock', () => {
  test('shows who holds it', async () => {
    const folder = folderOfTest()
    await using _held = await take(folder, { what: 'backup.sh -1' })

    const holder = await readLock(folder.path)

    expect(holder?.record?.what).toBe('backup.sh -1')
  })

  test('shows nobody where there is no lock, no folder, or only a dead holder', async () => {
    const folder = folderOfTest()
    expect(await readLock(folder.path)).toBeNull()
    expect(await readLock(folder.join('nowhere'))).toBeNull()

    await leaveLock(folder, { processStart: '1' })

    expect(await readLock(folder.path)).toBeNull()
    expect(await readdir(folder.path)).toEqual(['lock'])
  })
})

describe.skipIf(cannotMount)(`on a full volume${cannotMountNote}`, () => {
  test('an empty file is lock enough, so that pruning can make room', async () => {
    await using volume = smallVolume(64)
    await fill(volume)
    const timing = { heartbeatMs: 10, staleMs: aMinute }

    const held = await take(volume, { timing })

    expect((await stat(volume.join('lock'))).size).toBe(0)
    await expect(take(volume)).rejects.toThrow('a run that left no name')
    await age(volume, aMinute)
    const longAgo = (await stat(volume.join('lock'))).mtimeMs
    await waitUntil('a sign of life', async () => {
      return (await stat(volume.join('lock'))).mtimeMs > longAgo
    })
    await held.release()
    expect(held.lost.aborted).toBe(false)
    expect(await readdir(volume.path)).toEqual(['ballast'])
  })
})

const optionsOfTest: LockOptions = {
  what: 'a test',
  waitMs: 0,
  signal: new AbortController().signal,
  clock: { now: () => new Date() },
  modes: { file: 0o600, folder: 0o700 },
}

function folderOfTest(): TemporaryFolder {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return folder
}

function take(folder: TemporaryFolder, options: Partial<LockOptions> = {}): Promise<HeldLock> {
  return acquireLock(folder.path, { ...optionsOfTest, ...options })
}

async function startHolder(folder: TemporaryFolder): Promise<TestChild> {
  const child = startTestChild(script, [folder.path, 'hold'])
  await child.line()
  return child
}

/** A lock as this process would write it, with some fields changed. */
async function leaveLock(folder: TemporaryFolder, changes: Partial<LockRecord>): Promise<void> {
  const record = { ...recordOfThisProcess('left behind', new Date()), ...changes }
  await writeFile(folder.join('lock'), JSON.stringify(record))
}

async function recordIn(folder: TemporaryFolder): Promise<LockRecord | null> {
  const text = await readFile(folder.join('lock'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text === '' ? null : (JSON.parse(text) as LockRecord)
}

async function age(folder: TemporaryFolder, ms: number): Promise<void> {
  const time = new Date(Date.now() - ms)
  await utimes(folder.join('lock'), time, time)
}

async function fill(volume: TemporaryFolder): Promise<void> {
  const full = await writeFile(volume.join('ballast'), Buffer.alloc(1 << 20)).catch(
    (error: NodeJS.ErrnoException) => error.code,
  )
  expect(full).toBe('ENOSPC')
}
