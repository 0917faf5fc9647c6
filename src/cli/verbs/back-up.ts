import { exitStatus, Refusal } from '../../model/index.ts'
import { backUpAll, type CycleResult, scheduledTrigger } from '../../operations/index.ts'
import { cycleDocument } from '../cycle-document.ts'
import { chosen, modeOf, type Session } from '../session.ts'
import { settingsDocument, showSettings } from '../settings-block.ts'
import { showCurrentBackups } from '../show-current-backups.ts'

export async function backUp(session: Session): Promise<number> {
  const { request, appliance } = session
  const databases = chosen(request, appliance)
  const trigger = request.once ? 'once' : scheduledTrigger(appliance)
  showBeginning(session)
  const results = await backUpAll(appliance, {
    databases,
    trigger,
    onlyDue: !request.once && request.only === null,
  })
  await showEnd(session, results)
  return statusOf(results.filter(hasFailed))
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
  results: readonly CycleResult[],
): Promise<void> {
  if (request.json) return screen.document(cycleDocument(results))
  const failed = results.filter(hasFailed).map(({ database }) => database.spec.written)
  const kind = request.once ? 'Single' : 'Scheduled'
  const text =
    failed.length === 0
      ? `${kind} backup run complete.`
      : `${kind} backup run failed for ${failed.length} of ${results.length}: ${failed.join(', ')}.`
  if (log !== null) {
    const level = failed.length === 0 ? 'info' : 'error'
    return log.write(level, 'cycle-ended', { databases: results.length, failed, message: text })
  }
  screen.say()
  await showCurrentBackups(screen, appliance)
  if (failed.length === 0) screen.say(text, 'green')
  else screen.tell(`[!!ERROR!!] - ${text}`, 'red')
}

function hasFailed(result: CycleResult): boolean {
  return !result.ok || result.pruneError !== null
}

/** A defect is not the user's failure, and must not look like one. */
function statusOf(failed: readonly CycleResult[]): number {
  if (failed.length === 0) return exitStatus.good
  const errors = failed.map((result) => (result.ok ? result.pruneError : result.error))
  return errors.every((error) => error instanceof Refusal) ? exitStatus.failed : exitStatus.defect
}
