import { describe, expect, test } from 'vitest'
import { identityOf, Refusal, type RunEvent } from '../../src/model/index.ts'
import { commandLine } from '../../src/tui/command-line.ts'
import { selectedKey } from '../../src/tui/lists.ts'
import type { Effect } from '../../src/tui/message.ts'
import { advance, begun, partOf, rateOf, secondsLeft } from '../../src/tui/operation.ts'
import { placeOf, type State } from '../../src/tui/state.ts'
import { commandOf, restoreFlags, statementOf } from '../../src/tui/task-words.ts'
import { sampleBackup } from '../support/sample-backup.ts'
import { fixedState, now, type Pressed, plansOf, press, tell, typed } from './fixed-world.ts'

const seconds = (count: number): Date => new Date(now.getTime() + count * 1000)

/** The task that a press began. */
function begunBy({ effects }: Pressed): Extract<Effect, { kind: 'run' }>['task'] {
  const [effect] = effects
  if (effect?.kind !== 'run') throw new Error(`Nothing was begun, but ${JSON.stringify(effect)}`)
  return effect.task
}

function pathOf(state: State): readonly string[] {
  return state.places.map(({ kind }) => kind)
}

describe('moving about', () => {
  test('goes row by row, page by page, and not beyond the ends', async () => {
    const start = await fixedState()
    const chosen = (...keys: string[]): string | null => {
      const { state } = press(start, ...keys)
      const place = placeOf(state)
      return 'selected' in place ? selectedKey(state, place) : null
    }

    expect(chosen()).toBe('postgres=db:5432/orders')
    expect(chosen('down', 'j')).toBe('postgres=db:5432/invoices')
    expect(chosen('down', 'j', 'k')).toBe('postgres=db:5432/library')
    expect(chosen('up')).toBe('postgres=db:5432/orders')
    expect(chosen('end')).toContain('postgres=db:5432/%E6%97%A5')
    expect(chosen('pageDown', 'down')).toBe(chosen('end'))
    expect(chosen('G', 'g')).toBe('postgres=db:5432/orders')
  })

  test('leads from the overview to a backup and back, and to the numbered screens', async () => {
    const start = await fixedState()

    expect(pathOf(press(start, 'enter', 'enter').state)).toStrictEqual([
      'overview',
      'database',
      'backup',
    ])
    expect(pathOf(press(start, 'enter', 'enter', 'escape').state)).toStrictEqual([
      'overview',
      'database',
    ])
    expect(pathOf(press(start, 'escape').state)).toStrictEqual(['overview'])
    expect(pathOf(press(start, 'enter', '3', 'enter').state)).toStrictEqual([
      'overview',
      'log',
      'run',
    ])
    expect(pathOf(press(start, 'enter', '2', '4', '1').state)).toStrictEqual(['overview'])
    expect(pathOf(press(start, 'enter', '?', 'escape').state)).toStrictEqual([
      'overview',
      'database',
    ])
  })

  test('keeps the chosen backup when a refresh brings a newer one', async () => {
    const { state } = press(await fixedState(), 'enter', 'down', 'down')
    const place = placeOf(state)
    if (place.kind !== 'database' || state.world.observation === null) throw new Error(place.kind)
    const before = selectedKey(state, place)
    const { observation } = state.world
    const [orders, ...others] = observation.statuses
    if (orders === undefined) throw new Error('no status')
    const [newest] = orders.backups
    if (newest === undefined) throw new Error('no backup')
    const newer = { ...newest, path: `newer/${newest.path}`, takenAt: now }
    const statuses = [{ ...orders, backups: [newer, ...orders.backups] }, ...others]

    const after = tell(state, { kind: 'observed', observation: { ...observation, statuses } }).state

    const afterwards = placeOf(after)
    expect(afterwards.kind === 'database' && selectedKey(after, afterwards)).toBe(before)
  })

  test('filters what is listed, and gives all back on Esc', async () => {
    const start = await fixedState()
    const filtered = press(start, '/', ...typed('ORD'), 'enter').state

    const place = placeOf(filtered)
    expect('filter' in place && place.filter).toBe('ORD')
    expect(placeOf(press(filtered, 'escape').state)).toMatchObject({ filter: '' })
    // Letters of a filter are no commands, and Esc takes back what was typed.
    expect(press(start, '/', 'q').effects).toStrictEqual([])
    expect(press(start, '/', 'q', 'escape').state).toStrictEqual(start)
    expect(placeOf(press(start, '/', 'é', '語', 'backspace').state)).toMatchObject({ filter: 'é' })
  })
})

