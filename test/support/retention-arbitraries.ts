import * as fc from 'fast-check'
import {
  type Backup,
  type KeepSpecification,
  periods,
  type RetentionPolicy,
  type RetentionRule,
  tiers,
  verdicts,
} from '../../src/model/index.ts'
import { sampleBackup } from './sample-backup.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 0, 1)
const longest = 2_000

const someTime = fc
  .integer({ min: 0, max: longest })
  .map((hours) => new Date(start + hours * hourMs))

/** Before some backups and after others, or long after all. */
export const someNow = fc
  .integer({ min: 0, max: 3 * longest })
  .map((hours) => new Date(start + hours * hourMs + 60_000))

/** A backup of any quality, of any day of three months. */
export const someBackup: fc.Arbitrary<Backup> = fc
  .record(
    {
      at: someTime,
      tier: fc.constantFrom(null, ...tiers),
      quality: fc.constantFrom('good', 'good', 'unchecked', 'bad' as const),
      bytes: fc.integer({ min: 1, max: 1_000 }),
      codec: fc.constantFrom('gzip', 'gzip', 'zstd' as const),
      rows: fc.integer({ min: 0, max: 1_000 }),
      verdict: fc.constantFrom(...verdicts),
      pinnedAt: fc.constant('2026-01-01T00:00:00.000Z'),
    },
    { requiredKeys: ['at', 'tier', 'quality', 'bytes', 'codec'] },
  )
  .map(({ pinnedAt, ...sample }) =>
    // One in some is enough: pinned ones hide what rules do.
    sampleBackup(
      sample.bytes % 7 === 0 && pinnedAt !== undefined ? { ...sample, pinnedAt } : sample,
    ),
  )

export const someHistory = fc.uniqueArray(someBackup, {
  selector: ({ path }) => path,
  maxLength: 40,
  size: 'max',
})

const someCount = fc.integer({ min: 0, max: 6 })
const someSpan = fc.integer({ min: 1, max: 60 }).map((days) => days * 86_400)
const someSpecification: fc.Arbitrary<KeepSpecification> = fc.record({
  window: fc.oneof(fc.constant(0), someSpan),
  spacing: fc.oneof(fc.constant(0), someSpan),
  smudge: fc.oneof(fc.constant(0), someSpan),
})

/** Rules that keep a number of backups that does not depend on time. */
export const someCountingRule: fc.Arbitrary<RetentionRule> = fc.oneof(
  fc.record({ kind: fc.constant('newest' as const), count: someCount }),
  fc.record({
    kind: fc.constant('tiers' as const),
    daily: fc.option(someCount),
    weekly: fc.option(someCount),
    monthly: fc.option(someCount),
  }),
  fc.record({
    kind: fc.constant('calendar' as const),
    period: fc.constantFrom(...periods),
    count: someCount,
  }),
)

const someRule: fc.Arbitrary<RetentionRule> = fc.oneof(
  { weight: 3, arbitrary: someCountingRule },
  fc.record({ kind: fc.constant('within' as const), seconds: someSpan }),
  fc.record({ kind: fc.constant('age' as const), seconds: someSpan }),
  fc.record({
    kind: fc.constant('grid' as const),
    specifications: fc.array(someSpecification, { minLength: 1, maxLength: 4 }),
  }),
)

export const somePolicy: fc.Arbitrary<RetentionPolicy> = fc.record({
  rules: fc.array(someRule, { minLength: 1, maxLength: 4 }),
  minBackups: fc.integer({ min: 1, max: 3 }),
  staleAfterSeconds: fc.option(someSpan),
  anomalyThreshold: fc.integer({ min: 1, max: 100 }),
})

/** What a person may have accepted. */
export const someAcceptance = fc.option(
  fc.record({ at: someTime, bytes: fc.integer({ min: 0, max: 1_000 }) }).map(({ at, bytes }) => ({
    version: 1 as const,
    path: 'postgres=localhost:5432/app',
    at: at.toISOString(),
    takenAt: at.toISOString(),
    format: 'plain' as const,
    codec: 'gzip' as const,
    bytes,
    rows: null,
  })),
)
