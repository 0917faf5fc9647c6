import type { Notice, NoticeChannel, Secret } from '../model/index.ts'
import type { Sender } from './bodies.ts'
import type { HttpClient } from './http.ts'

export interface PagerOptions {
  readonly url: Secret
  readonly serviceKey: Secret
  readonly timeoutMs: number
  readonly sender: Sender
}

/** Of a description, in characters; events v1 refuses longer ones. */
const longestDescription = 1_024

/** Incidents of PagerDuty (events v1): errors only, with the fields of the original, and details. */
export function openPager(http: HttpClient, options: PagerOptions): NoticeChannel {
  const { url, serviceKey, timeoutMs, sender } = options
  const name = 'PGDUTY_URL'
  const headers = { 'content-type': 'application/json' }
  return {
    name,
    level: 'ERROR',
    timeoutMs,
    async send(notice, signal) {
      const body = JSON.stringify({
        service_key: serviceKey.reveal(),
        event_type: 'trigger',
        description: descriptionOf(notice.message),
        details: detailsOf(notice, sender),
      })
      await http.send({ name, url, method: 'POST', headers, body, timeoutMs }, signal)
    },
  }
}

function descriptionOf(message: string): string {
  const line = message.replaceAll('\n', ' ').toWellFormed()
  if (line.length <= longestDescription) return line
  return `${line.slice(0, longestDescription - 1).replace(/\p{Surrogate}$/u, '')}…`
}

/** Two appliances may page the same people, and a description is on one line. */
function detailsOf(notice: Notice, { friendlyName, name }: Sender): unknown {
  const { kind, at, spec, message, figures, isLate } = notice
  return {
    event: kind,
    at: at.toISOString(),
    deliveredLate: isLate,
    spec: spec ?? undefined,
    databases: figures.databases?.filter(({ ok }) => !ok).map((row) => row.spec),
    projectFriendlyName: friendlyName ?? undefined,
    projectName: name ?? undefined,
    message: message.toWellFormed(),
  }
}
