import {
  type Backup,
  type ConfiguredDatabase,
  identityOf,
  lastVerification,
  type RunDocument,
} from '../../src/model/index.ts'
import {
  comingRuns,
  type DatabaseStatus,
  type JournalEntry,
  type Observation,
  type PrunePlan,
} from '../../src/operations/index.ts'
import { deletionTimes, planRetention } from '../../src/retention/index.ts'
import type { Key, KeyName } from '../../src/tui/keys.ts'
import type { Effect, Message } from '../../src/tui/message.ts'
import { reduce } from '../../src/tui/reduce.ts'
import { overview, type Retention, type State } from '../../src/tui/state.ts'
import { readLines } from '../config/read.ts'
import { sampleBackup } from '../support/sample-backup.ts'

export const now = new Date('2026-11-20T03:12:00Z')
const hourMs = 3_600_000
const wide = '日本語データベース名前長い長い長い長い長'

/** One database in each state; the last has a name of 63 bytes in wide characters. */
const lines = [
  'postgres=db/orders',
  'postgres=db/library',
  'postgres=db/invoices',
  'postgres=db/customers',
  'postgres=db/archive',
  `postgres=db/${wide}`,
  '0 1 * * * default ./backup.sh -s',
  '0 4 * * * default ./backup.sh -s -v all',
]

function at(hoursAgo: number): Date {
  return new Date(now.getTime() - hoursAgo * hourMs)
}

/** A backup each night, the newest first; the size grows. */
function nights(core: string, count: number, verdict?: 'verified'): readonly Backup[] {
  return Array.from({ length: count }, (_, night) => {
    const backup = sampleBackup({
      at: at(2.2 + 24 * night),
      core: `db-${core}`,
      bytes: 4_000_000 - 90_000 * night,
      rows: 120_500 - 130 * night,
      ...(verdict === undefined || night % 3 > 0 ? {} : { verdict }),
    })
    return backup
  })
}

function status(database: ConfiguredDatabase, change: Partial<DatabaseStatus>): DatabaseStatus {
  const { backups = [] } = change
  return {
    database,
    state: 'good',
    ok: true,
    ...ofLastGood(backups.find(({ quality }) => quality === 'good') ?? null),
    nextRun: new Date('2026-11-21T01:00:00Z'),
    frequency: null,
    provenAt: backups.flatMap((each) => lastVerification(each)?.at ?? [])[0] ?? null,
    backups,
    storeLags: [],
    failures: 0,
    hasLoss: false,
    problem: null,
    ...change,
  }
}

function ofLastGood(
  lastGood: Backup | null,
): Pick<DatabaseStatus, 'lastGood' | 'ageSeconds' | 'verdict' | 'verifiedAt'> {
  if (lastGood === null) return { lastGood, ageSeconds: null, verdict: null, verifiedAt: null }
  const last = lastVerification(lastGood)
  const ageSeconds = Math.round((now.getTime() - lastGood.takenAt.getTime()) / 1000)
  return { lastGood, ageSeconds, verdict: last?.verdict ?? null, verifiedAt: last?.at ?? null }
}

const run: RunDocument = {
  version: 1,
  id: 'c2',
  verb: 'back-up',
  trigger: 'schedule',
  job: '0 1 * * * ./backup.sh -s',
  who: 'backup: backup.sh -s',
  host: 'backup-7c9f',
  pid: 12,
  startedAt: '2026-11-20T01:00:00.000Z',
  endedAt: '2026-11-20T01:02:05.000Z',
  result: 'failed',
  databases: [
    {
      spec: 'postgres=db:5432/orders',
      state: 'succeeded',
      endedAt: '2026-11-20T01:00:09.000Z',
      path: '2026-11-20/db-orders_2026-11-20_01-00-00.sql.gz',
      bytes: 4_000_000,
      error: null,
    },
    {
      spec: 'postgres=db:5432/customers',
      state: 'failed',
      endedAt: '2026-11-20T01:02:05.000Z',
      path: null,
      bytes: null,
      error: {
        message: 'Could not connect to postgres=db/customers.',
        reason: 'Connection refused.',
        advice: 'Check that the server is up, and the host and port of the line in backup.conf.',
      },
    },
  ],
  removed: ['2026-10-20/db-orders_2026-10-20_01-00-00.sql.gz'],
}

const journal: readonly JournalEntry[] = [
  {
    run: {
      ...run,
      id: 'd3',
      verb: 'verify',
      trigger: 'user',
      job: undefined,
      result: null,
      endedAt: null,
      databases: [],
      removed: [],
      startedAt: at(0.1).toISOString(),
      who: 'root: backup.sh --ui',
    },
    state: 'running',
  },
  { run, state: 'failed' },
  {
    run: {
      ...run,
      id: 'b1',
      startedAt: '2026-11-19T01:00:00.000Z',
      endedAt: '2026-11-19T01:00:40.000Z',
      result: 'succeeded',
      removed: [],
    },
    state: 'succeeded',
  },
]

