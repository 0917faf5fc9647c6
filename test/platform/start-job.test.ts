import { describe, expect, test } from 'vitest'
import { type JobProcess, startJob } from '../../src/platform/index.ts'
import { isAlive } from '../support/run-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

const environment = { PATH: process.env['PATH'] ?? '' }

interface Started {
  readonly job: JobProcess
  readonly lines: string[]
}

function start(script: string, asks: 'leader' | 'group' = 'group'): Started {
  const lines: string[] = []
  const command = { program: 'sh', args: ['-c', script], environment }
  const onLine = (stream: string, line: string): void => void lines.push(`${stream}: ${line}`)
  return { job: startJob(command, { asks, onLine }), lines }
}

describe('the output of a job', () => {
  test('comes line by line, the unfinished last one included', async () => {
    const { job, lines } = start(String.raw`printf 'one\r\n\ntwo\377'; printf 'three' >&2`)

    expect(await job.ended).toBe(0)

    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual([
      'stdout: one',
      'stdout: ',
      'stdout: two\u{FFFD}',
    ])
    expect(lines).toContain('stderr: three')
  })

  test('without line ends is cut, and does not fill the memory', async () => {
    const { job, lines } = start(`head -c 200000 /dev/zero | tr '\\0' x`)

    expect(await job.ended).toBe(0)

    expect(lines.map(({ length }) => length - 'stdout: '.length)).toEqual([
      65_536, 65_536, 65_536, 3_392,
    ])
  })

  test('does not hold up its end when something in the background keeps it open', async () => {
    const { job, lines } = start('sleep 60 & echo $!')

    expect(await job.ended).toBe(0)

    const sleeper = Number(lines[0]?.replace('stdout: ', ''))
    expect(isAlive(sleeper)).toBe(true)
    process.kill(sleeper, 'SIGKILL')
  })
})

describe('the end of a job', () => {
  test('has the status that a shell would show', async () => {
    expect(await start('exit 3').job.ended).toBe(3)
    expect(await start('kill -9 $$').job.ended).toBe(137)
  })

  test('when it is stopped is that of all its processes', async () => {
    const { job, lines } = start('trap "" TERM; sleep 60 & echo $!; sleep 60')
    await waitUntil('its word', () => lines.length > 0)
    const sleeper = Number(lines[0]?.replace('stdout: ', ''))

    job.stop(50)
    job.stop(50)

    expect(await job.ended).toBe(137)
    await waitUntil('the end of the other', () => !isAlive(sleeper))
  })

  test('when it is stopped is not that of its shell, but of what that began', async () => {
    const inner =
      'trap "sleep 0.3; echo in order; exit 0" TERM; echo up; while :; do sleep 0.05; done'
    const { job, lines } = start(`sh -c '${inner}'; echo after`)
    await waitUntil('its word', () => lines.length > 0)

    job.stop(20_000)
    await job.ended

    expect(lines).toContain('stdout: in order')
  })

  test('when it is stopped reaches what has left its group', async () => {
    const { job, lines } = start('trap "" TERM; setsid sleep 60 & echo $!; sleep 60')
    await waitUntil('its word', () => lines.length > 0)
    const sleeper = Number(lines[0]?.replace('stdout: ', ''))

    job.stop(50)
    await job.ended

    expect(isAlive(sleeper)).toBe(false)
  })

  test('of a program that ends in order is left to it', async () => {
    const script = 'sleep 60 & trap "kill $!; echo in order; exit 7" TERM; echo up; wait'
    const { job, lines } = start(script, 'leader')
    await waitUntil('its word', () => lines.length > 0)

    job.stop(10_000)

    expect(await job.ended).toBe(7)
    expect(lines).toContain('stdout: in order')
  })

  test('comes, with its reason, to one that cannot start', async () => {
    const missing = { program: '/not/there', args: [], environment }
    const huge = { program: 'true', args: ['x'.repeat(4_000_000)], environment }
    const options = { asks: 'leader', onLine: () => undefined } as const

    await expect(startJob(missing, options).ended).rejects.toThrow('ENOENT')
    await expect(startJob(huge, options).ended).rejects.toThrow('E2BIG')
  })
})
