import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { textWidth } from '../../src/model/index.ts'
import { commandRows } from '../../src/tui/command-line.ts'
import { folded } from '../../src/tui/fold.ts'
import { keysOf } from '../../src/tui/keys.ts'
import { placeOf, type State } from '../../src/tui/state.ts'
import { fixedState, now, plansOf, press, tell, typed } from './fixed-world.ts'
import { screens } from './screens.ts'
import { show, showWide } from './show.tsx'

/** Columns of a text on a terminal. */
function widthOf(text: string): number {
  return Array.from(text).reduce(
    (sum, sign) =>
      sum +
      (/[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]/u.test(
        sign,
      )
        ? 2
        : 1),
    0,
  )
}

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
  { columns: 40, rows: 12 },
]

describe.each(sizes)('on a terminal of $columns columns and $rows rows', (size) => {
  test.each(screens)('$name fills exactly the screen', async ({ keys }) => {
    const frame = showWide(keys(await fixedState(size)))

    const lines = frame.split('\n')
    expect(lines).toHaveLength(size.rows)
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(size.columns)
  })
})

describe('the overview', () => {
  test('has a row for each database, with its state, and the chosen one in full', async () => {
    const frame = show(await fixedState())

    for (const word of ['ok', 'unverified', 'late', 'failed', 'never', 'running']) {
      expect(frame).toMatch(new RegExp(`^[> ] ${word} +postgres=db/`, 'mu'))
    }
    expect(frame).toContain('Volume /backups: 11 GB of 93 GB free, full in about 48 d')
    expect(frame).toContain('> ok         postgres=db/orders')
    expect(frame).toContain('last good 2026-11-20 01:00, verified, taken in 0h:0m:1s')
    expect(frame).toMatch(/Sizes [▁▂▃▄▅▆▇█]{30} {2}s3 lacks 2, the oldest 1 d 3 h old/u)
    const failed = show(press(await fixedState(), 'down', 'down', 'down').state)
    expect(failed).toContain('Could not connect to postgres=db/customers.')
  })

  test('of a bucket says that it has no size, and grows older with the clock', async () => {
    const start = await fixedState()
    const { observation } = start.world
    if (observation === null) throw new Error('no observation')
    const world = {
      ...start.world,
      root: 's3://bucket/backups',
      isLocal: false,
      observation: { ...observation, volume: null },
    }

    const frame = show({ ...start, world, now: new Date(now.getTime() + 3_600_000) })

    expect(frame).toContain('Volume s3://bucket/backups: an object store: it has no size to show')
    expect(frame).not.toContain('no backup yet')
    expect(frame).toMatch(/> ok +postgres=db\/orders +3 h 12 min/u)
    const statuses = observation.statuses.map((each) => ({ ...each, backups: [], lastGood: null }))
    const empty = { ...world, observation: { ...world.observation, statuses } }
    expect(show({ ...start, world: empty })).toContain('backups: there is no backup yet.')
  })

  test('tells what was cancelled, and backups that nobody has checked', async () => {
    const start = await fixedState()
    const { observation } = start.world
    const [first, second, ...others] = observation?.statuses ?? []
    if (observation === null || first === undefined || second === undefined) throw new Error()
    const backups = second.backups.map((each) => ({ ...each, quality: 'unchecked' as const }))
    const statuses = [
      { ...first, state: 'unfinished' as const, ok: false },
      { ...second, state: 'never' as const, ok: false, lastGood: null, backups },
      ...others,
    ]
    const { state } = tell(start, { kind: 'observed', observation: { ...observation, statuses } })

    expect(show(state)).toMatch(/^> unfinished postgres=db\/orders/mu)
    const unchecked = 'one of the 3 has been checked: c checks them, r restores anyway'
    expect(show(press(state, 'down').state)).toContain(`n${unchecked}`)
    const choosing = press(state, 'down', 'r').state
    expect(show(choosing)).toContain(`N${unchecked}.`)
    expect(placeOf(choosing)).toMatchObject({ selected: backups[0]?.path })
  })

  test('shows what there is before anything has been read', async () => {
    const state = await fixedState()
    const empty = { ...state.world, observation: null, journal: null, ahead: null }
    const frame = show({ ...state, world: { ...empty, bytesPerDay: null, retention: new Map() } })

    expect(frame).toContain('Volume /backups: reading the backups ...')
    expect(frame).toContain('> ...        postgres=db/orders')
  })

  test('says why the volume cannot be read, and keeps what was known of it', async () => {
    const problem = 'Listing /backups failed: the volume does not let us in.'
    const { state } = tell(await fixedState(), { kind: 'unreadable', problem })

    expect(show(state)).toContain(`Volume /backups: ${problem}`)
    expect(show(state)).toContain('> ok         postgres=db/orders')
    const { observation } = state.world
    if (observation === null) throw new Error('no observation')
    expect(show(tell(state, { kind: 'observed', observation }).state)).not.toContain(problem)
  })

  test('names who holds the lock, here and where it is needed', async () => {
    const start = await fixedState()
    const { observation } = start.world
    if (observation === null) throw new Error('no observation')
    const since = new Date(now.getTime() - 90_000).toISOString()
    const lock = { what: 'backup.sh -s', since }
    const { state } = tell(start, { kind: 'observed', observation: { ...observation, lock } })

    expect(show(state)).toContain('Lock   held for 1 min by backup.sh -s')
    expect(show(press(state, 'b').state)).toContain('held by backup.sh -s, for 1 min.')
    expect(show(press(state, 'v').state)).not.toContain('held by')
  })
})

