import { exitStatus } from '../../model/index.ts'
import { listBackups } from '../../operations/index.ts'
import { listingDocument } from '../listing.ts'
import type { Session } from '../session.ts'
import { showCurrentBackups } from '../show-current-backups.ts'

export async function list({ request, appliance, screen }: Session): Promise<number> {
  if (!request.json) {
    await showCurrentBackups(screen, appliance)
    return exitStatus.good
  }
  screen.document(listingDocument(await listBackups(appliance, { live: false })))
  return exitStatus.good
}
