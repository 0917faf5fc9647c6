import { exitStatus, Refusal } from '../../model/index.ts'
import { backUpAll, type CycleResult } from '../../operations/index.ts'
import { cycleDocument } from '../cycle-document.ts'
import { chosen, modeOf, type Session } from '../session.ts'
import { showSettings } from '../settings-block.ts'
import { showCurrentBackups } from '../show-current-backups.ts'

export async function backUp({ request, appliance, screen }: Session): Promise<number> {
  const databases = chosen(request, appliance)
  const trigger = request.once ? 'once' : 'schedule'
  const kind = request.once ? 'Single' : 'Scheduled'
  if (!request.json) {
    screen.say('Starting backup process ...', 'blue')
    screen.say()
    showSettings(screen, {
      configuration: appliance.configuration,
      mode: modeOf(request, appliance),
      now: appliance.clock.now(),
    })
  }
  const results = await backUpAll(appliance, databases, trigger)
  const failed = results.filter(hasFailed)
  if (request.json) screen.document(cycleDocument(results))
  else {
    screen.say()
    await showCurrentBackups(screen, appliance)
    if (failed.length === 0) screen.say(`${kind} backup run complete.`, 'green')
    else screen.tell(failureText(kind, failed, results), 'red')
  }
  return statusOf(failed)
}

function hasFailed(result: CycleResult): boolean {
  return !result.ok || result.pruneError !== null
}

function failureText(
  kind: string,
  failed: readonly CycleResult[],
  all: readonly CycleResult[],
): string {
  const names = failed.map(({ database }) => database.spec.written).join(', ')
  return `[!!ERROR!!] - ${kind} backup run failed for ${failed.length} of ${all.length}: ${names}.`
}

/** A defect is not the user's failure, and must not look like one. */
function statusOf(failed: readonly CycleResult[]): number {
  if (failed.length === 0) return exitStatus.good
  const errors = failed.map((result) => (result.ok ? result.pruneError : result.error))
  return errors.every((error) => error instanceof Refusal) ? exitStatus.failed : exitStatus.defect
}