describe('a text', () => {
  test('ends at the end of the screen, and is whole when the screen has grown', async () => {
    const end = press(await fixedState(), '?', 'end').state
    const rows = show(end).split('\n')

    expect(rows[0]).toContain('backup-container')
    expect(rows.at(-4)).toContain('never')
    expect(rows.slice(1, -3).filter((row) => row.trim() === '').length).toBeLessThan(6)
    expect(show(press(end, 'up').state)).not.toBe(show(end))
    expect(press(end, 'down', 'pageDown').state).toStrictEqual(end)
    const grown = showWide({ ...end, size: { columns: 100, rows: 60 } })
    expect(grown).toContain('Everywhere')
    expect(grown).toContain('never')
  })

  test('is broken between its words, and keeps its margin', () => {
    const [line, more, last] = folded([{ text: '  one two 語語語語語 x', tone: 'bad' }], 10)

    expect([line, more, last]).toStrictEqual([
      { text: '  one two', tone: 'bad' },
      { text: '  語語語語', tone: 'bad' },
      { text: '  語 x', tone: 'bad' },
    ])
    expect(folded([{ text: 'a\u001Bb', tone: 'plain' }], 10)[0]?.text).toBe('a?b')
  })
})

describe('a command line', () => {
  const long = `postgres=db/${'語'.repeat(20)}'s`
  const flags = ['-r', long, '-f', `2026-11-20/${'x'.repeat(90)}.sql.gz`, '--to', 'db/a b', '-I']

  test.each([30, 41, 80, 400])('pasted from %i columns is what it was', (columns) => {
    const rows = commandRows(flags, columns)

    expect(Math.max(...rows.map((row) => textWidth(row)))).toBeLessThanOrEqual(columns)
    const script = rows.join('\n').replace('backup.sh', String.raw`printf '%s\n'`)
    const read = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
    expect(read.trimEnd().split('\n')).toStrictEqual(flags)
  })

  test('can be copied from the screen of its question and of its operation', async () => {
    const asked = press(await fixedState(), 'enter', 'down', 'v').state
    const pasted = /^backup\.sh -v postgres=db\/orders \\\n {2}-f \S+\.sql\.gz\n/mu

    expect(show(asked)).toMatch(pasted)
    expect(show(press(asked, 'enter').state)).toMatch(pasted)
  })
})

