import { describe, expect, test } from 'vitest'
import type { RunDocument } from '../../src/model/index.ts'
import {
  bytesPerDay,
  comingRuns,
  type JournalEntry,
  pruneDates,
  readJournal,
} from '../../src/operations/index.ts'
import { read, readLines } from '../config/read.ts'
import { applianceHere } from '../support/appliance-here.ts'
import { sampleBackup } from '../support/sample-backup.ts'
import { temporaryFolder } from '../support/volume.ts'

const now = new Date('2026-11-20T12:00:00Z')
const dayMs = 86_400_000
const daysAgo = (days: number): Date => new Date(now.getTime() - days * dayMs)

function run(at: Date, change: Partial<RunDocument> = {}): RunDocument {
  return {
    version: 1,
    id: at.toISOString(),
    verb: 'back-up',
    trigger: 'schedule',
    who: 'backup: backup.sh -s',
    host: 'here',
    pid: 1,
    startedAt: at.toISOString(),
    endedAt: at.toISOString(),
    result: 'succeeded',
    databases: [],
    removed: [],
    ...change,
  }
}

/** A run that made a backup of so many bytes. */
function nightly(days: number, bytes: number, removed: readonly string[] = []): RunDocument {
  const at = daysAgo(days)
  const made = { spec: 'postgres=db:5432/app', state: 'succeeded', error: null } as const
  const endedAt = at.toISOString()
  return run(at, { removed, databases: [{ ...made, endedAt, path: `backup-${days}`, bytes }] })
}

describe('the growth of the volume', () => {
  test('is what backups add less what pruning takes away', () => {
    const growing = Array.from({ length: 11 }, (_, day) => nightly(day, 1_000))
    expect(bytesPerDay(growing, now)).toBe(1_100)

    // As many go as come, and each is a little larger than the one that goes.
    const steady = Array.from({ length: 40 }, (_, day) =>
      nightly(day, 1_000 - day, day < 30 ? [`backup-${day + 10}`] : []),
    )
    expect(bytesPerDay(steady, now)).toBeCloseTo((31 / 30) * 10 + 961 / 30, 0)
  })

  test('is unknown after less than a day', () => {
    expect(bytesPerDay([], now)).toBeNull()
    expect(bytesPerDay([nightly(0, 1_000), nightly(0.5, 1_000)], now)).toBeNull()
    expect(bytesPerDay([nightly(50, 1_000)], now)).toBeNull()
  })
})

describe('the runs ahead', () => {
  test('are those of all lines, in the order of their times, with their last results', async () => {
    const configuration = await readLines(
      'db/app',
      '0 1 * * * default ./backup.sh -s',
      '30 0 * * 0 default ./backup.sh -s -v all',
    )
    const last: JournalEntry = {
      run: run(daysAgo(0.4), { job: '0 1 * * * ./backup.sh -s', result: 'failed' }),
      state: 'failed',
    }

    const { lines, coming } = comingRuns(configuration, [last], { now, limit: 4 })

    expect(coming.map(({ at, command }) => `${at.toISOString()} ${command}`)).toStrictEqual([
      '2026-11-21T01:00:00.000Z ./backup.sh -s',
      '2026-11-22T00:30:00.000Z ./backup.sh -s -v all',
      '2026-11-22T01:00:00.000Z ./backup.sh -s',
      '2026-11-23T01:00:00.000Z ./backup.sh -s',
    ])
    expect(lines).toMatchObject([
      { job: { name: 'backup.conf:2' }, last },
      { job: { name: 'backup.conf:3' }, last: null, next: new Date('2026-11-22T00:30:00Z') },
    ])
  })

  test('of BACKUP_PERIOD follow its last start, and are unknown before there was one', async () => {
    const configuration = await read({ BACKUP_PERIOD: '6h' }, { 'backup.conf': 'db/app' })
    const last: JournalEntry = {
      run: run(new Date('2026-11-20T11:15:00Z'), { job: 'BACKUP_PERIOD 6h' }),
      state: 'succeeded',
    }

    const { coming } = comingRuns(configuration, [last], { now, limit: 2 })

    expect(coming.map(({ at }) => at.toISOString())).toStrictEqual([
      '2026-11-20T17:15:00.000Z',
      '2026-11-20T23:15:00.000Z',
    ])
    const unknown = comingRuns(configuration, [], { now, limit: 2 })
    expect(unknown).toMatchObject({ coming: [], lines: [{ next: null, last: null }] })
  })
})

test('a backup is pruned when the policy says so, and the last proved one on no known day', async () => {
  await using folder = temporaryFolder()
  const appliance = await applianceHere({
    root: folder.path,
    lines: ['db/app', '0 1 * * * default ./backup.sh -s'],
    environment: { NUM_BACKUPS: '3' },
    clock: { now: () => now },
  })
  const [database] = appliance.configuration.databases
  if (database === undefined) throw new Error('There is one.')
  const [newest, middle, proved] = [
    sampleBackup({ at: daysAgo(0.5) }),
    sampleBackup({ at: daysAgo(1.5) }),
    sampleBackup({ at: daysAgo(2.5), verdict: 'verified' }),
  ] as const

  const dates = pruneDates(appliance, database, [newest, middle, proved])

  expect(dates.get(newest.path)?.toISOString()).toBe('2026-11-23T01:00:00.000Z')
  expect(dates.get(middle.path)?.toISOString()).toBe('2026-11-22T01:00:00.000Z')
  expect(dates.has(proved.path)).toBe(false)
})

test('the journal tells runs that go on from those that were killed', async () => {
  await using folder = temporaryFolder()
  const appliance = await applianceHere({ root: folder.path, lines: ['db/app'] })
  const open = { endedAt: null, result: null } as const
  const runs = [
    run(daysAgo(3), { ...open, verb: 'verify' }),
    run(daysAgo(2), { ...open, verb: 'verify' }),
    run(daysAgo(1), open),
    run(daysAgo(0.5), { result: 'interrupted' }),
  ]
  for (const each of runs) await appliance.catalog.saveRun(each)

  const journal = await readJournal(appliance, { limit: 10 })

  expect(journal.map(({ run: { verb }, state }) => `${verb} ${state}`)).toStrictEqual([
    'back-up interrupted',
    'back-up unfinished',
    'verify running',
    'verify unfinished',
  ])
})
