import { describe, expect, test } from 'vitest'
import { timetableOf } from '../../src/schedule/timetable.ts'
import { refusalOf } from '../support/refusal.ts'
import { problemsIn, read, readLines } from './read.ts'

describe('a schedule line', () => {
  test.each([
    ['0 1 * * * default ./backup.sh -s', '0 1 * * *', './backup.sh -s'],
    ['0\t4  * * * default   ./backup.sh -s -v all', '0 4 * * *', './backup.sh -s -v all'],
    ['*/15 8-18/2 1,15 jan-mar MON-fri default x', '*/15 8-18/2 1,15 1-3 1-5', 'x'],
    ['5/20 * ? * 7 default x', '5-59/20 * * * 7', 'x'],
    ['0 1 * * fri-sun default x', '0 1 * * 5-7', 'x'],
    ['08 09 * * * default x', '8 9 * * *', 'x'],
    ['@daily default ./backup.sh -s', '@daily', './backup.sh -s'],
    ['@Daily default ./backup.sh -s', '@daily', './backup.sh -s'],
    ['@EVERY 2h default ./backup.sh -s', '@every 2h', './backup.sh -s'],
    ['@every 2h default ./backup.sh -s', '@every 2h', './backup.sh -s'],
    ['@every  1h30m default x', '@every 1h30m', 'x'],
    [' 0 1 * * * default ./backup.sh -s ', '0 1 * * *', './backup.sh -s'],
    [
      '0 1 * * * default (./backup.sh -s -v pg:5432/app)',
      '0 1 * * *',
      '(./backup.sh -s -v pg:5432/app)',
    ],
    ['0 1 * * * default cd /x && a=b ./y | z > "$d"', '0 1 * * *', 'cd /x && a=b ./y | z > "$d"'],
  ])('D-28: %j', async (text, expression, command) => {
    const { schedule, databases } = await readLines('pg/app', text)

    expect(databases).toHaveLength(1)
    expect(schedule).toStrictEqual([
      { expression, user: 'default', command, from: 2, text: text.trim() },
    ])
  })

  test.each([
    ['a leap day', '0 1 29 2 *'],
    ['a day of one of its months', '0 1 31 2,3 *'],
    ['one of its days', '0 1 28-31 2 *'],
    ['a day of every other month', '0 1 31 */2 *'],
    ['a day of the week, whatever the month has', '0 1 31 2 1'],
  ])('that comes at %s is none that never comes', async (_what, expression) => {
    const { schedule } = await readLines('pg/app', `${expression} default x`)

    expect(schedule).toMatchObject([{ expression }])
    const next = timetableOf(expression, new Date(0)).next(new Date('2026-11-20T00:00:00Z'))
    expect(next?.getUTCFullYear()).toBeLessThanOrEqual(2028)
  })

  test.each(['CRON_SCHEDULE', 'VERIFY_SCHEDULE'])('%s never comes either', async (variable) => {
    const { reason } = await refusalOf(read({ [variable]: '0 1 31 4,6,9,11 *' }))

    expect(reason).toMatch(
      new RegExp(
        `^${variable}: .*The schedule never comes: there is no day 31 in apr, jun, sep, nov`,
        'u',
      ),
    )
  })

  test('D-28: keeps a "#" in its command, which is shell', async () => {
    const { schedule } = await readLines('pg/app', '0 1 * * * default ./backup.sh -s # nightly')

    expect(schedule[0]?.command).toBe('./backup.sh -s # nightly')
  })

  test.each([
    ['60 1 * * * default x', '"60" is no minute'],
    ['0 24 * * * default x', '"24" is no hour'],
    ['0 1 0 * * default x', '"0" is no day of the month'],
    ['0 1 * 13 * default x', '"13" is no month'],
    ['0 1 * may-feb * default x', '"may-feb" is no month'],
    ['0 1 * * 8 default x', '"8" is no day of the week'],
    ['0 1 * * */0 default x', '"*/0" is no day of the week'],
    ['0-1-2 1 * * * default x', '"0-1-2" is no minute'],
    ['0,,5 1 * * * default x', '"" is no minute'],
    ['O 1 * * * default x', '"O" is no minute'],
    ['0 1 * * default ./backup.sh -s', '"default" is no day of the week'],
    ['0 1 * * *', 'not complete'],
    ['0 1 31 2 * default ./backup.sh -s', 'never comes: there is no day 31 in feb. Write a day'],
    [
      '0 1 30 2 ? default x',
      'never comes: there is no day 30 in feb. Write a day of the month up to 29',
    ],
    ['0 1 31 4,6,9-11/2 * default x', 'never comes: there is no day 31 in apr, jun, sep, nov.'],
    ['0 1 30,31 feb * default x', 'never comes: there is no day 30 in feb.'],
    ['0 1 * * * default', 'not complete'],
    ['0 1 * * * ./backup.sh -s', '"./backup.sh" is no user'],
    ['0 1 * * * backup.sh -s', '"backup.sh" is no user'],
    ['@daily', 'not complete'],
    ['@reboot default x', '"@reboot" is no schedule'],
    ['@every default x', 'What follows @every is no time'],
    ['@every 0s default x', 'What follows @every is no time'],
    ['@every 90 default x', 'What follows @every is no time'],
  ])('that is wrong names its line and its part: %s', async (text, words) => {
    const [problem] = await problemsIn('pg/app', text)

    expect(problem).toContain('backup.conf:2: ')
    expect(problem).toContain(words)
  })
})
