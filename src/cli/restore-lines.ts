import type { RestorePlan } from '../engines/index.ts'
import type { Backup, ConfiguredDatabase, RunEvent } from '../model/index.ts'
import type { RestoreResult } from '../operations/index.ts'
import { ageText, elapsedText, minuteText, prettySize } from './format.ts'
import type { Screen } from './screen.ts'

/** What is about to happen, to be seen before anything does. */
export interface RestoreView {
  readonly source: ConfiguredDatabase
  readonly target: ConfiguredDatabase
  readonly backup: Backup
  /** Absolute. */
  readonly path: string
  readonly now: Date
}

export function showRestoreSettings(screen: Screen, view: RestoreView): void {
  const { source, target, backup, path, now } = view
  const age = Math.max(0, (now.getTime() - backup.takenAt.getTime()) / 1000)
  screen.say('Restoring database ...', 'blue')
  screen.say()
  screen.say('Settings:', 'blue')
  screen.say(`- Database: ${source.spec.written}`)
  screen.say(`- Backup file: ${path}`)
  screen.say(`- Taken: ${minuteText(backup.takenAt)} (${ageText(age)} ago)`)
  screen.say(`- Size: ${prettySize(backup.bytes)}`)
  screen.say(`- Target: ${target.spec.written}`)
  screen.say()
}

type Of<Kind extends RunEvent['kind']> = RunEvent & { readonly kind: Kind }

export function showRestored(screen: Screen, event: Of<'restore-succeeded'>): void {
  const { database, path, keptAs, errors, missing, elapsedMs } = event
  screen.say(`Restored ${database.spec.written} from ${path}.`)
  if (keptAs !== null) screen.say(`The database that was there before is now called ${keptAs}.`)
  if (errors.length > 0) {
    screen.tell(`[WARN] - ${errors.length} SQL errors were passed over:`, 'yellow')
    for (const message of errors) screen.tell(`- ${message}`)
  }
  if (missing.length > 0) {
    screen.tell('[!!ERROR!!] - Restored with losses: rows are missing, as told above.', 'red')
    screen.tell(`Elapsed time: ${elapsedText(elapsedMs)} - Status Code: 1`)
    return
  }
  screen.say(`Restore complete - Elapsed time: ${elapsedText(elapsedMs)}`, 'green')
}

export function showRestoreFailed(screen: Screen, { elapsedMs }: Of<'restore-failed'>): void {
  screen.tell(`[!!ERROR!!] - Restore failed. Elapsed time: ${elapsedText(elapsedMs)}`, 'red')
}

export function showRestorePlan(screen: Screen, { target }: RestoreView, plan: RestorePlan): void {
  const { targetExists, targetBytes, owner, missingRoles, keptAs, warnings } = plan
  const size = targetBytes === null ? '' : ` (${prettySize(targetBytes)})`
  for (const text of warnings) screen.tell(`[WARN] - ${text}`, 'yellow')
  screen.say(`- Server: PostgreSQL ${plan.serverVersion}, as user ${plan.user}`)
  if (!targetExists) screen.say(`- ${target.spec.written} does not exist and would be created.`)
  else if (keptAs === null) screen.say(`- ${target.spec.written}${size} would be replaced.`)
  else screen.say(`- ${target.spec.written}${size} would be replaced, and kept as ${keptAs}.`)
  if (owner !== null) screen.say(`- Owner: ${owner}`)
  if (missingRoles.length > 0) {
    screen.say(`- Roles that would be created without login: ${missingRoles.join(', ')}`)
  }
  screen.say('The archive is whole, and the restore can begin. Nothing was touched.', 'green')
}

/** The document of `-r --json`. */
export function restoreDocument(view: RestoreView, { report, elapsedMs }: RestoreResult): unknown {
  return {
    spec: view.target.spec.written,
    path: view.backup.path,
    ok: report.missing.length === 0,
    keptAs: report.keptAs,
    errors: report.errors,
    missing: report.missing,
    warnings: report.warnings,
    phases: report.phases,
    durationMs: Math.round(elapsedMs),
  }
}

/** The document of `-r --dry-run --json`. */
export function restorePlanDocument(view: RestoreView, plan: RestorePlan): unknown {
  return { spec: view.target.spec.written, path: view.backup.path, plan }
}
