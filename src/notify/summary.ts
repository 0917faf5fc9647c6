import type { Notice, NoticeFigures, NoticeKind } from '../model/index.ts'

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

const ends: ReadonlySet<NoticeKind> = new Set([
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
 * @param notices of the run, in their order; at least one.
 */
export function summaryOf(kind: RunKind, notices: readonly Notice[], at: Date): Notice {
  const rows = notices.filter((notice) => ends.has(notice.kind) && notice.spec !== null).map(rowOf)
  const bad = notices.filter(({ level }) => level === 'ERROR')
  const warnings = notices.filter(({ level }) => level === 'WARN')
  const others = notices.filter((notice) => notice.level === 'INFO' && !ends.has(notice.kind))
  return {
    kind,
    level: levelOf(bad.length, warnings.length),
    at,
    spec: null,
    message: [
      headline(kind, rows, bad.length),
      ...rows.map(({ spec, ok }) => `${ok ? 'OK' : 'FAILED'} ${spec}`),
      ...[...bad, ...warnings].flatMap(({ level, message }) => ['', `${level}: ${message}`]),
      ...(others.length === 0 ? [] : ['', ...others.map(({ message }) => message)]),
    ].join('\n'),
    figures: { databases: rows },
  }
}

/** A run without databases of its own has problems, or none. */
function headline(kind: RunKind, rows: readonly Row[], problems: number): string {
  const good = rows.filter(({ ok }) => ok).length
  const [only] = rows
  if (rows.length > 1) return `${names[kind]}: ${good} of ${rows.length} databases are all right.`
  if (only !== undefined)
    return `${names[kind]}: the database ${only.ok ? 'is all right' : 'failed'}.`
  if (problems === 0) return `${names[kind]}: ended well.`
  return `${names[kind]}: ${problems === 1 ? 'a problem' : `${problems} problems`}.`
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
    ...(ok ? {} : { problem: error?.message ?? message }),
  }
}
