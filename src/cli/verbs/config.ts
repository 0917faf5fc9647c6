import { exitStatus } from '../../model/index.ts'
import { modeOf, type Session } from '../session.ts'
import { settingsDocument, showSettings } from '../settings-block.ts'

export async function showConfiguration({ request, appliance, screen }: Session): Promise<number> {
  const view = {
    configuration: appliance.configuration,
    mode: modeOf(request, appliance),
    now: appliance.clock.now(),
  }
  if (request.json) screen.document(settingsDocument(view))
  else {
    screen.say('Listing configuration settings ...', 'blue')
    screen.say()
    showSettings(screen, view)
  }
  return exitStatus.good
}
