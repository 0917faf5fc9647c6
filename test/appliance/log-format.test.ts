import { describe, expect, test } from 'vitest'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { site } from '../support/site.ts'
import { createDatabase } from '../support/test-database.ts'

interface Line {
  readonly time: string
  readonly level: string
  readonly event: string
  readonly [field: string]: unknown
}

/** Every line must be one. */
function linesOf(text: string): readonly Line[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Line)
}

const json = { LOG_FORMAT: 'json' }

describe('LOG_FORMAT=json', () => {
  test('makes every line of a cycle an object with time, level and event', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec, '127.0.0.1:1/app'], { ...json, NUM_BACKUPS: '1' })
    await here.run(['-1'])

    const { status, stdout, stderr } = await here.run(['-1'])

    expect(status).toBe(1)
    const told = linesOf(stdout)
    const problems = linesOf(stderr)
    for (const line of [...told, ...problems]) {
      expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)
    }
    expect(told.map(({ event }) => event)).toEqual([
      'cycle-started',
      'backup-started',
      'backup-succeeded',
      'pruned',
      'backup-started',
    ])
    const [path] = await here.backups()
    expect(told[2]).toMatchObject({
      level: 'info',
      spec: database.spec,
      file: `${here.root}/${path}`,
      bytes: expect.any(Number) as number,
      durationMs: expect.any(Number) as number,
      message: expect.stringContaining(`Successfully backed up ${database.spec}.`) as string,
    })
    expect(told[3]).toMatchObject({ removed: [expect.stringContaining('.sql.gz')] })
    expect(problems).toMatchObject([
      {
        level: 'error',
        event: 'backup-failed',
        spec: '127.0.0.1:1/app',
        error: { reason: expect.stringContaining('No server listens there') as string },
      },
      { level: 'error', event: 'cycle-ended', databases: 2, failed: ['127.0.0.1:1/app'] },
    ])
  })

  test('makes those of verifications, restores and checks objects, too', async () => {
    await using database = await createDatabase(sharedPostgres())
    await using here = await site([database.spec], json)
    await here.run(['-1'])

    const verified = await here.run(['-v', 'all'], {
      env: { VERIFICATION_DIR: here.folder.join('verification') },
    })
    const restored = await here.run(['-r', database.spec, '--yes'])
    const checked = await here.run(['--check', 'all'])

    expect(linesOf(verified.stdout).at(-1)).toMatchObject({
      event: 'verification-ended',
      level: 'info',
      verdict: 'verified',
    })
    expect(linesOf(restored.stdout).map(({ event }) => event)).toContain('restore-succeeded')
    expect(linesOf(checked.stdout).at(-1)).toMatchObject({
      event: 'message',
      message: '1 of 1 backups are whole.',
    })
    const problems = [verified, restored, checked].flatMap(({ stderr }) => linesOf(stderr))
    const usual = ['warning', 'remark']
    expect(problems.filter(({ event }) => !usual.includes(event))).toEqual([])
  })

  test('leaves answers as they are, and tells errors as one object', async () => {
    await using here = await site(['127.0.0.1:1/app'], json)

    const status = await here.run(['--status'])
    const listing = await here.run(['-l', '--json'])
    const wrong = await here.run(['-1', '--only', 'nowhere/app'])
    const misread = await here.run(['--nonsense'])

    expect(status.stdout).toMatch(/^State +Database/u)
    expect(JSON.parse(listing.stdout)).toEqual({ backups: [] })
    expect(linesOf(wrong.stderr)).toMatchObject([
      {
        level: 'error',
        event: 'failed',
        error: { message: expect.stringContaining('nowhere/app') as string },
      },
    ])
    expect(linesOf(misread.stderr)).toMatchObject([{ level: 'error', event: 'failed' }])
    expect([wrong.status, misread.status]).toEqual([2, 2])
  })

  test('is text unless it is json, and nothing else', async () => {
    await using here = await site(['127.0.0.1:1/app'])

    const text = await here.run(['-1'], { env: { LOG_FORMAT: 'TEXT' } })
    const other = await here.run(['-1'], { env: { LOG_FORMAT: 'xml' } })

    expect(text.stdout).toMatch(/^Starting backup process \.\.\.\n\nSettings:\n/u)
    expect(other.status).toBe(2)
    expect(other.stderr).toContain('LOG_FORMAT: "xml" is not "text" or "json"')
  })
})
