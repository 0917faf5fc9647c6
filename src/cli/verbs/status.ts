import { exitStatus } from '../../model/index.ts'
import { readStatus } from '../../operations/index.ts'
import { chosen, type Session } from '../session.ts'
import { showStatus, statusDocument } from '../status-lines.ts'

export async function status({ request, appliance, screen }: Session): Promise<number> {
  const statuses = await readStatus(appliance, chosen(request, appliance))
  if (request.json) screen.document(statusDocument(statuses))
  else showStatus(screen, statuses)
  return statuses.every(({ ok }) => ok) ? exitStatus.good : exitStatus.failed
}
