import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandText, parseArguments, type Request } from '../../src/cli/index.ts'
import { Refusal, Secret } from '../../src/model/index.ts'

const nothing: Request = {
  verb: null,
  scheduled: false,
  once: false,
  only: null,
  filter: null,
  dryRun: false,
  yes: false,
  json: false,
  restore: null,
  at: null,
  from: null,
  to: null,
  roles: false,
  keepOld: false,
  inPlace: false,
  verify: null,
  check: null,
  report: null,
  pin: null,
  unpin: null,
  accept: null,
  simulate: null,
  ignoreErrors: false,
  adminPassword: null,
}

function parsed(line: string): Request {
  return parseArguments(line.split(' ').filter((word) => word !== ''))
}

/** The refusal of a command line, or null; any other error would be a defect. */
function problemOf(args: readonly string[]): Refusal | null {
  try {
    parseArguments(args)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function refused(args: readonly string[]): Refusal {
  const problem = problemOf(args)
  if (problem === null) throw new Error(`${args.join(' ')} should have been refused.`)
  return problem
}

describe('the command line', () => {
  test.each<[string, Partial<Request>]>([
    ['', {}],
    ['-1', { verb: 'once', once: true }],
    ['--once', { verb: 'once', once: true }],
    ['-s', { verb: 'scheduled', scheduled: true }],
    ['-l', { verb: 'list' }],
    ['--list --json', { verb: 'list', json: true }],
    ['-c', { verb: 'config' }],
    ['-c -1', { verb: 'config', once: true }],
    ['-1c', { verb: 'config', once: true }],
    ['-h', { verb: 'help' }],
    ['--version', { verb: 'version' }],
    ['--status', { verb: 'status' }],
    ['-p --dry-run', { verb: 'prune', dryRun: true }],
    ['-p -f daily --yes', { verb: 'prune', filter: 'daily', yes: true }],
    ['-pf daily', { verb: 'prune', filter: 'daily' }],
    ['-pfdaily', { verb: 'prune', filter: 'daily' }],
    ['--prune --file=daily', { verb: 'prune', filter: 'daily' }],
    ['--file daily --prune', { verb: 'prune', filter: 'daily' }],
    ['-1 --only db/app', { verb: 'once', once: true, only: 'db/app' }],
    ['-v all', { verb: 'verify', verify: 'all' }],
    ['-sv all', { verb: 'verify', verify: 'all', scheduled: true }],
    ['-s -v all', { verb: 'verify', verify: 'all', scheduled: true }],
    ['-I -v all', { verb: 'verify', verify: 'all', ignoreErrors: true }],
    ['-r db/app', { verb: 'restore', restore: 'db/app' }],
    [
      '-r db/app --at 2026-05-01 --to x/y --from volume',
      { verb: 'restore', restore: 'db/app', at: '2026-05-01', to: 'x/y', from: 'volume' },
    ],
    [
      '-r db/app --roles --keep-old --dry-run',
      { verb: 'restore', restore: 'db/app', roles: true, keepOld: true, dryRun: true },
    ],
    ['--check all', { verb: 'check', check: 'all' }],
    [
      '-s -a secret -r db/app -f 2026',
      {
        verb: 'restore',
        restore: 'db/app',
        scheduled: true,
        filter: '2026',
        adminPassword: new Secret('secret'),
      },
    ],
    [
      '-asecret -r db/app',
      { verb: 'restore', restore: 'db/app', adminPassword: new Secret('secret') },
    ],
    ['--admin-password=secret -l', { verb: 'list', adminPassword: new Secret('secret') }],
    ['-n -1', { verb: 'once', once: true }],
    ['-1 -1', { verb: 'once', once: true }],
    ['-p --file=-x', { verb: 'prune', filter: '-x' }],
  ])('%j is understood', (line, expected) => {
    expect(parsed(line)).toStrictEqual({ ...nothing, ...expected })
  })

  test.each([
    ['-s -1', 'once'],
    ['-s -v all', 'verify'],
    ['-1 -v all', 'verify'],
    ['-v all -r db/app', 'restore'],
    ['-r db/app -p', 'prune'],
    ['-p --status', 'status'],
    ['--status -l', 'list'],
    ['-l -c', 'config'],
    ['-p -1 -s -l -c -h', 'help'],
  ])('of %j does the verb that goes first: %s', (line, verb) => {
    expect(parsed(line).verb).toBe(verb)
  })

  test('means the same in any order', () => {
    const groups = [['-s'], ['-p'], ['-f', 'daily'], ['--only', 'db/app'], ['--json'], ['-n']]

    fc.assert(
      fc.property(fc.shuffledSubarray(groups, { minLength: groups.length }), (shuffled) => {
        expect(parseArguments(shuffled.flat())).toStrictEqual({
          ...nothing,
          verb: 'prune',
          scheduled: true,
          filter: 'daily',
          only: 'db/app',
          json: true,
        })
      }),
    )
  })

  test('is taken or refused, whatever it is', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('-', '--', '-1', '-f', '--only=', '--json=1', '-sv', '--no-json', '-é'),
    )

    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        const problem = problemOf(args)

        expect(problem === null || problem.exitStatus === 2).toBe(true)
      }),
    )
  })
})

