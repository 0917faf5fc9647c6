import { describe, expect, test } from 'vitest'
import type { Notice, RunEvent } from '../../src/model/index.ts'
import { noticeOf, RunPlan, summaryOf } from '../../src/notify/index.ts'
import { read } from '../config/read.ts'

const at = new Date('2026-11-20T01:00:00Z')
const { databases } = await read({}, { 'backup.conf': 'postgres=db:5432/app\n' })
const [database] = databases
if (database === undefined) throw new Error('No database was read.')
const spec = 'postgres=db:5432/app'

function told(event: RunEvent, backedUp: readonly string[] = []): Notice | null {
  return noticeOf(event, { at, isOfThisRun: (path) => backedUp.includes(path) })
}

const error = new Error('no route')
const elapsedMs = 1_400
const job = { job: 'backup.conf:2', command: './backup.sh -s', elapsedMs } as const
const verification = { at: at.toISOString(), differences: ['t: 3 rows, not 4'] }

describe('an event', () => {
  const events: readonly (readonly [string, RunEvent, string | null])[] = [
    ['a failed backup', { kind: 'backup-failed', database, error, elapsedMs }, 'ERROR'],
    ['what every run says again', { kind: 'remark', text: 'x' }, 'INFO'],
    ['a warning', { kind: 'warning', database: null, text: 'x' }, 'WARN'],
    ['an anomaly', { kind: 'anomaly', database, path: '/b/x', text: 'x' }, 'WARN'],
    ['pruning', { kind: 'pruned', database, removed: ['/b/x'] }, 'INFO'],
    ['pruning of nothing', { kind: 'pruned', database, removed: [] }, null],
    ['a mirror that fails', { kind: 'mirror-failed', store: 's3', path: null, error }, 'ERROR'],
    [
      'a proof',
      {
        kind: 'verification-ended',
        newestBad: null,
        database,
        path: '/b/x',
        elapsedMs,
        verification: { ...verification, verdict: 'verified' },
      },
      'INFO',
    ],
    [
      'no proof',
      {
        kind: 'verification-ended',
        newestBad: null,
        database,
        path: null,
        elapsedMs,
        verification: { ...verification, verdict: 'could-not-verify' },
      },
      'ERROR',
    ],
    [
      'a run of the service that told people itself',
      { kind: 'job-ended', ...job, isOwn: true, result: { kind: 'failed', exitStatus: 1 } },
      null,
    ],
    [
      'a run of the service that was killed',
      { kind: 'job-ended', ...job, isOwn: true, result: { kind: 'failed', exitStatus: 137 } },
      'ERROR',
    ],
    [
      'another command of the schedule that failed',
      { kind: 'job-ended', ...job, isOwn: false, result: { kind: 'failed', exitStatus: 1 } },
      'ERROR',
    ],
    [
      'a run that took too long',
      { kind: 'job-ended', ...job, isOwn: true, result: { kind: 'timed-out' } },
      'ERROR',
    ],
    ['a refused configuration', { kind: 'configuration-refused', error }, 'ERROR'],
    ['a missed start', { kind: 'job-started', job: 'x', command: 'y', missed: at }, 'WARN'],
    ['a start not made up', { kind: 'start-missed', job: 'x', command: 'y', due: at }, 'WARN'],
    ['a start in time', { kind: 'job-started', job: 'x', command: 'y', missed: null }, null],
  ]

  test.each(events)('%s', (_what, event, level) => {
    expect(told(event)?.level ?? null).toBe(level)
  })

  test('a failed backup has its spec, its figures and the reason', () => {
    expect(told({ kind: 'backup-failed', database, error, elapsedMs })).toMatchObject({
      kind: 'backup-failed',
      spec,
      message: expect.stringMatching(/^Failed to backup postgres=db:5432\/app\.\nno route\n/u),
      figures: { durationMs: 1400, error: { message: 'no route' } },
    })
  })

  test('a copy of an earlier backup says that the mirror has caught up', () => {
    const event = { kind: 'mirrored', database, store: 'ftp', path: '/b/x', bytes: 1, elapsedMs }

    expect(told(event as RunEvent)).toMatchObject({ kind: 'mirror-caught-up' })
    expect(told(event as RunEvent, ['/b/x'])).toMatchObject({ kind: 'mirror-succeeded' })
  })
})

