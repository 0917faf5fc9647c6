import type { ConfiguredDatabase, Manifest, RunEvent, Tell } from '../model/index.ts'
import { showError } from './error-lines.ts'
import { duSize, elapsedText, minuteText, prettySize } from './format.ts'
import { LiveProgress } from './live-progress.ts'
import { showingMirrors } from './mirror-lines.ts'
import { showRestored, showRestoreFailed } from './restore-lines.ts'
import type { Screen } from './screen.ts'
import { showingService } from './service-lines.ts'
import { showVerificationEnd, showVerificationStart } from './verification-lines.ts'

/**
 * Shows a cycle in the original's lines (contract 7.3), which people grep for in pod logs: what
 * was done on stdout, problems and progress on stderr.
 */
export function eventLines(screen: Screen): Tell {
  const progress = new LiveProgress(screen)
  return (event) => {
    progress.follow(event)
    showEvent(screen, event)
  }
}

/** The same on stderr only, for `--json`: stdout belongs to the document. */
export function problemLines(screen: Screen): Tell {
  return (event) => {
    if (event.kind === 'warning' || event.kind === 'anomaly') showWarning(screen, event)
    if (event.kind === 'remark') showEvent(screen, event)
    if (event.kind === 'backup-failed' || event.kind === 'prune-failed')
      showError(screen, event.error)
    if (event.kind === 'mirror-failed' || event.kind === 'copy-given-up') showEvent(screen, event)
  }
}

type Of<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>
type Showing = { readonly [Kind in RunEvent['kind']]: (screen: Screen, event: Of<Kind>) => void }

/** A new kind of event does not compile until it has its line here; progress has a live line. */
const showing: Showing = {
  warning: showWarning,
  remark: (screen, event) => showWarning(screen, { ...event, database: null }),
  anomaly: showWarning,
  'run-planned': nothing,
  'backup-skipped': (screen, { database, frequency, dueFrom }) => {
    const when = dueFrom === null ? 'never due' : `due from ${minuteText(dueFrom)} on`
    screen.say()
    screen.say(`Skipping ${database.spec.written}: ${frequency.written}, ${when}.`, 'yellow')
  },
  'backup-started': (screen, { database, partialPath }) => {
    screen.say()
    screen.say(`Backing up '${untyped(database)}' to '${partialPath}' ...`, 'green')
  },
  'backup-grew': nothing,
  'mirror-grew': nothing,
  'records-grew': nothing,
  'backup-succeeded': showSuccess,
  'backup-failed': showFailure,
  pruned: showPruned,
  'prune-failed': (screen, { error }) => showError(screen, error),
  ...showingMirrors,
  'verification-started': showVerificationStart,
  'verification-grew': nothing,
  'verification-ended': showVerificationEnd,
  'restore-started': nothing,
  'restore-grew': nothing,
  'restore-succeeded': showRestored,
  'restore-failed': showRestoreFailed,
  ...showingService,
}

export function showEvent<Kind extends RunEvent['kind']>(screen: Screen, event: Of<Kind>): void {
  const show = showing[event.kind] as (screen: Screen, event: Of<Kind>) => void
  show(screen, event)
}

function nothing(): void {
  // Progress is shown by the live line, and only on a terminal.
}

function showWarning(
  screen: Screen,
  event: Pick<Of<'warning' | 'anomaly'>, 'database' | 'text'>,
): void {
  const about = event.database === null ? '' : `${event.database.spec.written}: `
  screen.tell(`[WARN] - ${about}${event.text}`, 'yellow')
}

function showSuccess(screen: Screen, event: RunEvent & { kind: 'backup-succeeded' }): void {
  const { database, path, manifest, elapsedMs } = event
  screen.say(`Successfully backed up ${database.spec.written}.`, 'green')
  screen.say(`Backup written to ${path}.`)
  if (manifest.databaseBytes !== null) {
    screen.say(`Database Size: ${prettySize(manifest.databaseBytes)}`)
  }
  screen.say(`Backup Size: ${duSize(manifest.bytes)}`)
  const counted = countedText(manifest)
  if (counted !== null) screen.say(counted)
  screen.say()
  screen.say(`Elapsed time: ${elapsedText(elapsedMs)} - Status Code: 0`)
}

function countedText({ fingerprint }: Manifest): string | null {
  if (fingerprint.tables === null) return null
  const rows = fingerprint.tables.reduce((sum, table) => sum + table.rows, 0)
  const count = fingerprint.tables.length
  return `Rows Counted: ${rows} in ${count} ${count === 1 ? 'table' : 'tables'}`
}

function showFailure(screen: Screen, event: RunEvent & { kind: 'backup-failed' }): void {
  const { database, error, elapsedMs } = event
  screen.tell(`[!!ERROR!!] - Failed to backup ${database.spec.written}.`, 'red')
  showError(screen, error)
  screen.tell(`Elapsed time: ${elapsedText(elapsedMs)} - Status Code: 1`)
}

function showPruned(screen: Screen, { database, removed }: RunEvent & { kind: 'pruned' }): void {
  if (removed.length === 0) return
  screen.say(`Pruning ${database.core} backups ...`, 'yellow')
  for (const path of removed) screen.say(`removed '${path}'`)
}

/** `host[:port]/database` as written, without the type. */
function untyped({ spec }: ConfiguredDatabase): string {
  return spec.written.slice(spec.written.indexOf('=') + 1)
}
