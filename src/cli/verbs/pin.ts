import { exitStatus } from '../../model/index.ts'
import { pin } from '../../operations/index.ts'
import type { Session } from '../session.ts'

export async function pinBackup(session: Session): Promise<number> {
  return await setPin(session, session.request.pin ?? '', true)
}

export async function unpinBackup(session: Session): Promise<number> {
  return await setPin(session, session.request.unpin ?? '', false)
}

async function setPin(
  { request, appliance, screen }: Session,
  written: string,
  on: boolean,
): Promise<number> {
  const path = await pin(appliance, written, { on })
  if (request.json) screen.document({ path, pinned: on })
  else if (on) screen.say(`Pinned ${path}: nothing deletes it until --unpin.`, 'green')
  else screen.say(`Unpinned ${path}: the policy decides about it again.`, 'green')
  return exitStatus.good
}
