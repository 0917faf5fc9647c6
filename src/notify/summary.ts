import type { Notice, NoticeFigures } from '../model/index.ts'

type Row = NonNullable<NoticeFigures['databases']>[number]

const ends: ReadonlySet<Notice['kind']> = new Set([
  'backup-succeeded',
  'backup-failed',
  'verification-succeeded',
  'verification-failed',
])

/**
 * One notice for a whole run, in place of all of its own (NOTIFY_SUMMARY): as bad as the worst,
 * with a line for each database and the words of all that needs a look.
 * @param notices of the run, in their order; at least one.
 */
export function summaryOf(notices: readonly Notice[], at: Date): Notice {
  const rows = notices.filter(({ kind, spec }) => ends.has(kind) && spec !== null).map(rowOf)
  const bad = notices.filter(({ level }) => level === 'ERROR')
  const warnings = notices.filter(({ level }) => level === 'WARN')
  const good = rows.filter(({ ok }) => ok).length
  const others = notices.filter(({ kind, level }) => level === 'INFO' && !ends.has(kind))
  return {
    kind: 'cycle',
    level: levelOf(bad.length, warnings.length),
    at,
    spec: null,
    message: [
      rows.length === 0 ? 'A run has ended.' : `${good} of ${rows.length} databases are all right.`,
      ...rows.map(({ spec, ok }) => `${ok ? 'OK' : 'FAILED'} ${spec}`),
      ...[...bad, ...warnings].flatMap(({ level, message }) => ['', `${level}: ${message}`]),
      ...(others.length === 0 ? [] : ['', ...others.map(({ message }) => message)]),
    ].join('\n'),
    figures: { databases: rows },
  }
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
