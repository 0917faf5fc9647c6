import { describe, expect, test } from 'vitest'
import { planJobs } from '../../src/operations/job-plan.ts'
import { read } from '../config/read.ts'

describe('what a configuration asks the service to do', () => {
  test('is every line of the schedule, by its place', async () => {
    const lines = ['db/app', '0 1 * * * default ./backup.sh -s', '@every 2h default touch alive']
    const configuration = await read({}, { 'backup.conf': lines.join('\n') })

    expect(configuration.mode).toBe('cron')
    expect(planJobs(configuration)).toMatchObject([
      { name: 'backup.conf:2', expression: '0 1 * * *', flags: ['-s'], trigger: 'schedule' },
      { name: 'backup.conf:3', command: 'touch alive', flags: null, trigger: 'schedule' },
    ])
  })

  test('is a cycle every BACKUP_PERIOD without one', async () => {
    const configuration = await read({ BACKUP_PERIOD: '1h30m' }, { 'backup.conf': 'db/app' })

    expect(configuration.mode).toBe('legacy')
    expect(planJobs(configuration)).toMatchObject([
      {
        name: 'BACKUP_PERIOD',
        expression: '@every 5400s',
        flags: ['-s'],
        trigger: 'interval',
        period: '1h30m',
      },
    ])
  })

  test('has the lines of CRON_SCHEDULE and VERIFY_SCHEDULE, too', async () => {
    const configuration = await read({ CRON_SCHEDULE: '0 1 * * mon', VERIFY_SCHEDULE: '@daily' })

    expect(configuration.mode).toBe('cron')
    expect(planJobs(configuration)).toMatchObject([
      { name: 'CRON_SCHEDULE', expression: '0 1 * * 1', flags: ['-s'] },
      { name: 'VERIFY_SCHEDULE', expression: '@daily', flags: ['-s', '-v', 'all'] },
    ])
  })

  test('loses no backup by a VERIFY_SCHEDULE alone', async () => {
    const configuration = await read({ VERIFY_SCHEDULE: '0 4 * * *' })

    expect(configuration.mode).toBe('legacy')
    expect(planJobs(configuration).map(({ name }) => name)).toEqual([
      'BACKUP_PERIOD',
      'VERIFY_SCHEDULE',
    ])
  })

  test('tells two equal lines apart', async () => {
    const line = '0 1 * * * default ./backup.sh -s'
    const configuration = await read({}, { 'backup.conf': `db/app\n${line}\n${line}` })

    const keys = planJobs(configuration).map(({ key }) => key)
    expect(new Set(keys).size).toBe(2)
  })
})
