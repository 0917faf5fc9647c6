import { describe, expect, test } from 'vitest'
import type { Acceptance, Backup } from '../../src/model/index.ts'
import { planRetention } from '../../src/retention/index.ts'
import { day, days, kept, policyOf, shown } from '../support/retention.ts'
import { sampleBackup } from '../support/sample-backup.ts'

/** One backup a day, from the first of the month, of so many bytes. */
function sizes(...bytes: readonly number[]): Backup[] {
  return bytes.map((size, index) => sampleBackup({ at: day(index + 1), bytes: size }))
}

/** The same, but the one of this day is another kind of archive. */
function changed(
  backups: readonly Backup[],
  ofMonth: number,
  kind: Partial<Pick<Backup['name'], 'format' | 'codec'>>,
): Backup[] {
  return backups.map((backup, index) =>
    index === ofMonth - 1 ? { ...backup, name: { ...backup.name, ...kind } } : backup,
  )
}

function plan(backups: readonly Backup[], accepted: Acceptance | null = null) {
  const policy = policyOf([{ kind: 'newest', count: 1 }], { anomalyThreshold: 50 })
  return planRetention({ backups, policy, now: day(31), accepted })
}

function acceptedOf(ofMonth: number, bytes: number): Acceptance {
  const takenAt = day(ofMonth).toISOString()
  const level = { format: 'plain', codec: 'gzip', bytes, rows: null } as const
  return { version: 1, path: 'postgres=h:5432/app', at: takenAt, takenAt, ...level }
}

describe('when size or rows fall by more than ANOMALY_THRESHOLD', () => {
  test('the last good backup before stays, however many come after', () => {
    const { decisions, anomaly } = plan(sizes(100, 100, 49, 48, 47))

    expect(kept(decisions)).toEqual(['05', '02'])
    expect(shown(decisions)[3]).toBe('keep 02: last before the size fell by 53 %, until --accept')
    expect(anomaly).toMatchObject({ what: 'size', fellBy: 53 })
  })

  test('rows count as well as bytes', () => {
    const backups = [
      ...days(1, 1, { rows: 1_000 }),
      ...days(2, 2, { rows: 1_000 }),
      ...days(3, 3, { rows: 0 }),
    ]

    const { decisions } = plan(backups)

    expect(kept(decisions)).toEqual(['03', '02'])
    expect(shown(decisions)[1]).toContain('last before the number of rows fell by 100 %')
  })

  test.each([
    ['exactly the threshold', [100, 50]],
    ['step by step', [100, 60, 40, 25]],
    ['growth', [10, 1_000]],
    ['a fall that was made good', [100, 10, 90]],
  ])('%s is none', (_name, bytes) => {
    const { decisions, anomaly } = plan(sizes(...bytes))

    expect(anomaly).toBeNull()
    expect(kept(decisions)).toHaveLength(1)
  })

  test('sizes of different kinds of archive are not compared', () => {
    const [large, small] = sizes(100, 10) as [Backup, Backup]
    const other = { ...small, name: { ...small.name, codec: 'zstd' as const } }

    expect(plan([large, other]).anomaly).toBeNull()
  })

  test('the last one before stays when what comes later cannot be compared with it', () => {
    const kinds = { zstd: { codec: 'zstd' }, custom: { format: 'custom', codec: 'none' } } as const
    for (const kind of [kinds.zstd, kinds.custom]) {
      const backups = sizes(100, 100, 1, 1, 1, 0.9)
      const { decisions, anomaly } = plan(changed(backups, 6, kind))

      expect(kept(decisions)).toEqual(['06', '05', '02'])
      expect(shown(decisions)[1]).toBe(
        'keep 05: newest that shows a fall of size or rows, until --accept',
      )
      expect(anomaly).toMatchObject({ what: 'size', fellBy: 99, shownBy: { bytes: 1 } })
    }
  })

  test('the last one before stays when a later one has no row counts', () => {
    const backups = [
      ...days(1, 5, { rows: 100_000 }),
      ...days(6, 8, { rows: 10 }),
      ...days(9, 9, {}),
    ]

    expect(kept(plan(backups).decisions)).toEqual(['09', '08', '05'])
  })

  test('a fall is seen across one that cannot be compared', () => {
    const backups = sizes(100, 100, 90, 1, 1)

    const { decisions, anomaly } = plan(changed(backups, 3, { codec: 'zstd' }))

    expect(kept(decisions)).toEqual(['05', '02'])
    expect(anomaly).toMatchObject({ fellBy: 99 })
  })

  test('growth of another kind of archive makes nothing good, that of the same kind does', () => {
    const other = changed(sizes(100, 1, 1_000), 3, { codec: 'zstd' })
    const same = [...other, ...days(4, 4, { bytes: 90 })]

    expect(kept(plan(other).decisions)).toEqual(['03', '02', '01'])
    expect(plan(same).anomaly).toBeNull()
  })

  test('as many rows again do not make good a fall of size', () => {
    const backups = [
      ...days(1, 1, { bytes: 100, rows: 10 }),
      ...days(2, 2, { bytes: 1, rows: 10 }),
      ...days(3, 3, { bytes: 1, rows: 1_000 }),
    ]

    expect(plan(backups).anomaly).toMatchObject({ what: 'size', fellBy: 99 })
  })

  test('the good one before stays, not only a newer one that nobody has checked', () => {
    const backups = [
      ...days(1, 2, { bytes: 100 }),
      ...days(3, 3, { bytes: 100, quality: 'unchecked' }),
      ...days(4, 6, { bytes: 1 }),
    ]

    const { decisions, anomaly } = plan(backups)

    expect(kept(decisions)).toContain('02')
    expect(kept(decisions)).not.toContain('01')
    expect(anomaly?.before).toBe(backups[1])
  })

  test('one that nobody has checked stays where none before is known to be good', () => {
    const backups = [
      ...days(1, 3, { bytes: 100, quality: 'unchecked' }),
      ...days(4, 6, { bytes: 1 }),
    ]

    expect(kept(plan(backups).decisions)).toEqual(['06', '03'])
  })

  test('what was accepted is none any more, of whatever kind the backups are', () => {
    const backups = changed(sizes(100, 90, 1, 0.9, 1), 2, { codec: 'zstd' })

    expect(plan(changed(backups, 4, { codec: 'zstd' }), acceptedOf(4, 1)).anomaly).toBeNull()
  })

  test('a bad backup is no fall', () => {
    const backups = [...days(1, 2, { bytes: 100 }), ...days(3, 3, { bytes: 1, quality: 'bad' })]

    expect(plan(backups).anomaly).toBeNull()
  })

  test('a second fall before anybody has accepted the first keeps both', () => {
    expect(kept(plan(sizes(1_000, 100, 10)).decisions)).toEqual(['03', '02', '01'])
  })

  test('what was accepted is no anomaly any more', () => {
    const { decisions, anomaly } = plan(sizes(100, 100, 40, 39), acceptedOf(3, 40))

    expect(anomaly).toBeNull()
    expect(kept(decisions)).toEqual(['04'])
  })

  test('a fall from what was accepted is one again, even when that backup is gone', () => {
    const backups = sizes(100, 40, 10).filter((_backup, index) => index !== 1)

    const { decisions, anomaly } = plan(backups, acceptedOf(2, 40))

    expect(anomaly).toMatchObject({ fellBy: 75 })
    expect(kept(decisions)).toEqual(['03', '01'])
  })
})
