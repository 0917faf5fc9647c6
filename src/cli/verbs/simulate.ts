import { exitStatus, parseSpan, Refusal } from '../../model/index.ts'
import { forecast } from '../../operations/index.ts'
import { forecastsDocument, showForecast } from '../forecast-lines.ts'
import { chosen, type Session } from '../session.ts'

export async function simulate({ request, appliance, screen }: Session): Promise<number> {
  const seconds = secondsOf(request.simulate ?? '')
  const forecasts = forecast(appliance, chosen(request, appliance), seconds)
  if (request.json) screen.document(forecastsDocument(forecasts))
  else for (const one of forecasts) showForecast(screen, one)
  return exitStatus.good
}

/** Ten years of backups tell no more than two. */
const longestSeconds = 3_660 * 86_400

function secondsOf(text: string): number {
  const read = parseSpan(text)
  if ('value' in read && read.value > 0 && read.value <= longestSeconds) return read.value
  throw new Refusal(`"${text}" is no time to simulate.`, {
    reason: 'problem' in read ? read.problem : 'It is 0, or longer than ten years.',
    advice: 'Write for example --simulate 400d.',
    exitStatus: exitStatus.usage,
  })
}
