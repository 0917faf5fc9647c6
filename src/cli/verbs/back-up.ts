import { exitStatus, Refusal } from '../../model/index.ts'
import {
  backUpAll,
  type CycleReport,
  type CycleResult,
  scheduledTrigger,
} from '../../operations/index.ts'
import { cycleDocument } from '../cycle-document.ts'
import { errorsOfMirrors } from '../mirror-lines.ts'
import { chosen, modeOf, type Session } from '../session.ts'
import { settingsDocument, showSettings } from '../settings-block.ts'
import { showCurrentBackups } from '../show-current-backups.ts'

export async function backUp(session: Session): Promise<number> {
  const { request, appliance } = session
  const databases = chosen(request, appliance)
  const trigger = request.once ? 'once' : scheduledTrigger(appliance)
  showBeginning(session)
  const report = await backUpAll(appliance, {
    databases,
    trigger,
    onlyDue: !request.once && request.only === null,
  })
  await showEnd(session, report)
  return statusOf(errorsIn(report))
}

function showBeginning({ request, appliance, screen, log }: Session): void {
  if (request.json) return
  const { configuration, clock } = appliance
  const view = { configuration, mode: modeOf(request, appliance), now: clock.now() }
  if (log !== null) {
    const { databases } = settingsDocument(view)
    return log.write('info', 'cycle-started', { mode: view.mode, databases })
  }
  screen.say('Starting backup process ...', 'blue')
  screen.say()
  showSettings(screen, view)
}

async function showEnd(
  { request, appliance, screen, log }: Session,
  report: CycleReport,
): Promise<void> {
  if (request.json) return screen.document(cycleDocument(report))
  const { results } = report
  const failed = results.filter(hasFailed).map(({ database }) => database.spec.written)
  const isGood = errorsIn(report).length === 0
  const text = lastLine(request.once ? 'Single' : 'Scheduled', failed, report)
  if (log !== null) {
    const level = isGood ? 'info' : 'error'
    return log.write(level, 'cycle-ended', { databases: results.length, failed, message: text })
  }
  screen.say()
  await showCurrentBackups(screen, appliance)
  if (isGood) screen.say(text, 'green')
  else screen.tell(`[!!ERROR!!] - ${text}`, 'red')
}

function lastLine(
  kind: string,
  failed: readonly string[],
  { results, mirrors }: CycleReport,
): string {
  if (failed.length > 0) {
    return `${kind} backup run failed for ${failed.length} of ${results.length}: ${failed.join(', ')}.`
  }
  const behind = mirrors.filter(({ failures }) => failures.length > 0).map(({ store }) => store)
  if (behind.length === 0) return `${kind} backup run complete.`
  return `${kind} backup run complete on the volume, but not in ${behind.join(', ')}.`
}

function hasFailed(result: CycleResult): boolean {
  return !result.ok || result.pruneError !== null
}

function errorsIn({ results, mirrors }: CycleReport): readonly unknown[] {
  const ofDatabases = results
    .filter(hasFailed)
    .map((result) => (result.ok ? result.pruneError : result.error))
  return [...ofDatabases, ...errorsOfMirrors(mirrors)]
}

/** A defect is not the user's failure, and must not look like one. */
function statusOf(errors: readonly unknown[]): number {
  if (errors.length === 0) return exitStatus.good
  return errors.every((error) => error instanceof Refusal) ? exitStatus.failed : exitStatus.defect
}