test('a small terminal shows what is asked and typed before all else', async () => {
  const size = { columns: 50, rows: 9 }
  const start = await fixedState(size)
  const form = press(start, 'r', 'r', 'up', ...typed('abc')).state
  expect(showWide(form)).toContain('> Admin password   ***▏')

  const screen = screens.find(({ name }) => name.startsWith('Last question'))
  const question = showWide(screen?.keys(start) ?? start)
  expect(question).toContain('Type orders and Enter to do it')
  expect(question).toContain('orde▏')
  expect(question).toContain('it needs 80x24')
})

test('a backup is compared with the one before', async () => {
  const frame = show(press(await fixedState(), 'enter', 'down', 'enter').state)

  expect(frame).toContain('Rows: 120370 in 1 table, compared with 2026-11-18 01:00')
  expect(frame).toContain('120370  public.t  (+130)')
  expect(frame).toContain('Pruned on  2026-12-19 03:12')
})

test('the schedule has twenty runs ahead, and the last results', async () => {
  const frame = showWide(press(await fixedState({ columns: 80, rows: 40 }), '2').state)

  expect(frame.match(/^ {2}2026-\d\d-\d\d \d\d:00 {2}/gmu)).toHaveLength(20)
  expect(frame).toContain('last  2026-11-20 01:00, failed')
})

test('the log tells what a run said when it failed', async () => {
  const frame = show(press(await fixedState(), '3', 'down', 'enter').state)

  expect(frame).toContain('Now: Check that the server is up')
  expect(frame).toContain('2026-10-20/db-orders_2026-10-20_01-00-00.sql.gz')
})

test('the settings are masked, and can be filtered', async () => {
  const frame = show(press(await fixedState(), '4', '/', ...typed('num_'), 'enter').state)

  expect(frame).toMatch(/> NUM_BACKUPS +31/u)
  expect(frame).not.toContain('BACKUP_DIR')
  expect(frame).toMatch(/Filter: num_, 1 of \d+ match \(Esc shows all\)/u)
  expect(show(press(await fixedState(), '/', ...typed('zzz')).state)).toContain('0 of 6 match')
})

test('a preview of pruning has what goes first, with the reason', async () => {
  const start = press(await fixedState(), 'p').state
  const frame = show(tell(start, { kind: 'prune-planned', plans: plansOf(start) }).state)

  expect(frame).toContain('Pruning would delete 2 of 33 backups and free')
  expect(frame).toMatch(/delete {2}2026-10-20 01:00 +1\.2 MB {2}more than the newest 31/u)
})

test('a password is shown as stars, and no name obeys as a command of the terminal', async () => {
  const { state } = press(await fixedState(), 'r', 'r', 'up', ...typed('geheim'))
  const frame = show(state)
  expect(frame).toContain('******▏')
  expect(frame).not.toContain('geheim')

  const place = placeOf(state)
  if (place.kind !== 'restore') throw new Error(place.kind)
  const draft = { ...place.draft, target: 'db/a\u001B[2Jb\nc' }
  const odd: State = { ...state, places: [{ ...place, field: 1, draft }] }
  expect(show(odd)).toContain('db/a?[2Jb?c')
})

test('keys that a slow link delivers together are single keys', () => {
  const none = {} as Parameters<typeof keysOf>[1]

  expect(keysOf('jj\r語\u007F', none)).toStrictEqual([
    { name: 'text', text: 'j' },
    { name: 'text', text: 'j' },
    { name: 'enter' },
    { name: 'text', text: '語' },
    { name: 'backspace' },
  ])
  expect(keysOf('c', { ...none, ctrl: true })).toStrictEqual([{ name: 'ctrl-c' }])
  expect(keysOf('x', { ...none, meta: true })).toStrictEqual([
    { name: 'escape' },
    { name: 'text', text: 'x' },
  ])
  expect(keysOf('', { ...none, upArrow: true })).toStrictEqual([{ name: 'up' }])
  expect(keysOf('\u001B', { ...none, escape: true, meta: true })).toStrictEqual([
    { name: 'escape' },
    { name: 'escape' },
  ])
})
