import { exitStatus } from '../../model/index.ts'
import { listBackups, viewOfStore } from '../../operations/index.ts'
import { listingDocument, showBackupsIn } from '../listing.ts'
import type { Session } from '../session.ts'
import { showCurrentBackups } from '../show-current-backups.ts'

export async function list(session: Session): Promise<number> {
  const { request, screen } = session
  const appliance = await viewOfStore(session.appliance, request.from)
  if (!request.json) {
    if (appliance === session.appliance) await showCurrentBackups(screen, appliance)
    else showBackupsIn(screen, appliance, await listBackups(appliance, { live: false }))
    return exitStatus.good
  }
  const listing = await listBackups(appliance, { live: false })
  screen.document(listingDocument(listing, request.from))
  return exitStatus.good
}
