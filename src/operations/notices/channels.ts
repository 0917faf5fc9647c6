import {
  emailOptionsOf,
  type NoticeSettings,
  noticeSettingsOf,
  type Settings,
} from '../../config/index.ts'
import type { NoticeChannel } from '../../model/index.ts'
import {
  type HttpClient,
  openEmail,
  openHttpClient,
  openPager,
  openWebhook,
  proxiesIn,
} from '../../notify/index.ts'
import type { Environment } from '../../platform/index.ts'

/** Everywhere that people can be told, with what belongs to it. */
export interface Places {
  readonly channels: readonly NoticeChannel[]
  readonly settings: NoticeSettings
  readonly http: HttpClient
  /** About the way to them. */
  readonly warnings: readonly string[]
}

/** Opens the channels that are configured; none connects before it is used. */
export function placesOf(configured: Settings, environment: Environment): Places {
  const settings = noticeSettingsOf(configured)
  const { webhooks, pager, timeoutMs, sender } = settings
  const { proxies, naming, warnings } = proxiesIn(environment)
  const http = openHttpClient(proxies, naming)
  const hooks = webhooks.map((hook) => openWebhook(http, { ...hook, timeoutMs, sender }))
  const pagers = pager === null ? [] : [openPager(http, { ...pager, timeoutMs, sender })]
  const mail = emailOptionsOf(configured)
  const mails = mail === null ? [] : [openEmail(mail)]
  const channels = [...hooks, ...pagers, ...mails]
  return { channels, settings, http, warnings: channels.length === 0 ? [] : warnings }
}
