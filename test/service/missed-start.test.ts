import { describe, expect, test } from 'vitest'
import type { RunDocument } from '../../src/model/index.ts'
import type { JobPlan } from '../../src/operations/job-plan.ts'
import { missedStart } from '../../src/service/missed-start.ts'

const nightly: JobPlan = {
  key: '0 1 * * * ./backup.sh -s',
  name: 'backup.conf:2',
  expression: '0 1 * * *',
  command: './backup.sh -s',
  flags: ['-s'],
  trigger: 'schedule',
  period: null,
}

function run(startedAt: string, job: string | undefined = nightly.key): RunDocument {
  return {
    version: 1,
    id: startedAt,
    verb: 'back-up',
    trigger: 'schedule',
    job,
    who: 'nobody',
    host: 'here',
    pid: 1,
    startedAt,
    endedAt: null,
    result: null,
    databases: [],
    removed: [],
  }
}

const yesterday = run('2026-05-04T01:00:00.400Z')
const sixHours = 6 * 3_600_000
const at = (now: string, runs: readonly RunDocument[] = [yesterday], plan = nightly) =>
  missedStart(plan, { runs, now: new Date(now), catchUpMs: sixHours })?.due.toISOString() ?? null

describe('a start that was missed', () => {
  test('is the last one that was due since the job ran', () => {
    expect(at('2026-05-05T05:00:00Z')).toBe('2026-05-05T01:00:00.000Z')
    expect(at('2026-05-07T05:00:00Z')).toBe('2026-05-07T01:00:00.000Z')
  })

  test('is made up until it is too old, and known all the same', () => {
    const due = new Date('2026-05-05T01:00:00Z')
    const missedAt = (now: string, catchUpMs: number) =>
      missedStart(nightly, { runs: [yesterday], now: new Date(now), catchUpMs })

    expect(missedAt('2026-05-05T07:00:00Z', sixHours)).toEqual({ due, isMadeUp: true })
    expect(missedAt('2026-05-05T07:00:01Z', sixHours)).toEqual({ due, isMadeUp: false })
    expect(missedAt('2026-05-05T01:00:00Z', 0)).toEqual({ due, isMadeUp: false })
  })

  test('was none when the job began in time, whatever became of it', () => {
    expect(at('2026-05-05T05:00:00Z', [run('2026-05-05T01:00:00.000Z'), yesterday])).toBeNull()
    expect(at('2026-05-04T23:00:00Z')).toBeNull()
  })

  test('is not made up for by a run of another line', () => {
    const other = run('2026-05-05T01:30:00Z', '30 1 * * * ./backup.sh -s --only db/other')

    expect(at('2026-05-05T05:00:00Z', [other, yesterday])).toBe('2026-05-05T01:00:00.000Z')
  })

  test('is unknown for a line that is new, and for what follows no clock', () => {
    expect(at('2026-05-05T05:00:00Z', [])).toBeNull()
    const rhythm = { ...nightly, expression: '@every 1h' }
    expect(at('2026-05-05T05:00:00Z', [yesterday], rhythm)).toBeNull()
    const legacy = { ...rhythm, trigger: 'interval' as const }
    expect(at('2026-05-05T05:00:00Z', [yesterday], legacy)).toBeNull()
  })
})
