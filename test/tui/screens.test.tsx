import { describe, expect, test } from 'vitest'
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
  expect(frame).toContain('Filter: num_ (Esc shows all)')
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
  expect(frame).toContain('******_')
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
})
