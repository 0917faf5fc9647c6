import { findDatabase } from '../../config/index.ts'
import { exitStatus } from '../../model/index.ts'
import { acceptAnomaly } from '../../operations/index.ts'
import type { Session } from '../session.ts'

export async function accept({ request, appliance, screen }: Session): Promise<number> {
  const database = findDatabase(appliance.configuration, request.accept ?? '')
  const anomaly = await acceptAnomaly(appliance, database)
  const { written } = database.spec
  if (request.json) {
    screen.document({
      spec: written,
      path: anomaly?.shownBy.path ?? null,
      accepted: anomaly !== null,
    })
  } else if (anomaly === null) {
    screen.say(
      `The newest backup of ${written} is nothing remarkable; there was nothing to accept.`,
    )
  } else {
    const noun = anomaly.what === 'rows' ? 'fewer rows' : 'less data'
    screen.say(
      `Accepted: ${anomaly.shownBy.path} rightly has ${anomaly.fellBy} % ${noun} than ${anomaly.before.path}.`,
      'green',
    )
  }
  return exitStatus.good
}
