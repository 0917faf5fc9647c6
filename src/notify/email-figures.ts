import type { NoticeFigures, NoticeKind } from '../model/index.ts'

/** What happened, as the subject says it. */
export const titles = {
  'service-started': 'Service started',
  'backup-succeeded': 'Backup succeeded',
  'backup-failed': 'Backup failed',
  'verification-succeeded': 'Verification succeeded',
  'verification-failed': 'Verification failed',
  'restore-succeeded': 'Restore succeeded',
  'restore-failed': 'Restore failed',
  pruned: 'Old backups pruned',
  'prune-failed': 'Pruning failed',
  'mirror-succeeded': 'Copied to a mirror',
  'mirror-failed': 'Copying to a mirror failed',
  'mirror-caught-up': 'A mirror has caught up',
  'configuration-error': 'Mistake in the configuration',
  'missed-run': 'A run was missed',
  anomaly: 'Anomaly',
  warning: 'Warning',
  remark: 'Remark',
  cycle: 'Backup cycle',
  'verification-run': 'Verification run',
  'restore-run': 'Restore run',
  'prune-run': 'Pruning run',
  'mirror-run': 'Mirror run',
  test: 'Test',
} as const satisfies Record<NoticeKind, string>

type Row = readonly [label: string, value: string]

/** The figures that there are, for a list of two columns. */
export function figureRows(figures: NoticeFigures): readonly Row[] {
  const { file, store, bytes, databaseBytes, durationMs, verdict, removed, tables, rows } = figures
  const all: readonly (readonly [label: string, value: string | undefined])[] = [
    ['File', file],
    ['Store', store],
    ['Size of the backup', bytes === undefined ? undefined : sizeText(bytes)],
    ['Size of the database', databaseBytes === undefined ? undefined : sizeText(databaseBytes)],
    ['Duration', durationMs === undefined ? undefined : durationText(durationMs)],
    ['Verdict', verdict],
    ['Backups removed', countText(removed)],
    ['Tables', countText(tables)],
    ['Rows', countText(rows)],
  ]
  return all.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const]))
}

/** What the message does not say already of the error. */
export function errorRows(error: NoticeFigures['error'], message: string): readonly Row[] {
  if (error === undefined) return []
  const rows: readonly Row[] = [
    ['What happened', error.message],
    ['Why', error.reason],
    ['What to do', error.advice],
  ]
  return rows.filter(([, value]) => value !== '' && !message.includes(value))
}

/** The table of a cycle: database, result, size, duration, problem; with its heading. */
export function databaseTable(databases: NonNullable<NoticeFigures['databases']>): {
  readonly heading: readonly string[]
  readonly rows: readonly { readonly ok: boolean; readonly cells: readonly string[] }[]
} {
  return {
    heading: ['Database', 'Result', 'Size', 'Duration', 'Problem'],
    rows: databases.map(({ spec, ok, bytes, durationMs, problem }) => ({
      ok,
      cells: [
        spec,
        ok ? 'OK' : 'FAILED',
        bytes === undefined ? '' : sizeText(bytes),
        durationMs === undefined ? '' : durationText(durationMs),
        problem ?? '',
      ],
    })),
  }
}

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** `812 B`, `7.4 MB`, in powers of 1024. */
function sizeText(bytes: number): string {
  let value = bytes
  for (const unit of units) {
    const digits = unit !== 'B' && value < 9.95 ? 1 : 0
    const text = value.toFixed(digits)
    if (Number(text) < 1024 || unit === 'PB') return `${text} ${unit}`
    value /= 1024
  }
  return `${bytes} B`
}

/** `0.8 s`, `42 s`, `3 min 7 s`, `2 h 5 min`. */
function durationText(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function countText(count: number | undefined): string | undefined {
  return count?.toLocaleString('en')
}