describe('an action', () => {
  test('begins after its question only, and shows its command', async () => {
    const start = await fixedState()
    const asked = press(start, 'down', 'v')

    expect(asked.effects).toStrictEqual([])
    expect(asked.state.dialog).toMatchObject({ kind: 'consent', task: { kind: 'verify' } })
    expect(press(asked.state, 'x', 'q').effects).toStrictEqual([])
    expect(press(asked.state, 'escape').state).toMatchObject({ dialog: null, operation: null })
    const run = press(asked.state, 'enter')
    expect(commandOf(begunBy(run))).toBe('backup.sh -v postgres=db/library')
    expect(pathOf(run.state)).toStrictEqual(['overview', 'operation'])
  })

  test.each([
    [['b', 'enter'], 'backup.sh -1 --only postgres=db/orders'],
    [['B', 'enter'], 'backup.sh -1'],
    [['V', 'enter'], 'backup.sh -v all'],
    [['c', 'enter'], 'backup.sh --check postgres=db/orders'],
    [['C', 'enter'], 'backup.sh --check all'],
    [['m', 'enter'], 'backup.sh --mirror'],
    [['t', ...typed('yes'), 'enter'], 'backup.sh --test-notify'],
    [
      ['enter', 'down', 'i', 'enter'],
      'backup.sh --pin 2026-11-19/db-orders_2026-11-19_01-00-00.sql.gz',
    ],
    [
      ['enter', 'down', 'enter', 'v', 'enter'],
      'backup.sh -v postgres=db/orders -f 2026-11-19/db-orders_2026-11-19_01-00-00.sql.gz',
    ],
    [
      ['end', 'b', 'enter'],
      "backup.sh -1 --only 'postgres=db/日本語データベース名前長い長い長い長い長'",
    ],
  ])('%j is %s', async (keys, command) => {
    expect(commandOf(begunBy(press(await fixedState(), ...keys)))).toBe(command)
  })

  test('that people are told of needs a whole word', async () => {
    const start = await fixedState()

    const { state, effects } = press(start, 't', ...typed('ye'), 'enter')

    expect(effects).toStrictEqual([])
    expect(state.notice?.text).toBe('Type exactly: yes')
  })

  test('without a mirror says how to get one', async () => {
    const start = await fixedState()
    const { state } = press({ ...start, world: { ...start.world, mirrors: [] } }, 'm')

    expect(state).toMatchObject({ dialog: null, notice: { tone: 'warn' } })
  })

  test('of pruning shows its plan first, and deletes for a word only', async () => {
    const start = await fixedState()
    const preview = press(start, 'p')
    const planned = tell(preview.state, { kind: 'prune-planned', plans: plansOf(start) }).state

    expect(preview.effects).toMatchObject([{ kind: 'plan-pruning' }])
    expect(press(preview.state, 'enter').state.dialog).toBeNull()
    expect(press(planned, 'enter', 'enter').effects).toStrictEqual([])
    const run = press(planned, 'enter', ...typed('delete'), 'enter')
    expect(begunBy(run)).toMatchObject({ kind: 'prune', doomed: 2 })
    expect(commandOf(begunBy(run))).toBe('backup.sh -p --only postgres=db/orders')
  })
})

const plan = {
  serverVersion: '15.18',
  user: 'postgres',
  targetExists: true,
  targetBytes: 30_000_000,
  owner: 'shop',
  missingRoles: [],
  keptAs: null,
  warnings: [],
}

