import { expect, test } from 'vitest'
import { backupSchedule, longestPause } from '../../src/schedule/index.ts'

const now = new Date('2026-05-05T12:00:00Z')
const hour = 3_600
const day = 24 * hour

function pauseOf(...expressions: readonly string[]): number | null {
  const lines = expressions.map((expression) => ({ expression, command: './backup.sh -s' }))
  return longestPause(backupSchedule(lines, day), now)
}

test.each([
  ['0 1 * * *', day],
  ['@hourly', hour],
  ['*/30 * * * *', hour / 2],
  ['0 */6 * * *', 6 * hour],
  ['*/30 8-18 * * mon-fri', (5.5 + 48 + 8) * hour],
  ['0 1 * * sun', 7 * day],
  ['0 1 1 * *', 31 * day],
  ['0 1 1 1 *', 365 * day],
  ['@every 90m', 1.5 * hour],
])('%s: %i s', (expression, seconds) => {
  expect(pauseOf(expression)).toBe(seconds)
})

test("several lines fill each other's pauses", () => {
  expect(pauseOf('0 1 * * *', '0 13 * * *')).toBe(12 * hour)
  expect(pauseOf('0 1 * * *', '@every 3h')).toBe(3 * hour)
})

test('without a line that backs up it is the period', () => {
  const verifying = [{ expression: '0 4 * * *', command: './backup.sh -s -v all' }]

  expect(longestPause(backupSchedule(verifying, 6 * hour), now)).toBe(6 * hour)
})