describe('a command line that is wrong', () => {
  test.each([
    [['--nonsense'], "Unknown option '--nonsense'."],
    [['-z'], "Unknown option '-z'."],
    [['-1z'], "Unknown option '-z'."],
    [['-f'], "Option '-f, --file <value>' argument missing"],
    [['-p', '--only'], "Option '--only <value>' argument missing"],
    [['-v', '-s'], "Option '-v' argument is ambiguous."],
    [['--json=yes'], "Option '--json' does not take an argument"],
    [['once'], '"once" belongs to no flag.'],
    [['-p', '-f', 'two', 'words'], '"words" belongs to no flag.'],
    [['-1', '--', '-s'], '"-s" belongs to no flag.'],
  ])('is refused with exit status 2: %j', (args, reason) => {
    const refusal = refused(args)

    expect(refusal.exitStatus).toBe(2)
    expect(refusal.reason).toContain(reason)
    expect(refusal.advice).toContain('backup.sh -h')
  })

  test.each([['--only'], ['-f'], ['-v'], ['-r']])(
    'is refused when the value of %s is empty, which an unset variable of a script leaves',
    (flag) => {
      expect(refused(['-p', flag, '']).exitStatus).toBe(2)
    },
  )

  test('keeps no database that it drops first', () => {
    const { message, exitStatus } = refused(['-r', 'db/app', '--keep-old', '--in-place', '--yes'])
    expect({ message, exitStatus }).toEqual({
      message: '--keep-old and --in-place exclude each other.',
      exitStatus: 2,
    })
  })

  test('does not repeat what may be a part of a password', () => {
    const lines = [
      ['-r', 'db/app', '-a', 'my', 'unmistakable'],
      ['unmistakable', '-a', 'my'],
      ['-r', 'db/app', '-aunmistakable', 'x'],
      ['--admin-pasword=unmistakable'],
    ]

    for (const line of lines) {
      const { message, reason, advice, stack } = refused(line)
      expect([message, reason, advice, stack].join('\n')).not.toContain('unmistakable')
    }
  })
})

describe('--ui', () => {
  test('stands alone, but for --only and what answers before it', () => {
    expect(parsed('--ui')).toMatchObject({ verb: 'ui', only: null })
    expect(parsed('--ui --only db/app')).toMatchObject({ verb: 'ui', only: 'db/app' })
    expect(parsed('--ui -h')).toMatchObject({ verb: 'help' })
    for (const line of ['--ui -1', '--ui --json', '-r db/app --ui', '--ui --yes']) {
      expect(() => parsed(line)).toThrow(/^--ui does not go with --/u)
    }
  })
})

describe('the command in locks and records', () => {
  test.each([
    ['--ui --only db/app', 'backup.sh --ui --only db/app'],
    ['', 'backup.sh'],
    ['-1', 'backup.sh -1'],
    ['--scheduled', 'backup.sh -s'],
    ['-1s', 'backup.sh -1 -s'],
    ['--test-notify', 'backup.sh --test-notify'],
    ['-p', 'backup.sh --prune'],
    ['-p -s', 'backup.sh --prune -s'],
    ['-p -f daily --only db/app', 'backup.sh --prune --only db/app -f daily'],
  ])('of %j is %s', (line, text) => {
    expect(commandText(parsed(line))).toBe(text)
  })

  test('D-50: never has the password', () => {
    const passwords = fc.string({ minLength: 8 }).filter((text) => !text.startsWith('-'))

    fc.assert(
      fc.property(passwords, (password) => {
        const request = parseArguments(['-s', '-p', '-a', password])

        expect(commandText(request)).toBe('backup.sh --prune -s')
        expect(JSON.stringify(request)).not.toContain(JSON.stringify(password))
      }),
    )
  })
})