describe('a restore', () => {
  /** The form, for the newest good backup. */
  async function form(): Promise<State> {
    const { state } = press(await fixedState(), 'r')
    expect(state.notice?.text).toContain('Choose the backup')
    return press(state, 'r').state
  }

  function draftIn(
    state: State,
  ): Extract<ReturnType<typeof placeOf>, { kind: 'restore' }>['draft'] {
    const place = placeOf(state)
    if (place.kind !== 'restore') throw new Error(`This is ${place.kind}.`)
    return place.draft
  }

  test('is checked, then asked for by the name of the database, then done', async () => {
    const asked = press(await form(), 'down', ' ', 'enter')
    const draft = draftIn(asked.state)
    expect(asked.effects).toStrictEqual([{ kind: 'check-restore', draft }])
    expect(draft).toMatchObject({ keepOld: true, check: { state: 'running' } })

    const target = draft.source
    const possible = tell(asked.state, {
      kind: 'restore-checked',
      draft,
      check: { state: 'possible', target, plan },
    }).state
    const question = press(possible, 'enter')
    expect(question.effects).toStrictEqual([])
    expect(press(question.state, 'y', 'enter').effects).toStrictEqual([])
    expect(press(question.state, ...typed('order'), 'enter').effects).toStrictEqual([])

    const run = press(question.state, ...typed('orders'), 'enter')
    expect(begunBy(run)).toMatchObject({
      kind: 'restore',
      target: { spec: { database: 'orders' } },
    })
    expect(commandOf(begunBy(run))).toBe(
      'backup.sh -r postgres=db/orders -f 2026-11-20/db-orders_2026-11-20_01-00-00.sql.gz --keep-old',
    )
    expect(pathOf(run.state)).toStrictEqual(['overview', 'database', 'operation'])
  })

  test('cannot keep what it drops first: one switch turns the other off', async () => {
    const kept = press(await form(), 'down', ' ').state
    const dropped = press(kept, 'down', ' ').state
    const again = press(dropped, 'up', ' ').state
    expect(draftIn(kept)).toMatchObject({ keepOld: true, inPlace: false })
    expect(draftIn(dropped)).toMatchObject({ keepOld: false, inPlace: true })
    expect(draftIn(again)).toMatchObject({ keepOld: true, inPlace: false })
  })

  test('can be from a mirror, when the volume has no good backup', async () => {
    const start = press(await fixedState(), 'down', 'down', 'down', 'down', 'r').state
    expect(start.notice?.text).toContain('f looks into the mirrors')
    const asked = press(start, 'f')
    expect(asked.effects).toStrictEqual([{ kind: 'read-store', store: 's3' }])

    const backup = sampleBackup({ at: new Date('2026-11-19T01:00:00Z'), core: 'db-archive' })
    const backups = new Map([['postgres=db:5432/archive', [backup]]])
    const { state } = tell(asked.state, {
      kind: 'store-read',
      store: 's3',
      elsewhere: { state: 'read', backups },
    })

    expect(press(state, 'i').state.notice?.text).toContain('Only backups of the volume')
    const flags = `postgres=db/archive -f ${backup.path} --from s3`
    expect(commandOf(begunBy(press(state, 'v', 'enter')))).toBe(`backup.sh -v ${flags}`)
    const elsewhere = press(state, 'r').state
    expect(commandLine(restoreFlags(draftIn(elsewhere)))).toBe(`backup.sh -r ${flags}`)
    // Round the stores, and on the volume again.
    expect(press(state, 'f')).toMatchObject({ effects: [] })
    expect(placeOf(press(state, 'f').state)).toMatchObject({ kind: 'database', store: null })
  })

  test.each([
    [{ targetExists: false }, {}, ['does not exist', 'is created'], ['replaced by', 'dropped']],
    [{}, { inPlace: true }, ['is dropped first', 'are ended'], ['names are swapped', 'new one']],
    [{}, {}, ['dropped when the new one stands', 'are ended'], ['dropped first']],
    [{ keptAs: 'orders_old' }, {}, ['stays, under a dated name', 'are ended'], ['dropped']],
  ])('asks about what will be: %j %j', async (...row) => {
    const [found, chosen, said, unsaid] = row
    const { state } = await form().then((start) => press(start, 'enter'))
    const place = placeOf(state)
    if (place.kind !== 'restore') throw new Error(place.kind)
    const draft = { ...place.draft, ...chosen }
    const asking = { ...state, places: [...state.places.slice(0, -1), { ...place, draft }] }
    const check = {
      state: 'possible',
      target: draft.source,
      plan: { ...plan, keptAs: null, ...found },
    } as const
    const question = press(
      tell(asking, { kind: 'restore-checked', draft, check }).state,
      'enter',
    ).state

    const { dialog } = question
    if (dialog?.kind !== 'consent') throw new Error('no question')
    const text = statementOf(dialog.task).join(' ')
    for (const part of said) expect(text).toContain(part)
    for (const part of unsaid) expect(text).not.toContain(part)
  })

  test('that is changed after its check has to be checked again', async () => {
    const asked = press(await form(), 'enter')
    const draft = draftIn(asked.state)
    const check = { state: 'possible', target: draft.source, plan } as const
    const possible = tell(asked.state, { kind: 'restore-checked', draft, check }).state

    const changed = press(possible, 'down', 'down', ' ')
    expect(changed.effects).toStrictEqual([{ kind: 'stop-check' }])
    expect(draftIn(changed.state)).toMatchObject({ inPlace: true, check: { state: 'none' } })
    // The answer about the draft of before comes late.
    const late = tell(changed.state, { kind: 'restore-checked', draft, check }).state
    expect(draftIn(late).check).toStrictEqual({ state: 'none' })
  })

  test('takes letters for what is typed where something is typed', async () => {
    const elsewhere = press(await form(), 'ctrl-u', ...typed('db/q?'), 'backspace').state
    expect(draftIn(elsewhere).target).toBe('db/q')
    expect(pathOf(elsewhere)).toStrictEqual(['overview', 'database', 'restore'])

    const secret = press(elsewhere, 'up', ...typed('pass word')).state
    expect(draftIn(secret).password).toBe('pass word')
    const commands = press(press(secret, 'enter').state, 'escape').effects
    expect(commands).toStrictEqual([{ kind: 'stop-check' }])
  })
})

