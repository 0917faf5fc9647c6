import { exitStatus } from '../../model/index.ts'
import { lastRuns, readStatus, statusDocument } from '../../operations/index.ts'
import { chosen, type Session } from '../session.ts'
import { showCopies, showLastRuns, showStatus } from '../status-lines.ts'

/** How many runs `--status --only` lists. */
const shownRuns = 10

export async function status({ request, appliance, screen }: Session): Promise<number> {
  const databases = chosen(request, appliance)
  const statuses = await readStatus(appliance, databases)
  const [only] = request.only === null ? [] : databases
  const runs = only === undefined ? null : await lastRuns(appliance, only, { limit: shownRuns })
  if (request.json) screen.document(statusDocument(statuses, runs))
  else {
    showStatus(screen, statuses)
    if (runs !== null) {
      showLastRuns(screen, runs)
      for (const each of statuses) showCopies(screen, each)
    }
  }
  return statuses.every(({ ok }) => ok) ? exitStatus.good : exitStatus.failed
}
