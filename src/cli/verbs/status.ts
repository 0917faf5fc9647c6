import { exitStatus } from '../../model/index.ts'
import { lastRuns, readSizing, readStatus, statusDocument } from '../../operations/index.ts'
import { chosen, type Session } from '../session.ts'
import { showSizing } from '../sizing-lines.ts'
import { showCopies, showLastRuns, showStatus } from '../status-lines.ts'

/** How many runs `--status --only` lists. */
const shownRuns = 10

export async function status({ request, appliance, screen }: Session): Promise<number> {
  const databases = chosen(request, appliance)
  const statuses = await readStatus(appliance, databases)
  const sizing = await readSizing(appliance, statuses)
  const [only] = request.only === null ? [] : databases
  const runs = only === undefined ? null : await lastRuns(appliance, only, { limit: shownRuns })
  if (request.json) screen.document(statusDocument({ statuses, sizing }, runs))
  else {
    showStatus(screen, statuses)
    // Of one database it would say too little.
    if (runs === null) showSizing(screen, sizing)
    else {
      showLastRuns(screen, runs)
      for (const each of statuses) showCopies(screen, each)
    }
  }
  return statuses.every(({ ok }) => ok) ? exitStatus.good : exitStatus.failed
}
