import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  archiveKinds,
  type BackupName,
  coreNameOf,
  inProgressPathOf,
  instantOfStamp,
  isDatedFolder,
  localStampOf,
  parseBackupName,
  pathOfInProgress,
  printBackupName,
  tiers,
  withoutEncryptedEnding,
} from '../../src/model/index.ts'
import { count } from '../support/counts.ts'
import { inZone } from '../support/zone.ts'

const runs = { numRuns: count(300, 20_000) }

const words = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())
const cores = fc.record({ host: words, database: words }).map(coreNameOf)
const instants = fc.date({
  min: new Date('1970-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
})

const names: fc.Arbitrary<BackupName> = fc
  .record({
    tier: fc.constantFrom(null, ...tiers),
    start: instants,
    turn: instants,
    core: cores,
    kind: fc.constantFrom(...archiveKinds),
  })
  .map(({ tier, start, turn, core, kind }) => {
    return { tier, folder: localStampOf(start).date, core, stamp: localStampOf(turn), ...kind }
  })

/** Near misses: a name with some of it cut, doubled or replaced. */
const mutilated = fc
  .tuple(names, fc.nat(), fc.nat(20), fc.string({ maxLength: 12 }))
  .map(([name, at, length, text]) => {
    const path = printBackupName(name)
    const from = at % (path.length + 1)
    return path.slice(0, from) + text + path.slice(from + length)
  })

describe('the name of a backup', () => {
  test('has the layout of the original', () => {
    const stamp = { date: '2026-11-20', time: '01-00-05' }
    const name = {
      folder: '2026-11-19',
      core: 'db-app',
      stamp,
      format: 'plain',
      codec: 'gzip',
    } as const

    expect(printBackupName({ ...name, tier: null })).toBe(
      '2026-11-19/db-app_2026-11-20_01-00-05.sql.gz',
    )
    expect(printBackupName({ ...name, tier: 'weekly', codec: 'zstd' })).toBe(
      'weekly/2026-11-19/db-app_2026-11-20_01-00-05.sql.zst',
    )
    expect(printBackupName({ ...name, tier: null, codec: 'none' })).toMatch(/_01-00-05\.sql$/u)
    expect(printBackupName({ ...name, tier: null, format: 'custom' })).toMatch(/_01-00-05\.dump$/u)
    expect(printBackupName({ ...name, tier: null, format: 'directory' })).toMatch(
      /_01-00-05\.dir\.tar$/u,
    )
    expect(printBackupName({ ...name, tier: null, encryption: 'age' })).toBe(
      '2026-11-19/db-app_2026-11-20_01-00-05.sql.gz.age',
    )
    const stored = { ...name, tier: null, format: 'custom', codec: 'none' } as const
    expect(parseBackupName(printBackupName({ ...stored, encryption: 'openssl' }))).toEqual({
      ...stored,
      encryption: 'openssl',
    })
  })

  test.each([
    '.age',
    '.enc',
    '.sql.gz.age.age',
    '.sql.gz.enc.age',
    '.age.sql.gz.gz',
    '.sql.gz.AGE',
  ])('has no such ending as %s', (ending) => {
    expect(parseBackupName(`2026-11-19/db-app_2026-11-20_01-00-05${ending}`)).toBeNull()
  })

  test('without its ending for encryption is that of what is in it', () => {
    expect(withoutEncryptedEnding('db-app_2026-11-20_01-00-05.dump.age')).toBe(
      'db-app_2026-11-20_01-00-05.dump',
    )
    expect(withoutEncryptedEnding('a.sql.gz.enc')).toBe('a.sql.gz')
    expect(withoutEncryptedEnding('a.sql.gz')).toBe('a.sql.gz')
  })

  test('is read back as it was printed, whatever hosts and databases are called', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(parseBackupName(printBackupName(name))).toStrictEqual(name)
      }),
      runs,
    )
  })

  test('is read from no other text than one that would be printed', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), mutilated)

    fc.assert(
      fc.property(texts, (text) => {
        const name = parseBackupName(text)

        expect(name === null ? text : printBackupName(name)).toBe(text)
      }),
      runs,
    )
  })

  test.each([
    '',
    '/',
    'db-app_2026-11-20_01-00-05.sql.gz',
    '2026-11-20/db-app_2026-11-20_01-00-05.sql.gz.in_progress',
    '2026-11-20/db-app_2026-11-20_01-00-05.tar',
    '2026-11-20/db-app_2026-11-20_01-00.sql.gz',
    '2026-11-20/db-app_2026-11-20_24-00-00.sql.gz',
    '2026-11-20/db-app_2026-02-29_01-00-00.sql.gz',
    '2026-13-01/db-app_2026-11-20_01-00-05.sql.gz',
    '2026-11-20/_2026-11-20_01-00-05.sql.gz',
    '2026-11-20/db-app-2026-11-20_01-00-05.sql.gz',
    'yearly/2026-11-20/db-app_2026-11-20_01-00-05.sql.gz',
    'daily/db-app_2026-11-20_01-00-05.sql.gz',
    'daily/weekly/2026-11-20/db-app_2026-11-20_01-00-05.sql.gz',
    './2026-11-20/db-app_2026-11-20_01-00-05.sql.gz',
    '2026-11-20//db-app_2026-11-20_01-00-05.sql.gz',
  ])('is not read from %j', (path) => {
    expect(parseBackupName(path)).toBeNull()
  })

  test('D-05: takes nothing of the database into the time, even a name that looks like one', () => {
    const core = 'db-app_2026-01-01_00-00-00'
    const name = parseBackupName(`2026-11-20/${core}_2026-11-20_01-00-05.sql.gz`)

    expect(name?.core).toBe(core)
  })

  test('D-09: of an unfinished file leads back to the backup, and to nothing else', () => {
    fc.assert(
      fc.property(names, (name) => {
        const path = printBackupName(name)

        expect(pathOfInProgress(inProgressPathOf(path))).toBe(path)
        expect(pathOfInProgress(path)).toBeNull()
      }),
      runs,
    )
    expect(pathOfInProgress('notes.txt.in_progress')).toBeNull()
  })

  test.each([
    ['2026-11-20', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2026-1-2', false],
    ['2026-11-20 ', false],
    ['daily', false],
    ['', false],
  ])('a folder %j is dated: %s', (folder, dated) => {
    expect(isDatedFolder(folder)).toBe(dated)
  })
})

