import { attribute, describeBackups } from '../../../src/catalog/index.ts'
import {
  type Backup,
  type ConfiguredDatabase,
  coreNameOf,
  localStampOf,
  printBackupName,
  type RetentionPolicy,
} from '../../../src/model/index.ts'
import { planRetention } from '../../../src/retention/index.ts'
import { type Row, seconds, spread } from './report.ts'
import { alternate, median } from './rounds.ts'

const databaseCount = 1_000
const sizes = [10_000, 30_000, 100_000] as const
const now = new Date(2026, 10, 20, 12)
const limitSeconds = 2
/** Of the time of a backup among many to that of one among few; a machine in use is not exact. */
const growthLimit = 1.5

/** A policy with a rule of every kind. */
const policy: RetentionPolicy = {
  rules: [
    { kind: 'newest', count: 7 },
    { kind: 'calendar', period: 'hour', count: 24 },
    { kind: 'calendar', period: 'day', count: 7 },
    { kind: 'calendar', period: 'week', count: 5 },
    { kind: 'calendar', period: 'month', count: 12 },
    { kind: 'calendar', period: 'year', count: 3 },
    { kind: 'within', seconds: 7 * 86_400 },
    { kind: 'age', seconds: 30 * 86_400 },
    { kind: 'grid', specifications: [{ window: 1_209_600, spacing: 86_400, smudge: 21_600 }] },
  ],
  minBackups: 3,
  staleAfterSeconds: 3 * 86_400,
  anomalyThreshold: 50,
}

/** Planning for 1 000 databases: whose each backup is, and the plan of each database. */
export async function retentionSpeed(rounds: number): Promise<Row[]> {
  const databases = Array.from({ length: databaseCount }, (_, index) => databaseOf(index))
  const contenders = Object.fromEntries(
    sizes.map((size) => {
      const backups = backupsOf(databases, size)
      return [String(size), async () => secondsToPlan(databases, backups)]
    }),
  )
  const times = await alternate(contenders, rounds)
  const medians = sizes.map((size) => median(times[String(size)] ?? []))
  const rows = sizes.map((size, index) =>
    rowOf(size, medians[index] ?? 0, times[String(size)] ?? []),
  )
  const perBackup = sizes.map((size, index) => (medians[index] ?? 0) / size)
  const growth = Math.max(...perBackup) / (perBackup[0] ?? 0)
  return [
    ...rows,
    {
      what: 'time per backup, among 100 000 against among 10 000',
      figure: `${((perBackup.at(-1) ?? 0) / (perBackup[0] ?? 0)).toFixed(2)} x`,
      target: { text: `linear (at most ${growthLimit} x)`, met: growth <= growthLimit },
    },
  ]
}

function rowOf(size: number, middle: number, times: readonly number[]): Row {
  const what = `planning ${size.toLocaleString('en').replace(',', ' ')} backups`
  const figure = `${seconds(middle)} (${spread(times)})`
  if (size !== sizes.at(-1)) return { what, figure }
  return { what, figure, target: { text: 'under 2 s', met: middle < limitSeconds } }
}

function secondsToPlan(
  databases: readonly ConfiguredDatabase[],
  backups: readonly Backup[],
): number {
  const started = performance.now()
  let decided = 0
  for (const [, own] of attribute(backups, databases).of) {
    decided += planRetention({ backups: own, policy, now }).decisions.length
  }
  if (decided !== backups.length) throw new Error('Some backups have no verdict.')
  return (performance.now() - started) / 1_000
}

function databaseOf(index: number): ConfiguredDatabase {
  const database = `app${index}`
  const written = `h/${database}`
  const spec = { engine: 'postgres', host: 'h', port: 5432, database, written } as const
  return { spec, core: coreNameOf(spec), credentials: { user: null, password: null }, options: {} }
}

/** As many of each database, eight hours apart, in no order that would help. */
function backupsOf(databases: readonly ConfiguredDatabase[], total: number): readonly Backup[] {
  const each = total / databases.length
  const files = databases.flatMap(({ core }, index) =>
    Array.from({ length: each }, (_, nth) => {
      const modifiedAt = new Date(now.getTime() - ((nth * 7919) % each) * 8 * 3_600_000 - index)
      const stamp = localStampOf(modifiedAt)
      const kind = { format: 'plain', codec: 'gzip' } as const
      const path = printBackupName({ tier: null, folder: stamp.date, core, stamp, ...kind })
      return { path, bytes: 1_000_000 + nth, modifiedAt }
    }),
  )
  return describeBackups(files, new Map()).map((backup) => ({ ...backup, quality: 'good' }))
}