const run = {
  kind: 'cycle',
  plan: new RunPlan(),
  startedAt: new Date(at.getTime() - 90_000),
  endedAt: at,
  isInterrupted: false,
} as const

test('a summary of what was interrupted is no success, and names what is missing', async () => {
  const { databases: all } = await read({}, { 'backup.conf': 'db/a\ndb/b\ndb/c\ndb/d\n' })
  const [a, b, , d] = all
  if (a === undefined || b === undefined || d === undefined) throw new Error('Too few were read.')
  const frequency = { kind: 'every', hours: 48, written: '48h' } as const
  const plan = new RunPlan()
  plan.follow({ kind: 'run-planned', databases: all })
  plan.follow({ kind: 'backup-skipped', database: d, frequency, dueFrom: null })
  plan.follow({ kind: 'backup-started', database: a, partialPath: '/x' })
  plan.follow({ kind: 'backup-failed', database: a, error, elapsedMs })
  plan.follow({ kind: 'backup-started', database: b, partialPath: '/x' })
  const failed = told({ kind: 'backup-failed', database: a, error, elapsedMs })
  if (failed === null) throw new Error('Nothing was told.')

  const summary = summaryOf({ ...run, notices: [failed], plan, isInterrupted: true })
  const nothing = summaryOf({ ...run, notices: [], isInterrupted: true })

  expect(summary.message.split('\n').slice(0, 5)).toStrictEqual([
    'Backup cycle: interrupted: 1 of 3 databases done, 1 of them failed.',
    'FAILED db/a',
    'NOT DONE db/b: interrupted',
    'NOT DONE db/c: never begun',
    'SKIPPED db/d: not due yet',
  ])
  expect(summary.figures).toMatchObject({
    durationMs: 90_000,
    skipped: ['db/d'],
    databases: [{ ok: false }, { spec: 'db/b', ok: false }, { spec: 'db/c', ok: false }],
  })
  expect(nothing.message).toBe('Backup cycle: interrupted.')
})

test('a summary is as bad as the worst, and has a row for each database', () => {
  const good: Notice = {
    kind: 'backup-succeeded',
    level: 'INFO',
    at,
    spec: 'a/b',
    message: 'fine',
    figures: { bytes: 7, durationMs: 5 },
  }
  const bad = told({ kind: 'backup-failed', database, error, elapsedMs })
  if (bad === null) throw new Error('Nothing was told.')

  const summary = summaryOf({ ...run, notices: [good, bad] })

  expect(summary).toMatchObject({
    kind: 'cycle',
    level: 'ERROR',
    spec: null,
    figures: {
      databases: [
        { spec: 'a/b', ok: true, bytes: 7, durationMs: 5 },
        { spec, ok: false, durationMs: 1400, problem: 'no route' },
      ],
    },
  })
  expect(summary.message).toContain(
    'Backup cycle: 1 of 2 databases are all right.\nOK a/b\nFAILED postgres=',
  )
})

test('a summary calls each run by what it is; what every run says again makes it no worse', () => {
  const proof = told({
    kind: 'verification-ended',
    newestBad: null,
    database,
    path: '/b/x',
    elapsedMs,
    verification: { ...verification, verdict: 'verified' },
  })
  const remark = told({ kind: 'remark', text: 'The client is old.' })
  const outage = told({ kind: 'mirror-failed', store: 's3', path: null, error })
  if (proof === null || remark === null || outage === null) throw new Error('Nothing was told.')

  const summaries = [
    summaryOf({ ...run, kind: 'verification-run', notices: [remark, proof] }),
    summaryOf({ ...run, kind: 'mirror-run', notices: [outage] }),
    summaryOf({ ...run, kind: 'mirror-run', notices: [{ ...outage, level: 'INFO' }] }),
  ]

  expect(summaries.map(({ level, kind }) => [level, kind])).toStrictEqual([
    ['INFO', 'verification-run'],
    ['ERROR', 'mirror-run'],
    ['INFO', 'mirror-run'],
  ])
  const [first = '', second = '', third = ''] = summaries.map(({ message }) => message)
  expect(first).toBe(
    `Verification run: the database is all right.\nOK ${spec}\n\nThe client is old.`,
  )
  expect(second).toMatch(/^Mirror run: a problem\.\n\nERROR: The mirror s3/u)
  expect(third).toMatch(/^Mirror run: ended well\.\n/u)
})