describe('local stamps', () => {
  const zones = ['UTC', 'PST8PDT', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe']

  test('are the wall clock of the zone', () => {
    const instant = new Date('2026-07-01T06:59:58Z')

    const stamps = zones.map((zone) => inZone(zone, () => localStampOf(instant)))

    expect(stamps).toStrictEqual([
      { date: '2026-07-01', time: '06-59-58' },
      { date: '2026-06-30', time: '23-59-58' },
      { date: '2026-07-01', time: '08-59-58' },
      { date: '2026-07-01', time: '12-29-58' },
      { date: '2026-07-01', time: '17-29-58' },
    ])
  })

  test.each(zones)(
    'in %s lead back to their instant, to the second, or an hour that was twice',
    (zone) => {
      inZone(zone, () => {
        fc.assert(
          fc.property(
            fc.date({ min: new Date(2000, 0), max: new Date(2037, 0), noInvalidDate: true }),
            (instant) => {
              const stamp = localStampOf(instant)
              const found = instantOfStamp(stamp)

              expect(localStampOf(found)).toStrictEqual(stamp)
              const seconds = Math.floor(instant.getTime() / 1000) - found.getTime() / 1000
              expect([0, 1_800, 3_600]).toContain(seconds)
            },
          ),
          runs,
        )
      })
    },
  )

  test('D-40: of the hour that exists twice mean the first one', () => {
    inZone('PST8PDT', () => {
      const first = new Date('2026-11-01T08:30:00Z')
      const second = new Date('2026-11-01T09:30:00Z')

      expect(localStampOf(first)).toStrictEqual({ date: '2026-11-01', time: '01-30-00' })
      expect(localStampOf(second)).toStrictEqual(localStampOf(first))
      expect(instantOfStamp(localStampOf(second))).toStrictEqual(first)
    })
  })

  test('D-40: of the hour that does not exist move forward', () => {
    inZone('PST8PDT', () => {
      const instant = instantOfStamp({ date: '2026-03-08', time: '02-30-00' })

      expect(instant).toStrictEqual(new Date('2026-03-08T10:30:00Z'))
      expect(localStampOf(instant).time).toBe('03-30-00')
    })
  })

  test('keep four digits of the year, so that names sort by time', () => {
    const stamps = fc.tuple(instants, instants).map(([left, right]) => {
      return [left, right].toSorted((a, b) => a.getTime() - b.getTime()).map(localStampOf)
    })

    fc.assert(
      fc.property(stamps, (sorted) => {
        const texts = sorted.map(({ date, time }) => `${date}_${time}`)

        expect(texts.toSorted()).toStrictEqual(texts)
      }),
      runs,
    )
  })
})
