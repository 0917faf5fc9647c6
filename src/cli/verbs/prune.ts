import { exitStatus } from '../../model/index.ts'
import { deleteByFilter, planPruning, pruneAll } from '../../operations/index.ts'
import { ask, type Consent, refuseWithoutAnswer } from '../confirm.ts'
import { prettySize } from '../format.ts'
import {
  deletionsDocument,
  plansDocument,
  showDeletions,
  showPlans,
  showPruned,
} from '../prune-lines.ts'
import { chosen, type Session } from '../session.ts'

export async function prune(session: Session): Promise<number> {
  const { request, appliance, screen } = session
  if (request.filter !== null) return await deleteMatching(session, request.filter)
  const databases = chosen(request, appliance)
  if (request.dryRun) {
    const plans = await planPruning(appliance, databases)
    if (request.json) screen.document(plansDocument(plans))
    else showPlans(screen, plans)
    return exitStatus.good
  }
  const plans = await pruneAll(appliance, databases, { scheduled: request.scheduled })
  if (request.json) screen.document(plansDocument(plans))
  else showPruned(screen, plans)
  return exitStatus.good
}

async function deleteMatching(session: Session, filter: string): Promise<number> {
  const { request, appliance, screen, input } = session
  const { assumeYesWithoutTty } = appliance.configuration.settings
  const given = request.yes || (assumeYesWithoutTty && !input.isTTY)
  const consent: Consent = { given, input, signal: appliance.signal }
  if (!request.dryRun) refuseWithoutAnswer(consent)
  const deletions = await deleteByFilter(appliance, filter, async (backup, path) => {
    if (request.dryRun) return false
    return await ask(`Delete ${path} (${prettySize(backup.bytes)})?`, consent)
  })
  if (request.json) screen.document(deletionsDocument(deletions))
  else showDeletions(screen, deletions)
  return exitStatus.good
}
