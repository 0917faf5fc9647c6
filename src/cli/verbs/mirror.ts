import { exitStatus, Refusal } from '../../model/index.ts'
import { mirrorAll, scheduledTrigger } from '../../operations/index.ts'
import { errorsOfMirrors, mirrorDocument } from '../mirror-lines.ts'
import { chosen, type Session } from '../session.ts'

/** Sends what the mirrors lack, and lets them be pruned. */
export async function mirror({ request, appliance, screen }: Session): Promise<number> {
  const outcomes = await mirrorAll(appliance, {
    databases: chosen(request, appliance),
    store: request.from,
    trigger: request.scheduled ? scheduledTrigger(appliance) : 'user',
    patient: request.scheduled,
  })
  if (request.json) screen.document({ mirrors: outcomes.map(mirrorDocument) })
  else {
    for (const { store, copied, repaired, removed, failures } of outcomes) {
      const figures = `${copied.length} copied, ${repaired.length} mended, ${removed.length} pruned`
      if (failures.length === 0) screen.say(`${store}: ${figures}.`, 'green')
      else screen.tell(`${store}: ${figures}, ${failures.length} failed.`, 'red')
    }
  }
  const errors = errorsOfMirrors(outcomes)
  if (errors.length === 0) return exitStatus.good
  return errors.every((error) => error instanceof Refusal) ? exitStatus.failed : exitStatus.defect
}
