import type { ConfiguredDatabase } from '../../src/model/index.ts'
import type { Message } from '../../src/tui/message.ts'
import { placeOf, type State } from '../../src/tui/state.ts'
import { plansOf, press, tell, typed } from './fixed-world.ts'

interface ShownScreen {
  readonly name: string
  readonly about: string
  /** From the overview to there. */
  readonly keys: (start: State) => State
}

const plan = {
  serverVersion: '15.18',
  user: 'backup',
  targetExists: true,
  targetBytes: 30_408_704,
  owner: 'shop',
  missingRoles: ['reporting'],
  keptAs: 'orders_old_2026-11-20_03-12-00',
  warnings: [],
}

/** Every screen there is; docs/ui.md has them in this order. */
export const screens: readonly ShownScreen[] = [
  {
    name: 'Overview',
    about:
      'Opens at once, and is filled as soon as the volume has been read. Below the list is what a narrow terminal has no columns for.',
    keys: (start) => start,
  },
  {
    name: 'Database',
    about: '`Enter` on a database: its backups, why retention keeps each, and when it goes.',
    keys: (start) => press(start, 'enter').state,
  },
  {
    name: 'Backup',
    about:
      '`Enter` on a backup: its manifest, and the rows of each table with the difference to the backup before.',
    keys: (start) => press(start, 'enter', 'down', 'enter').state,
  },
  {
    name: 'Question',
    about:
      'Every action says what will happen and how the command line would say it, before it does anything. `v` on the overview:',
    keys: (start) => press(start, 'v').state,
  },
  {
    name: 'Restore',
    about:
      '`r` on the overview opens the backups with the newest good one chosen; `r` again opens this. `Enter` checks the whole archive and the server, which touches nothing, and then shows what would be done.',
    keys: checkedRestore,
  },
  {
    name: 'Last question before a restore',
    about: 'Only the name of the database is consent.',
    keys: (start) => press(checkedRestore(start), 'enter', ...typed('orde')).state,
  },
  {
    name: 'Operation',
    about:
      '`5`: bytes, rate, what is left, and the end of the log. `Esc` looks elsewhere while it goes on; `x` cancels it, `q` leaves; both ask first.',
    keys: running,
  },
  {
    name: 'Prune',
    about: '`p` on the overview: what would go and what would stay, each with its reasons.',
    keys: (start) => {
      const { state } = press(start, 'p')
      return tell(state, { kind: 'prune-planned', plans: plansOf(state) }).state
    },
  },
  {
    name: 'Schedule',
    about: '`2`: the lines of the schedule with their last results, and the next 20 runs.',
    keys: (start) => press(start, '2').state,
  },
  {
    name: 'Log',
    about: '`3`: the runs on record, from whatever face they were started.',
    keys: (start) => press(start, '3').state,
  },
  {
    name: 'Run',
    about: '`Enter` on a run: what became of each database, with the advice that was given.',
    keys: (start) => press(start, '3', 'down', 'enter').state,
  },
  {
    name: 'Settings',
    about: '`4`: every variable in force, secrets masked. Here with a filter, `/` and `backup`:',
    keys: (start) => press(start, '4', '/', ...typed('backup'), 'enter').state,
  },
  { name: 'Help', about: '`?`, from everywhere.', keys: (start) => press(start, '?').state },
]

function checkedRestore(start: State): State {
  const { state } = press(start, 'r', 'r', 'down', ' ', 'enter')
  const place = placeOf(state)
  if (place.kind !== 'restore') throw new Error(`This is ${place.kind}.`)
  const { draft } = place
  const check = { state: 'possible', target: draft.source, plan } as const
  return tell(state, { kind: 'restore-checked', draft, check }).state
}

function running(start: State): State {
  const { state } = press(start, 'V', 'enter')
  const [first, second] = state.world.databases as [ConfiguredDatabase, ConfiguredDatabase]
  const verification = {
    verdict: 'verified',
    at: '2026-11-20T03:12:09.000Z',
    differences: [],
  } as const
  const path = '/backups/2026-11-20/db-orders_2026-11-20_01-00-00.sql.gz'
  const events: readonly Extract<Message, { kind: 'told' }>['event'][] = [
    { kind: 'verification-started', database: first, path },
    { kind: 'verification-grew', database: first, bytes: 31_000_000, expectedBytes: 31_000_000 },
    {
      kind: 'verification-ended',
      newestBad: null,
      database: first,
      path,
      verification,
      elapsedMs: 9_000,
    },
    { kind: 'verification-started', database: second, path: path.replaceAll('orders', 'library') },
  ]
  const after = tell(state, ...events.map((event): Message => ({ kind: 'told', event }))).state
  const later = { ...after, now: new Date(after.now.getTime() + 4_000) }
  return tell(later, {
    kind: 'told',
    event: {
      kind: 'verification-grew',
      database: second,
      bytes: 9_800_000,
      expectedBytes: 29_000_000,
    },
  }).state
}
