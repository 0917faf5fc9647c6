import { describe, expect, test } from 'vitest'
import { lineOutput, openLog } from '../../src/cli/json-log.ts'

function held() {
  const lines: string[] = []
  return {
    lines,
    isTerminal: false,
    columns: 80,
    rows: 24,
    write: (text: string) => void lines.push(text),
  }
}

function objects(lines: readonly string[]): readonly unknown[] {
  return lines.map((line) => JSON.parse(line) as unknown)
}

describe('the log of LOG_FORMAT=json', () => {
  test('tells what is well on stdout, and what needs a look on stderr', () => {
    const [out, err] = [held(), held()]
    const log = openLog(out, err)

    log.write('info', 'backup-succeeded', { spec: 'db/app', bytes: 12 })
    log.write('error', 'backup-failed', { spec: 'db/app' })
    log.write('warn', 'warning', { message: 'a\nb' })

    expect(objects(out.lines)).toMatchObject([{ level: 'info', spec: 'db/app', bytes: 12 }])
    expect(objects(err.lines)).toMatchObject([
      { level: 'error', event: 'backup-failed' },
      { level: 'warn', message: 'a\nb' },
    ])
    expect([...out.lines, ...err.lines].every((line) => /^[^\n]+\n$/u.test(line))).toBe(true)
  })

  test('wraps lines of jobs, and keeps those of our own program', () => {
    const [out, err] = [held(), held()]
    const log = openLog(out, err)
    const own = '{"time":"2026-11-20T01:00:00.000Z","level":"info","event":"pruned","removed":[]}'

    log.jobLine({ job: 'backup.conf:3', stream: 'stdout', line: own })
    log.jobLine({ job: 'backup.conf:4', stream: 'stdout', line: 'copied' })
    log.jobLine({ job: 'backup.conf:4', stream: 'stderr', line: '{"not":"ours"}' })
    log.jobLine({ job: 'backup.conf:4', stream: 'stderr', line: '{broken' })

    expect(objects(out.lines)).toMatchObject([
      { ...(JSON.parse(own) as object), job: 'backup.conf:3' },
      { event: 'job-output', level: 'info', job: 'backup.conf:4', message: 'copied' },
    ])
    expect(objects(err.lines)).toMatchObject([
      { event: 'job-output', level: 'warn', message: '{"not":"ours"}' },
      { event: 'job-output', message: '{broken' },
    ])
  })

  test('takes lines of text, without empty ones, by what they begin with', () => {
    const [out, err] = [held(), held()]
    const output = lineOutput(openLog(out, err), 'info')

    output.write('\none\n[WARN] - two\n')
    output.write('[!!ERROR!!] - three\n')

    expect(objects(out.lines)).toMatchObject([{ event: 'message', message: 'one' }])
    expect(objects(err.lines)).toMatchObject([
      { level: 'warn', message: 'two' },
      { level: 'error', message: 'three' },
    ])
  })
})
