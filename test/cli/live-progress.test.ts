import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LiveProgress } from '../../src/cli/live-progress.ts'
import { type Progress, progressLine } from '../../src/cli/progress-line.ts'
import { type ConfiguredDatabase, type RunEvent, textWidth } from '../../src/model/index.ts'
import { readLines } from '../config/read.ts'
import { heldScreen } from '../support/held-screen.ts'

const MB = 1024 * 1024
const half: Progress = {
  spec: 'wallet-db/tob_holder',
  bytes: 50 * MB,
  expectedBytes: 100 * MB,
  rate: 10 * MB,
  age: 5,
  silence: 0,
}

describe('the line of a database', () => {
  test.each<{ what: string; changes?: Partial<Progress>; width: number; line: string }>([
    {
      what: 'has a bar, bytes, rate and what is left',
      width: 120,
      line: 'wallet-db/tob_holder: [############------------] 50 % 50 MB of about 100 MB, 10 MB/s, about 5 s left',
    },
    {
      what: 'has a shorter bar where there is less room',
      width: 94,
      line: 'wallet-db/tob_holder: [######-------] 50 % 50 MB of about 100 MB, 10 MB/s, about 5 s left',
    },
    {
      what: 'leaves words out before the bar',
      width: 79,
      line: 'wallet-db/tob_holder: [#####-----] 50 % 50 MB of 100 MB, 10 MB/s, 5 s left',
    },
    {
      what: 'shows the end of a long name',
      changes: { spec: 'postgres=database.example.org:5432/tob_holder' },
      width: 79,
      line: '…e.org:5432/tob_holder: [####----] 50 % 50 MB of 100 MB, 10 MB/s, 5 s left',
    },
    {
      what: 'has no bar on a narrow terminal',
      width: 56,
      line: '…-db/tob_holder: 50 % 50 MB of 100 MB, 10 MB/s, 5 s left',
    },
    {
      what: 'begins with the time that passes',
      changes: { bytes: 0 },
      width: 80,
      line: 'wallet-db/tob_holder: getting ready ... 5 s',
    },
    {
      what: 'fits a name in wide characters before there is a figure',
      changes: { bytes: 0, spec: `db/${'語'.repeat(40)}` },
      width: 40,
      line: `…${'語'.repeat(8)}: getting ready ... 5 s`,
    },
    {
      what: 'is cut where the terminal has no room for a name and figures',
      changes: { bytes: 0 },
      width: 24,
      line: '…/tob_holder: getting re',
    },
    {
      what: 'pretends nothing where nobody knows how much there will be',
      changes: { expectedBytes: null },
      width: 80,
      line: 'wallet-db/tob_holder: 50 MB, 10 MB/s',
    },
    {
      what: 'says that nothing comes any more',
      changes: { silence: 75, rate: 0 },
      width: 120,
      line: 'wallet-db/tob_holder: [############------------] 50 % 50 MB of about 100 MB, nothing for 1 min',
    },
    {
      what: 'gives up a guess that was too small',
      changes: { bytes: 120 * MB },
      width: 120,
      line: 'wallet-db/tob_holder: 120 MB, 10 MB/s',
    },
    {
      what: 'says when all is loaded, but not yet done',
      changes: { bytes: 100 * MB, silence: 1 },
      width: 120,
      line: 'wallet-db/tob_holder: [########################] 100 % 100 MB of about 100 MB, finishing ...',
    },
  ])('$what', ({ changes, width, line }) => {
    const shown = progressLine({ ...half, ...changes }, width)

    expect(shown).toBe(line)
    expect(textWidth(shown)).toBeLessThanOrEqual(width)
  })
})

