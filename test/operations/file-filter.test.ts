import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Backup } from '../../src/model/index.ts'
import { matcherOf } from '../../src/operations/file-filter.ts'
import { count } from '../support/counts.ts'
import { sampleBackup } from '../support/sample-backup.ts'

const volume = { label: (path: string) => `/backups/${path}` }
const at = new Date('2026-11-20T01:00:00Z')
const backup = sampleBackup({ at, core: 'db-app+1(x)%20y', tier: 'daily' })
const line = `${at.getTime() / 1000} /backups/${backup.path}`

function matches(filter: string, found: Backup = backup): boolean {
  return matcherOf(filter, volume)(found)
}

/** What grep itself says; null when it takes the pattern for none. */
function grepMatches(filter: string): boolean | null {
  const { status } = spawnSync('grep', ['-q', '-e', filter], {
    input: `${line}\n`,
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
  })
  return status === 2 ? null : status === 0
}

describe('the filter of -f', () => {
  test.each([
    volume.label(backup.path),
    'db-app+1(x)%20y_2026-11-20_01-00-00.sql.gz',
    'daily',
    '2026-11-20',
    '^1795136400 ',
    'sql.gz$',
    'app.*gz',
    'ap*p',
    'app\\+1',
    '\\(app\\|web\\)+1',
    'p\\{2\\}',
    '[[:digit:]]\\{4\\}-11',
    '[^]/]*$',
    '01-0[0-9]',
    'x^*y\\|app',
  ])('finds by %j, as grep does', (filter) => {
    expect(grepMatches(filter)).toBe(matches(filter))
  })

  test.each([
    'apple',
    'weekly',
    'app1',
    '(app|web)',
    'p{2}',
    '^/backups',
    'daily$',
    '*app',
    'a^p',
    'p$p',
    '[[:upper:]]',
    '[\\d]app',
  ])('does not find by %j, as grep does not', (filter) => {
    expect(grepMatches(filter)).toBe(false)
    expect(matches(filter)).toBe(false)
  })

  test.each(['[a', 'x\\(', '\\{1', '\\', '[z-a]', '[[:nonsense:]]'])(
    'takes %j, which is no pattern, literally',
    (filter) => {
      expect(matches(filter)).toBe(false)
      expect(matches(filter, { ...backup, path: `2026-11-20/${filter}.sql` })).toBe(true)
    },
  )

  const patterns = count(400, 10_000)
  test('finds what grep finds, with any pattern', { timeout: 60_000 + patterns * 30 }, () => {
    const signs = 'a p + 1 ( ) ? | { } ] / - . * ^ $ app 20 ü 💾'.split(' ')
    const escapes = '\\. \\+ \\? \\( \\) \\| \\w \\b \\- \\/ \\\\'.split(' ')
    const brackets = '[ap] [^a] []p] [^]] [a-p] [[:alpha:]] [.+(] [\\.] [a^-] [*]'.split(' ')
    const parts = [' ', ...signs, ...escapes, ...brackets]
    const filters = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 6 })

    fc.assert(
      fc.property(
        filters.map((tokens) => tokens.join('')),
        (filter) => {
          const expected = grepMatches(filter)
          fc.pre(expected !== null && !isPeculiar(filter))

          expect(matches(filter)).toBe(expected)
        },
      ),
      { numRuns: patterns },
    )
  })
})

/** Where POSIX leaves the meaning open: operators at a beginning, or in a row; and "$|", where GNU errs. */
function isPeculiar(filter: string): boolean {
  return /(?:^|\\\(|\\\||\^|\$|\*|\\[+?b])(?:\\[+?]|\*)|\\\(\\\)|(?:^|\\\(|\\\|)(?:\\\||\\\)|$)|\\b\\b|\$\|/u.test(
    filter,
  )
}