/** What has been read of a volume with something of everything, but nothing is going on. */
async function fixedWorld(): Promise<State['world']> {
  const configuration = await readLines(...lines)
  const [orders, library, invoices, customers, archive, long] = configuration.databases as [
    ConfiguredDatabase,
    ConfiguredDatabase,
    ConfiguredDatabase,
    ConfiguredDatabase,
    ConfiguredDatabase,
    ConfiguredDatabase,
  ]
  const statuses = [
    status(orders, {
      backups: nights('orders', 33, 'verified'),
      storeLags: [{ store: 's3', backups: 2, seconds: 100_000 }],
    }),
    status(library, { backups: nights('library', 3) }),
    status(invoices, {
      backups: nights('invoices', 9, 'verified').slice(4),
      state: 'late',
      ok: false,
    }),
    status(customers, {
      backups: nights('customers', 5, 'verified').slice(1),
      state: 'failed',
      ok: false,
      problem: 'Could not connect to postgres=db/customers.',
    }),
    status(archive, { state: 'never', ok: false }),
    status(long, { backups: nights('long', 2, 'verified'), state: 'running' }),
  ]
  const observation: Observation = {
    at: now,
    statuses,
    lock: null,
    volume: { free: 12_000_000_000, total: 100_000_000_000 },
    sizing: {
      backups: { folder: '/backups', needed: null, total: null, free: null, enough: null },
      verification: { folder: '/verify', needed: null, total: null, free: null, enough: null },
      unknown: [],
    },
  }
  return {
    configuration,
    databases: configuration.databases,
    root: '/backups',
    isLocal: true,
    mirrors: ['s3'],
    observation,
    problem: null,
    journal,
    ahead: comingRuns(configuration, journal, { now, limit: 20 }),
    bytesPerDay: 250_000_000,
    elsewhere: new Map(),
    retention: new Map([[identityOf(orders.spec), retentionOf(statuses[0]?.backups ?? [])]]),
  }
}

const policy = {
  rules: [{ kind: 'newest', count: 31 }],
  keepLast: 1,
  minBackups: 1,
  anomalyThreshold: 50,
  staleAfterSeconds: null,
} as const

function retentionOf(backups: readonly Backup[]): Retention {
  const { decisions } = planRetention({ backups, policy, now })
  const times = Array.from({ length: 40 }, (_, day) => new Date(now.getTime() + day * 24 * hourMs))
  return {
    decisions: new Map(decisions.map((decision) => [decision.backup.path, decision])),
    dates: deletionTimes(backups, { times, policy, tierOf: () => null }),
  }
}

/** What pruning would do to the first database. */
export function plansOf({ world }: State): readonly PrunePlan[] {
  const [first] = world.observation?.statuses ?? []
  const { decisions } = planRetention({ backups: first?.backups ?? [], policy, now })
  return [{ database: first?.database ?? null, store: 'volume', decisions }]
}

/** The overview as it is opened, on a terminal of this size. */
export async function fixedState(size: State['size'] = { columns: 80, rows: 24 }): Promise<State> {
  return {
    size,
    color: true,
    now,
    world: await fixedWorld(),
    places: [overview],
    dialog: null,
    operation: null,
    notice: null,
  }
}

const names: ReadonlySet<string> = new Set<KeyName>([
  'up',
  'down',
  'pageUp',
  'pageDown',
  'home',
  'end',
  'enter',
  'escape',
  'tab',
  'backspace',
  'ctrl-c',
  'ctrl-l',
  'ctrl-u',
])

function keyOf(word: string): Key {
  return names.has(word) ? { name: word as KeyName } : { name: 'text', text: word }
}

export interface Pressed {
  readonly state: State
  /** Of the last key. */
  readonly effects: readonly Effect[]
}

/** The state after these keys: `down`, `enter`, or a character. */
export function press(state: State, ...keys: readonly string[]): Pressed {
  return tell(state, ...keys.map((word): Message => ({ kind: 'key', key: keyOf(word) })))
}

/** The state after these messages. */
export function tell(state: State, ...messages: readonly Message[]): Pressed {
  let pressed: Pressed = { state, effects: [] }
  for (const message of messages) pressed = reduce(pressed.state, message, pressed.state.now)
  return pressed
}

/** The keys that type a text. */
export function typed(text: string): readonly string[] {
  return Array.from(text)
}
