import { emailOptionsOf, noticeSettingsOf, type Settings } from '../config/index.ts'
import type { Screen } from './screen.ts'

const pingNames = { start: 'PING_START_URL', good: 'PING_URL', failed: 'PING_FAIL_URL' } as const

/** Which channels people are told by, by their variables: the addresses are secrets. */
export function showNotices(screen: Screen, settings: Settings): void {
  const { webhooks, pager, pings, summary } = noticeSettingsOf(settings)
  const mail = emailOptionsOf(settings)
  const channels = [
    ...webhooks.map(({ name, format, level }) => `${name} (${format}, from ${level} on)`),
    ...(pager === null ? [] : ['PGDUTY_URL (errors)']),
    ...(mail === null
      ? []
      : [
          `EMAIL_TO (${mail.to.length} by ${mail.host}:${mail.port}, TLS ${mail.tls}, from ${mail.level} on)`,
        ]),
  ]
  const asked = (['start', 'good', 'failed'] as const).filter((kind) => pings[kind] !== null)
  screen.say(`- Notices: ${summary ? 'one for each run' : 'one for each event'}`)
  screen.say(`- Channels of notices: ${channels.length === 0 ? 'none' : ''}`.trimEnd())
  for (const channel of channels) screen.say(`  - ${channel}`)
  const names = asked.map((kind) => pingNames[kind]).join(', ')
  screen.say(`- Pings: ${names === '' ? 'none' : names}`)
}