describe('an operation', () => {
  async function running(): Promise<State> {
    return press(await fixedState(), 'v', 'enter').state
  }

  test('shows how far it is, and what it said', async () => {
    const start = await running()
    const [database] = start.world.databases
    if (database === undefined) throw new Error('no database')
    const { state } = tell(
      start,
      {
        kind: 'told',
        event: { kind: 'verification-started', database, path: '/backups/a.sql.gz' },
      },
      { kind: 'told', event: { kind: 'warning', database: null, text: 'The client is old.' } },
      {
        kind: 'told',
        event: {
          kind: 'verification-grew',
          database,
          bytes: 10_000_000,
          expectedBytes: 40_000_000,
        },
      },
    )

    const [progress] = state.operation?.progress ?? []
    if (progress === undefined) throw new Error('no progress')
    expect(rateOf(progress, seconds(5))).toBe(2_000_000)
    expect(secondsLeft(progress, seconds(5))).toBe(15)
    expect(partOf(progress)).toBe(0.25)
    expect(state.operation?.log.map(({ text }) => text)).toStrictEqual([
      'Restoring /backups/a.sql.gz into a scratch server ...',
      'The client is old.',
    ])
  })

  test('shows how far a copy is, of one backup after the other, and which failed', async () => {
    const [database] = (await fixedState()).world.databases
    if (database === undefined) throw new Error('no database')
    const grown = { kind: 'mirror-grew', database, store: 's3', expectedBytes: 100 } as const
    const done = { kind: 'mirrored', database, store: 's3', path: '/b/x', elapsedMs: 1 } as const
    const failed = {
      kind: 'mirror-failed',
      store: 's3',
      path: '/b/y',
      error: new Error('x'),
    } as const
    const name = `${database.spec.written} to s3`
    let operation = begun({ kind: 'mirror', databases: { list: [database], all: false } }, now)

    operation = advance(operation, { ...grown, bytes: 50 }, seconds(1))
    expect(operation.progress).toMatchObject([{ name, bytes: 50, endedAt: null }])
    operation = advance(operation, { ...done, bytes: 100 }, seconds(2))
    expect(operation.progress).toMatchObject([{ name, bytes: 100, ok: true }])
    operation = advance(operation, { ...grown, bytes: 10 }, seconds(3))
    expect(operation.progress).toMatchObject([{ startedAt: seconds(3), endedAt: null, ok: null }])
    operation = advance(operation, failed, seconds(4))
    expect(operation.progress).toMatchObject([{ name, endedAt: seconds(4), ok: false }])
  })

  test('goes on when one looks elsewhere, and lets no second one begin', async () => {
    const elsewhere = press(await running(), 'escape').state

    expect(elsewhere.operation?.endedAt).toBeNull()
    expect(press(elsewhere, 'b').state).toMatchObject({ dialog: null, notice: { tone: 'warn' } })
    expect(press(elsewhere, 'enter', 'r').state.notice?.text).toContain('running already')
    expect(pathOf(press(elsewhere, '5').state)).toStrictEqual(['overview', 'operation'])
  })

  test('is cancelled, and left, after a question only', async () => {
    const start = await running()

    expect(press(start, 'x').effects).toStrictEqual([])
    expect(press(start, 'x', 'n').state.operation?.isCancelled).toBe(false)
    expect(press(start, 'x', 'y').effects).toStrictEqual([{ kind: 'cancel' }])
    for (const key of ['q', 'ctrl-c']) {
      expect(press(start, key).effects).toStrictEqual([])
      expect(press(start, key, 'escape').state.dialog).toBeNull()
      expect(press(start, key, 'y').effects).toStrictEqual([{ kind: 'leave' }])
    }
  })

  test('ends with an outcome, and with a new look at the volume', async () => {
    const error = new Refusal('It broke.', { reason: 'Because.', advice: 'Mend it.' })
    const start = tell(await running(), {
      kind: 'told',
      event: failure(await running(), error),
    }).state
    const elsewhere = press(start, 'x', 'escape', 'escape').state

    const { state, effects } = tell(elsewhere, {
      kind: 'ended',
      outcome: { ok: false, lines: [{ text: '0 of 1.', tone: 'bad' }] },
    })

    expect(effects).toStrictEqual([{ kind: 'observe' }])
    expect(state.operation).toMatchObject({ endedAt: now, isSeen: false, outcome: { ok: false } })
    expect(state.operation?.log.map(({ text }) => text)).toStrictEqual([
      'Failed to back up postgres=db/orders.',
      'It broke.',
      'Why: Because.',
      'Now: Mend it.',
      '0 of 1.',
    ])
    expect(press(state, 'q').effects).toStrictEqual([{ kind: 'leave' }])
    expect(press(state, '5', 'escape').state.operation?.isSeen).toBe(true)
  })

  test('keeps the end of a long log', async () => {
    const texts = Array.from({ length: 700 }, (_, at) => `line ${at}`)
    const { state } = tell(
      await running(),
      ...texts.map((text) => ({ kind: 'warned', lines: [{ text, tone: 'plain' }] }) as const),
    )

    expect(state.operation?.log).toHaveLength(500)
    expect(state.operation?.log.at(-1)?.text).toBe('line 699')
  })

  test('knows no rate before there are bytes, and nothing is left of what has ended', async () => {
    const [database] = (await fixedState()).world.databases
    if (database === undefined) throw new Error('no database')
    const task = { kind: 'check', databases: { list: [database], all: false } } as const
    expect(begun(task, now)).toMatchObject({ endedAt: null, log: [], progress: [] })
    const progress = {
      name: 'db',
      startedAt: now,
      endedAt: null,
      bytes: 0,
      expectedBytes: 100,
      ok: null,
    }
    expect(rateOf(progress, seconds(3))).toBeNull()
    expect(secondsLeft({ ...progress, bytes: 50, endedAt: seconds(5) }, seconds(9))).toBeNull()
    expect(partOf({ ...progress, endedAt: seconds(5), ok: true })).toBe(1)
  })

  test('that has ended well has all its bytes, whatever was heard last', async () => {
    const start = await running()
    const [database] = start.world.databases
    if (database === undefined) throw new Error('no database')
    const { manifest } = sampleBackup({ at: now, core: 'db-orders' })
    if (manifest === null) throw new Error('no manifest')
    const grew = { database, bytes: 374, expectedBytes: 900_000 }
    const bytesAfter = (...events: readonly RunEvent[]): number | undefined =>
      tell(start, ...events.map((event) => ({ kind: 'told', event }) as const)).state.operation
        ?.progress[0]?.bytes

    const path = '/backups/a.sql.gz'
    expect(
      bytesAfter(
        { kind: 'backup-grew', ...grew },
        {
          kind: 'backup-succeeded',
          database,
          path,
          manifest: { ...manifest, bytes: 1_036_288 },
          elapsedMs: 1,
        },
      ),
    ).toBe(1_036_288)
    const restored = { database, path, keptAs: null, errors: [], missing: [], elapsedMs: 1 }
    expect(
      bytesAfter({ kind: 'restore-grew', ...grew }, { kind: 'restore-succeeded', ...restored }),
    ).toBe(900_000)
  })

  test('that has ended lets what it advises be done where it is read', async () => {
    const over = tell(await running(), {
      kind: 'ended',
      outcome: { ok: true, lines: [] },
    }).state

    expect(press(over, 'v').state.dialog).toMatchObject({
      kind: 'consent',
      task: { kind: 'verify' },
    })
    expect(press(over, 'm').state.dialog).toMatchObject({ task: { kind: 'mirror' } })
    expect(press(over, 'r').state.notice?.text).toContain('then press r')
    expect(press(await running(), 'v').state.dialog).toBeNull()
    expect(press(await fixedState(), '5').state.notice?.text).toContain('Nothing has been started')
  })

  test('leaves no question about what still runs', async () => {
    const over = { kind: 'ended', outcome: { ok: true, lines: [] } } as const
    const asked = press(await running(), 'ctrl-c').state
    expect(asked.dialog).toStrictEqual({ kind: 'leave' })

    expect(tell(asked, over).state.dialog).toBeNull()
    const leaving = press(asked, 'y').state
    expect(tell(leaving, over).state.dialog).toStrictEqual({ kind: 'leave' })
  })

  test('reads anew what a mirror holds that is looked at', async () => {
    const looked = press(await fixedState(), 'enter', 'f').state
    const elsewhere = { state: 'read', backups: new Map() } as const
    const read = tell(looked, { kind: 'store-read', store: 's3', elsewhere }).state
    const { state, effects } = tell(press(read, 'b', 'enter').state, {
      kind: 'ended',
      outcome: { ok: true, lines: [] },
    })

    expect(effects).toStrictEqual([{ kind: 'observe' }, { kind: 'read-store', store: 's3' }])
    expect(state.world.elsewhere.get('s3')).toStrictEqual({ state: 'reading' })
  })
})

function failure(
  state: State,
  error: unknown,
): Extract<Parameters<typeof tell>[1], { kind: 'told' }>['event'] {
  const [database] = state.world.databases
  if (database === undefined) throw new Error('no database')
  return { kind: 'backup-failed', database, error, elapsedMs: 1_000 }
}

test('what retention says is read anew with the backups of the database that is shown', async () => {
  const { state, effects } = press(await fixedState(), 'enter')
  const [database] = state.world.databases
  const { observation } = state.world
  if (database === undefined || observation === null) throw new Error('no world')

  expect(effects).toStrictEqual([{ kind: 'read-retention', database }])
  expect(tell(state, { kind: 'observed', observation }).effects).toStrictEqual(effects)
  const retention = { decisions: new Map(), dates: new Map() }
  const identity = identityOf(database.spec)
  const read = tell(state, { kind: 'retention-read', identity, retention }).state
  expect(read.world.retention.get(identity)).toBe(retention)
})
