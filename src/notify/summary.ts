import type {
  ConfiguredDatabase,
  Notice,
  NoticeFigures,
  NoticeKind,
  RunEvent,
} from '../model/index.ts'

type Row = NonNullable<NoticeFigures['databases']>[number]

/** What a whole run is called. */
const names = {
  cycle: 'Backup cycle',
  'verification-run': 'Verification run',
  'restore-run': 'Restore run',
  'prune-run': 'Pruning run',
  'mirror-run': 'Mirror run',
} as const satisfies Partial<Record<NoticeKind, string>>

/** The kinds of a notice about a whole run. */
export type RunKind = keyof typeof names

/** What a run wanted to do, as far as it has come. */
export class RunPlan {
  readonly #planned = new Map<string, ConfiguredDatabase>()
  readonly #begun = new Set<string>()
  readonly #ended = new Set<string>()
  readonly #skipped = new Set<string>()

  follow(event: RunEvent): void {
    if (event.kind === 'run-planned') {
      for (const it of event.databases) this.#planned.set(it.spec.written, it)
    } else if (event.kind === 'backup-skipped') this.#skipped.add(event.database.spec.written)
    else if (begins.has(event.kind)) this.#note(this.#begun, event)
    else if (ends.has(event.kind)) this.#note(this.#ended, event)
  }

  /** Specs, in their order; here and below. */
  get skipped(): readonly string[] {
    return [...this.#skipped]
  }

  /** All that the run is about, when that is one. */
  get only(): ConfiguredDatabase | null {
    const [only] = this.#planned.values()
    return this.#planned.size === 1 && only !== undefined ? only : null
  }

  /** What should have been done, and has no end. */
  get missing(): readonly { readonly spec: string; readonly isBegun: boolean }[] {
    return [...this.#planned.keys()]
      .filter((spec) => !this.#ended.has(spec) && !this.#skipped.has(spec))
      .map((spec) => ({ spec, isBegun: this.#begun.has(spec) }))
  }

  #note(specs: Set<string>, event: RunEvent): void {
    if ('database' in event && event.database !== null) specs.add(event.database.spec.written)
  }
}

const begins: ReadonlySet<RunEvent['kind']> = new Set([
  'backup-started',
  'verification-started',
  'restore-started',
])
const ends: ReadonlySet<RunEvent['kind']> = new Set([
  'backup-succeeded',
  'backup-failed',
  'verification-ended',
  'restore-succeeded',
  'restore-failed',
])

/** A run that is over. */
export interface EndedRun {
  readonly kind: RunKind
  /** Its own, in their order. */
  readonly notices: readonly Notice[]
  readonly plan: Pick<RunPlan, 'missing' | 'skipped'>
  readonly startedAt: Date
  readonly endedAt: Date
  /** Whether it was told to end before it was done. */
  readonly isInterrupted: boolean
}

const endKinds: ReadonlySet<NoticeKind> = new Set([
  'backup-succeeded',
  'backup-failed',
  'verification-succeeded',
  'verification-failed',
  'restore-succeeded',
  'restore-failed',
])

/**
 * One notice for a whole run, in place of all of its own (NOTIFY_SUMMARY): as bad as the worst,
 * with a line for each database and the words of all that needs a look.
 */
export function summaryOf(run: EndedRun): Notice {
  const { kind, notices, plan, startedAt, endedAt } = run
  const done = notices.filter((notice) => endKinds.has(notice.kind) && notice.spec !== null)
  const told = new Set(done.map(({ spec }) => spec))
  const missing = plan.missing.filter(({ spec }) => !told.has(spec))
  const rows = [...done.map(rowOf), ...missing.map(rowOfMissing)]
  const bad = notices.filter(({ level }) => level === 'ERROR')
  const warnings = notices.filter(({ level }) => level === 'WARN')
  const others = notices.filter((notice) => notice.level === 'INFO' && !endKinds.has(notice.kind))
  return {
    kind,
    level: levelOf(bad.length, warnings.length),
    at: endedAt,
    spec: null,
    message: [
      headline(run, { rows, missing: missing.length, problems: bad.length }),
      ...done.map(({ level, spec }) => `${level === 'ERROR' ? 'FAILED' : 'OK'} ${spec}`),
      ...missing.map((one) => `NOT DONE ${one.spec}: ${stateOf(one)}`),
      ...plan.skipped.map((spec) => `SKIPPED ${spec}: not due yet`),
      ...[...bad, ...warnings].flatMap(({ level, message }) => ['', `${level}: ${message}`]),
      ...(others.length === 0 ? [] : ['', ...others.map(({ message }) => message)]),
    ].join('\n'),
    figures: {
      durationMs: Math.max(0, endedAt.getTime() - startedAt.getTime()),
      databases: rows,
      ...(plan.skipped.length === 0 ? {} : { skipped: plan.skipped }),
    },
  }
}

interface Counts {
  readonly rows: readonly Row[]
  readonly missing: number
  readonly problems: number
}

/** A run without databases of its own has problems, or none. */
function headline({ kind, isInterrupted }: EndedRun, { rows, missing, problems }: Counts): string {
  const name = names[kind]
  const good = rows.filter(({ ok }) => ok).length
  const [only] = rows
  if (missing > 0) {
    const done = rows.length - missing
    const how = isInterrupted ? 'interrupted' : 'ended early'
    const failed = done === good ? '' : `, ${done - good} of them failed`
    return `${name}: ${how}: ${done} of ${rows.length} ${databasesText(rows.length)} done${failed}.`
  }
  if (isInterrupted) return `${name}: interrupted.`
  if (rows.length > 1) return `${name}: ${good} of ${rows.length} databases are all right.`
  if (only !== undefined) return `${name}: the database ${only.ok ? 'is all right' : 'failed'}.`
  if (problems === 0) return `${name}: ended well.`
  return `${name}: ${problems === 1 ? 'a problem' : `${problems} problems`}.`
}

function databasesText(count: number): string {
  return count === 1 ? 'database' : 'databases'
}

function levelOf(errors: number, warnings: number): Notice['level'] {
  if (errors > 0) return 'ERROR'
  return warnings > 0 ? 'WARN' : 'INFO'
}

function rowOf({ spec, level, figures, message }: Notice): Row {
  const { bytes, durationMs, error } = figures
  const ok = level !== 'ERROR'
  return {
    spec: spec ?? '',
    ok,
    ...(bytes === undefined ? {} : { bytes }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(ok ? {} : { problem: onOneLine(error?.message ?? message) }),
  }
}

function onOneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/gu, ' ')
}

type Missing = RunPlan['missing'][number]

function rowOfMissing(missing: Missing): Row {
  return { spec: missing.spec, ok: false, problem: `Not done: ${stateOf(missing)}.` }
}

function stateOf({ isBegun }: Missing): string {
  return isBegun ? 'interrupted' : 'never begun'
}