describe('live progress', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test('is ten frames a second at most, of all that run, and shows that time passes', async () => {
    const [one, other] = await two()
    const { screen, err } = heldScreen({ errIsTerminal: true, columns: 80 })
    const progress = new LiveProgress(screen)
    const frames = (): readonly string[] => err().split('\u001B[?7h').slice(0, -1)

    progress.follow({ kind: 'verification-started', database: one, path: '/b/x' })
    progress.follow({ kind: 'verification-started', database: other, path: '/b/y' })
    for (let ms = 1; ms <= 2_000; ms += 1) {
      vi.advanceTimersByTime(1)
      progress.follow(grown(one, ms * 1024))
    }

    expect(frames().length).toBeGreaterThanOrEqual(19)
    expect(frames().length).toBeLessThanOrEqual(21)
    expect(stripVTControlCharacters(frames().at(-1) ?? '')).toMatch(
      /h\/one: \[#+-+\] \d+ % [12]\.\d MB of about 3\.9 MB, [\d.]+ [KM]B\/s, about \d s left\n.*h\/two: getting ready \.\.\. [12] s$/u,
    )
    const drawn = frames().length
    vi.advanceTimersByTime(8_000)
    expect(frames()).toHaveLength(drawn + 8)
    expect(frames().at(-1)).toContain('nothing for')
  })

  test('counts no time of getting ready into the rate', async () => {
    const [one] = await two()
    const { screen, err } = heldScreen({ errIsTerminal: true })
    const progress = new LiveProgress(screen)

    progress.follow({ kind: 'verification-started', database: one, path: '/b/x' })
    for (const bytes of [1_024, 1_024_000]) {
      vi.advanceTimersByTime(3_000)
      progress.follow(grown(one, bytes))
    }

    expect(err()).toContain('333 KB/s')
  })

  test('is gone with the last of them, at once and for good', async () => {
    const [one, other] = await two()
    const { screen, err } = heldScreen({ errIsTerminal: true })
    const progress = new LiveProgress(screen)
    for (const database of [one, other]) {
      progress.follow({ kind: 'backup-started', database, partialPath: '/b/x' })
    }
    vi.advanceTimersByTime(100)

    const ended = { kind: 'backup-failed', error: new Error('x'), elapsedMs: 1 } as const
    progress.follow({ ...ended, database: one })
    expect(err().slice(err().lastIndexOf('\u001B[J'))).toMatch(/h\/two: getting ready/u)
    progress.follow({ ...ended, database: other })
    vi.advanceTimersByTime(5_000)

    expect(err().endsWith('\r\u001B[J')).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('tells a copy from the backup of the same database, until it is there or has failed', async () => {
    const [one, other] = await two()
    const { screen, err } = heldScreen({ errIsTerminal: true, columns: 80 })
    const progress = new LiveProgress(screen)
    const copying = { kind: 'mirror-grew', store: 's3', bytes: 512, expectedBytes: 1024 } as const
    const last = (): string =>
      stripVTControlCharacters(err().slice(err().lastIndexOf('\u001B[J')).replace('\u001B[J', ''))

    progress.follow({ kind: 'backup-started', database: one, partialPath: '/b/x' })
    progress.follow({ ...copying, database: one })
    vi.advanceTimersByTime(100)
    expect(last()).toMatch(/h\/one: getting ready.*\n.*h\/one to s3: \[#+-+\] +50 %/u)

    const done = { kind: 'mirrored', store: 's3', path: '/b/x', bytes: 1, elapsedMs: 1 } as const
    progress.follow({ ...done, database: one })
    expect(last()).not.toContain('to s3')
    progress.follow({ ...copying, database: other })
    vi.advanceTimersByTime(100)
    expect(last()).toContain('h/two to s3')
    progress.follow({ kind: 'mirror-failed', store: 's3', path: '/b/y', error: new Error('x') })
    expect(last()).not.toContain('to s3')
  })

  test('tells how many manifests of a mirror were read, until all were', async () => {
    const { screen, err } = heldScreen({ errIsTerminal: true, columns: 80 })
    const progress = new LiveProgress(screen)
    const growing = { kind: 'records-grew', store: 'restic', total: 200 } as const

    progress.follow({ ...growing, done: 37 })
    vi.advanceTimersByTime(100)
    expect(err()).toContain('Reading manifests in restic: 37 of 200')
    progress.follow({ ...growing, done: 200 })

    expect(err().endsWith('\r\u001B[J')).toBe(true)
    vi.advanceTimersByTime(5_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is nowhere under NO_COLOR or in a pipe', async () => {
    const [one] = await two()
    for (const held of [heldScreen({ errIsTerminal: true, color: false }), heldScreen()]) {
      const progress = new LiveProgress(held.screen)
      progress.follow({ kind: 'backup-started', database: one, partialPath: '/b/x' })
      progress.follow(grown(one, 5))
      vi.advanceTimersByTime(2_000)
      expect(held.err()).toBe('')
    }
    expect(vi.getTimerCount()).toBe(0)
  })
})

async function two(): Promise<readonly [ConfiguredDatabase, ConfiguredDatabase]> {
  const { databases } = await readLines('h/one', 'h/two')
  const [one, other] = databases
  if (one === undefined || other === undefined) throw new Error('Two databases were not read.')
  return [one, other]
}

function grown(database: ConfiguredDatabase, bytes: number): RunEvent {
  return { kind: 'verification-grew', database, bytes, expectedBytes: 4_000 * 1024 }
}
