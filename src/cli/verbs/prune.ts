import { exitStatus, Refusal } from '../../model/index.ts'
import {
  type Appliance,
  deleteByFilter,
  planDeletion,
  planPruning,
  pruneAll,
  type Selection,
} from '../../operations/index.ts'
import { ask, type Consent, refuseWithoutAnswer } from '../confirm.ts'
import { prettySize } from '../format.ts'
import {
  decisionsDocument,
  deletionsDocument,
  plansDocument,
  showDeletion,
  showMatches,
  showNoMatch,
  showPlans,
  showPruned,
} from '../prune-lines.ts'
import { chosen, type Session } from '../session.ts'

export async function prune(session: Session): Promise<number> {
  const { request, appliance, screen } = session
  const databases = chosen(request, appliance)
  await refuseWithoutFolder(appliance)
  if (request.filter !== null) {
    const only = request.only === null ? null : (databases[0] ?? null)
    return await deleteMatching(session, { filter: request.filter, only })
  }
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

/** A cycle makes the folder of its backups; pruning one that is not there is a mistyped name. */
async function refuseWithoutFolder({ volume }: Appliance): Promise<void> {
  if (await volume.exists()) return
  throw new Refusal(`There is no folder ${volume.root}.`, {
    advice: 'Correct BACKUP_DIR, or mount the volume there.',
    exitStatus: 2,
  })
}

async function deleteMatching(session: Session, selection: Selection): Promise<number> {
  const { request, appliance, screen, input } = session
  const { assumeYesWithoutTty } = appliance.configuration.settings
  if (request.dryRun) {
    const decisions = await planDeletion(appliance, selection)
    if (request.json) screen.document(decisionsDocument(decisions))
    else showMatches(screen, decisions)
    return exitStatus.good
  }
  const given = request.yes || (assumeYesWithoutTty && !input.isTTY)
  const consent: Consent = { given, input, signal: appliance.signal }
  refuseWithoutAnswer(consent)
  const label = (path: string): string => appliance.volume.label(path)
  const deletions = await deleteByFilter(appliance, selection, {
    asks: !given,
    confirm: ({ path, bytes }) => ask(`Delete ${label(path)} (${prettySize(bytes)})?`, consent),
    report: (deletion) => {
      if (!request.json) showDeletion(screen, deletion, label(deletion.path))
    },
  })
  if (request.json) screen.document(deletionsDocument(deletions))
  else if (deletions.length === 0) showNoMatch(screen)
  const refused = deletions.some(({ outcome }) => outcome === 'protected')
  return refused ? exitStatus.failed : exitStatus.good
}
